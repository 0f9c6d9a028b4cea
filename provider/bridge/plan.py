"""What Terraform will show and do: configuration and prior state to planned state. Pure.

The order is that of the Go framework: proposed values, defaults, write-only to null, and, if
anything differs from the prior state, computed values to unknown unless they are stable.
Protocol: PlanResourceChange.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as Names
from typing import Any, NamedTuple

from provider.bridge.attribute import UNSET, Attribute, Change
from provider.bridge.diagnostics import Path
from provider.bridge.schema import Model, attributes
from provider.bridge.values import UNKNOWN, Fields, Tree, wholly_known

_Build = Callable[[type[Model], Fields, Fields | None, Fields], Fields]
_NONE: Names[str] = frozenset()


class Planned(NamedTuple):
    """A planned state, and the paths whose change needs another object."""

    state: Fields
    replacements: list[Path]


def planned_state(
    model: type[Model],
    config: Fields,
    prior: Fields | None,
    proposed: Fields,
    formerly_set: Names[str] = _NONE,
) -> Planned:
    """The state to expect after apply; `prior` is None when an object is to be created.

    `formerly_set` names the top-level attributes the configuration has set before.
    """
    removed = {
        name: a.when_removed
        for name, a in attributes(model).items()
        if a.when_removed is not UNSET and name in formerly_set and config[name] is None
    }
    wanted = _wanted(model, config, prior, proposed) | removed
    if wanted == prior:
        return Planned(wanted, [])
    state = _with_unknowns(model, config, prior, wanted) | removed
    return Planned(state, [] if prior is None else list(_replaced(model, config, prior, state)))


def _wanted(model: type[Model], config: Fields, prior: Fields | None, proposed: Fields) -> Fields:
    """The proposed object with defaults in, write-only values out, and written forms kept."""
    before = prior or {}
    return {
        name: _wanted_value(a, config[name], before.get(name), proposed[name])
        for name, a in attributes(model).items()
    }


def _wanted_value(a: Attribute, config: Tree, prior: Tree, proposed: Tree) -> Tree:
    if a.write_only:
        return None
    if config is None:
        return proposed if a.default is UNSET else a.default
    if a.create_only and prior is not None:
        return prior
    if config is UNKNOWN or a.model is None:
        same = a.same if prior is not None and wholly_known(config) else None
        return prior if same and same(prior, config) else config
    return _rebuilt(a, config, prior, proposed, _wanted)


def _with_unknowns(
    model: type[Model], config: Fields, prior: Fields | None, wanted: Fields
) -> Fields:
    """The wanted object with unknown wherever only the provider can say the value."""
    return {
        name: prior[name]
        if prior is not None and a.stable and config[name] is None and a.default is UNSET
        else _refined(a, config[name], None if prior is None else prior[name], wanted[name])
        for name, a in attributes(model).items()
    }


def _refined(a: Attribute, config: Tree, prior: Tree, wanted: Tree) -> Tree:
    if config is None and a.computed and a.default is UNSET:
        return wanted if a.write_only or a.create_only else UNKNOWN
    if config is None or config is UNKNOWN or a.model is None or a.create_only:
        return wanted
    return _rebuilt(a, config, prior, wanted, _with_unknowns)


def _rebuilt(a: Attribute, config: Tree, prior: Tree, value: Tree, build: _Build) -> Tree:
    """The nested objects of a value, each built anew beside its configured and prior self."""
    by_content = a.nesting == "set"
    beside = _matched(config, prior, value) if by_content else _by_step(a, config, prior, value)
    return a.assembled(
        {
            step: build(a.inner, c, p if isinstance(p, dict) else None, v)
            if isinstance(c, dict) and isinstance(v, dict)
            else v
            for step, c, p, v in beside
        }
    )


def _by_step(
    a: Attribute, config: Tree, prior: Tree, value: Tree
) -> Iterator[tuple[Any, Tree, Tree, Tree]]:
    """Each nested object of the configuration with its step, prior self and value so far."""
    before, values = a.elements(prior), a.elements(value)
    for step, c in a.elements(config).items():
        yield step, c, before.get(step), values.get(step, c)


def _matched(config: Tree, prior: Tree, value: Tree) -> Iterator[tuple[Any, Tree, Tree, Tree]]:
    """The same for a set, whose elements are found again by what is configured of them."""
    priors, values = list(prior or []), list(value or [])
    # The most specific first, so that it gets the element that only it can be.
    for i, c in enumerate(sorted(config, key=_openness)):
        yield i, c, _taken(c, priors), _taken(c, values) or c


def _openness(config: Tree) -> int:
    """How much of a set element is left to the provider."""
    return sum(v is None for v in config.values()) if isinstance(config, dict) else 0


def _taken(config: Tree, candidates: list[Tree]) -> Tree:
    """The first candidate the configured element could be, taken out of the list."""
    found = next((c for c in candidates if _could_be(config, c)), None)
    if found is not None:
        candidates.remove(found)
    return found


def _could_be(config: Tree, candidate: Tree) -> bool:
    """A set element may be what the configured element became: all it configures is equal."""
    if not (isinstance(config, dict) and isinstance(candidate, dict)):
        return False
    return all(v is None or v is UNKNOWN or candidate[name] == v for name, v in config.items())


def _replaced(
    model: type[Model], config: Fields, prior: Fields, planned: Fields, at: Path = ()
) -> Iterator[Path]:
    """The paths that differ and whose difference needs another object; none inside sets."""
    for name, a in attributes(model).items():
        p, r, path = prior[name], planned[name], (*at, name)
        if a.replaces(Change(p, r, config[name])):
            yield path
        elif a.model and a.nesting != "set":
            after = a.elements(r)
            asked = a.elements(r if config[name] is None else config[name])
            for step, before in a.elements(p).items():
                now = after.get(step)
                if isinstance(before, dict) and isinstance(now, dict):
                    inside = path if step is None else (*path, step)
                    yield from _replaced(a.model, asked.get(step) or now, before, now, inside)

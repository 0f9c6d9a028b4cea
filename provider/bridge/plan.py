"""What Terraform will show and do: configuration and prior state to planned state. Pure.

The order is that of the Go framework: proposed values, defaults, write-only to null, and, if
anything differs from the prior state, computed values to unknown unless they are stable.
Protocol: PlanResourceChange.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as Names
from typing import Any, NamedTuple, TypeAlias

from provider.bridge.attribute import UNSET, Attribute, Change
from provider.bridge.diagnostics import Path
from provider.bridge.schema import Model, attributes
from provider.bridge.types import conform
from provider.bridge.values import UNKNOWN, Fields, Tree, wholly_known

_Beside: TypeAlias = Iterator[tuple[Any, Tree, Fields | None, Tree]]


class Planned(NamedTuple):
    """A planned state, and the paths whose change needs another object."""

    state: Fields
    replacements: list[Path]


def planned_state(
    model: type[Model],
    config: Fields,
    prior: Fields | None,
    proposed: Fields,
    formerly_set: Names[str] = frozenset(),
) -> Planned:
    """The state to expect after apply; `prior` is None when an object is to be created.

    `formerly_set` names the top-level attributes the configuration has set before.
    """
    removed = {
        name: a.when_removed
        for name, a in attributes(model).items()
        if a.when_removed is not UNSET and name in formerly_set and config[name] is None
    }
    state = _object(model, config, prior, proposed, changed=False) | removed
    if state == prior:
        return Planned(state, [])
    state = _object(model, config, prior, proposed, changed=True) | removed
    return Planned(state, [] if prior is None else list(_replaced(model, config, prior, state)))


def _object(
    model: type[Model], config: Fields, prior: Fields | None, proposed: Fields, *, changed: bool
) -> Fields:
    """The proposed object with defaults in, write-only values out, and written forms kept.

    When it is `changed`, with unknown wherever only the provider can say the value.
    """
    planned = dict.fromkeys(config)
    for name, a in attributes(model).items():
        if not a.write_only:
            c, p, r = config[name], prior and prior[name], proposed[name]
            r = _left_open(a, prior, r, changed) if c is None else _configured(a, c, p, r, changed)
            planned[name] = conform(a.type, a.modify(Change(p, r, c))) if a.modify else r
    return planned


def _left_open(a: Attribute, prior: Fields | None, proposed: Tree, changed: bool) -> Tree:
    """What is planned where nothing is configured."""
    if a.default is not UNSET:
        said = prior and prior[a.name]
        return said if a.same and said is not None and a.same(said, a.default) else a.default
    if not changed or not a.computed or a.create_only:
        return proposed
    return prior[a.name] if prior is not None and a.stable else UNKNOWN


def _configured(a: Attribute, config: Tree, prior: Tree, proposed: Tree, changed: bool) -> Tree:
    """What is planned for a configured value: it, or its prior form."""
    if a.create_only and prior is not None:
        return prior
    if config is UNKNOWN or a.model is None:
        same = a.same if prior is not None and wholly_known(config) else None
        return prior if same and same(prior, config) else config
    pairs = _by_content if a.nesting == "set" else _by_step
    return a.assembled(
        {
            step: _object(a.inner, c, p, v, changed=changed)
            if isinstance(c, dict) and isinstance(v, dict)
            else v
            for step, c, p, v in pairs(a, config, prior, proposed)
        }
    )


def _by_step(a: Attribute, config: Tree, prior: Tree, value: Tree) -> _Beside:
    """Each nested object of the configuration with its step, prior self and value so far."""
    before, values = a.elements(prior), a.elements(value)
    for step, c in a.elements(config).items():
        yield step, c, before.get(step), values.get(step, c)


def _by_content(_: Attribute, config: Tree, prior: Tree, value: Tree) -> _Beside:
    """The same for a set, whose elements are found again by what is configured of them."""
    priors, values = list(prior or []), list(value or [])
    # The most detailed first, so that it gets the element that only it can be.
    for i, c in enumerate(sorted(config, key=_detail, reverse=True)):
        yield i, c, _taken(c, priors), _taken(c, values) or c


def _detail(config: Tree) -> int:
    """How much of a set element is configured."""
    match config:
        case dict():
            return 1 + sum(map(_detail, config.values()))
        case list():
            return 1 + sum(map(_detail, config))
    return config is not None


def _taken(config: Tree, candidates: list[Tree]) -> Tree:
    """The first candidate the configured element could be, taken out of the list."""
    if not isinstance(config, dict):
        return None
    found = next((c for c in candidates if _could_be(config, c)), None)
    if found is not None:
        candidates.remove(found)
    return found


def _could_be(config: Tree, candidate: Tree) -> bool:
    """A value may be what the configured one became: all that this configures is equal."""
    match config, candidate:
        case dict(), dict():
            same = config.keys() == candidate.keys()
            return same and all(_could_be(v, candidate[name]) for name, v in config.items())
        case list(), list():
            nulls = [e is None for e in config] == [e is None for e in candidate]
            return nulls and all(map(_could_be, config, candidate))
    return config is None or config is UNKNOWN or config == candidate


def _replaced(
    model: type[Model], config: Fields, prior: Fields, planned: Fields, at: Path = ()
) -> Iterator[Path]:
    """The paths that differ and whose difference needs another object; none inside sets."""
    for name, a in attributes(model).items():
        p, r, path = prior[name], planned[name], (*at, name)
        if a.replaces(Change(p, r, config[name])):
            yield path
        elif a.model and a.nesting != "set":
            before = a.elements(p)
            asked = a.elements(r if config[name] is None else config[name])
            for step, inside, now in a.objects(r, path):
                was = before.get(step) or dict.fromkeys(now)
                yield from _replaced(a.model, asked.get(step) or now, was, now, inside)

"""Terraform's own rules for planned and new states, tried on every answer before it leaves.

A violation is a fault of the provider, found by us before Terraform finds it.
Protocol: "Provider produced invalid plan" and "inconsistent result after apply".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import DiagnosticError, Path, spelled
from provider.bridge.schema import Model, attributes
from provider.bridge.values import UNKNOWN, Dynamic, Fields, Tree, wholly_known

Violation: TypeAlias = tuple[Path, str]


def plan_violations(
    model: type[Model], config: Fields, prior: Fields | None, planned: Fields, at: Path = ()
) -> Iterator[Violation]:
    """Where a planned state is neither what is configured, nor prior, nor the provider's own."""
    before = prior or {}
    for name, a in attributes(model).items():
        yield from _planned(a, config[name], before.get(name), planned[name], (*at, name))


def _planned(a: Attribute, c: Tree, p: Tree, r: Tree, at: Path) -> Iterator[Violation]:
    if a.write_only:
        if r is not None:
            yield at, "a write-only value may not be planned"
    elif c is None:
        if r is not None and not a.computed:
            yield at, "a value is planned for an attribute the configuration leaves unset"
    elif r == c or (p is not None and r == p):
        return
    elif a.model is None or c is UNKNOWN or r is UNKNOWN or r is None:
        yield at, "the planned value is neither the configured nor the prior one"
    else:
        yield from _planned_elements(a, c, p, r, at)


def _planned_elements(a: Attribute, c: Tree, p: Tree, r: Tree, at: Path) -> Iterator[Violation]:
    asked, given, before = a.elements(c), a.elements(r), a.elements(p)
    if asked.keys() != given.keys():
        yield at, "the plan has other elements than the configuration"
    elif a.nesting != "set":
        for step, inside, config in a.objects(c, at):
            if isinstance(given[step], dict):
                yield from plan_violations(a.inner, config, before.get(step), given[step], inside)


def apply_violations(model: type[Model], planned: Fields, state: Fields) -> Iterator[Violation]:
    """Where a new state is unknown, or breaks a promise of the plan."""
    for name, a in attributes(model).items():
        value, path = state[name], (name,)
        if a.write_only and value is not None:
            yield path, "a write-only value may not be stored"
        elif not wholly_known(value):
            yield path, "the value is still unknown after apply"
        elif not _kept(planned[name], value):
            yield path, "the value is not the one that was planned"


def _kept(planned: Tree, value: Tree) -> bool:
    """Everything known in the plan is the same in the value."""
    if planned is UNKNOWN or planned == value:
        return True
    match planned, value:
        case Dynamic(), Dynamic() if not wholly_known(planned):
            return _kept(planned.value, value.value)
        case dict(), dict():
            same_keys = planned.keys() == value.keys()
            return same_keys and all(_kept(planned[key], value[key]) for key in planned)
        case list(), list():
            return _kept_elements(planned, value)
    return False


def _kept_elements(planned: list[Tree], value: list[Tree]) -> bool:
    """By place, for sets are sorted as well; with unknowns, a set has each of them somewhere."""
    if len(planned) == len(value) and all(map(_kept, planned, value)):
        return True
    if wholly_known(planned):
        return False
    somewhere = all(any(_kept(p, v) for v in value) for p in planned)
    return somewhere and len(value) <= len(planned)


def unknowns(state: Fields) -> Iterator[Violation]:
    """Where a state that has to be known is not."""
    for name, value in state.items():
        if not wholly_known(value):
            yield (name,), "the value is unknown"


def refuse(violations: Iterable[Violation], step: str) -> None:
    """Report broken rules of Terraform as what they are: faults of the provider."""
    found = [f"{spelled(path)}: {text}" for path, text in violations]
    if found:
        raise DiagnosticError(
            f"Provider broke a rule of Terraform in {step}",
            "This is always a fault of the provider; please report it. " + "; ".join(found),
        )

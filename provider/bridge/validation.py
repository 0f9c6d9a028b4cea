"""What is wrong with a configuration by itself, whatever it configures.

Only what is known is tried: Terraform asks again, with better values, before it acts.
Protocol: ValidateResourceConfig and its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator

from provider.bridge.attribute import Attribute
from provider.bridge.checks import Check
from provider.bridge.diagnostics import DiagnosticError, Path, raise_all, spelled
from provider.bridge.schema import Model, every_attribute
from provider.bridge.values import (
    UNKNOWN,
    Fields,
    Tree,
    UnknownUsedError,
    known,
    shown,
    wholly_known,
)


def validate(model: type[Model], config: Fields, at: Path = ()) -> None:
    """Refuse, all at once, the known values that break a rule of their attribute."""
    places = list(every_attribute(model, config, at))
    secret = {path for a, _, path in places if a.sensitive or a.write_only}
    problems: list[DiagnosticError] = []
    for a, fields, path in places:
        is_secret = any(path[:size] in secret for size in range(len(path) + 1))
        problems += [
            *_across(a, fields, path),
            *_misplaced(a, fields, path),
            *_broken(a, fields[a.name], path, is_secret),
        ]
    raise_all(problems)


def refuse_write_only(model: type[Model], config: Fields) -> None:
    """Refuse values that are not to be stored from a Terraform that would store them."""
    for a, fields, path in every_attribute(model, config):
        if a.write_only and fields[a.name] is not None:
            detail = f"`{a.name}` is write-only, which needs Terraform 1.11 or later."
            raise DiagnosticError("Write-only attributes are not supported", detail, path)


def _across(a: Attribute, fields: Fields, path: Path) -> Iterator[DiagnosticError]:
    for rule in a.across:
        asked = [a.beside[name] for name in (a.name, *rule.others)]
        if all(known(fields[one.name]) for one in asked):
            given = [one.is_given(fields[one.name]) for one in asked]
            if not rule.holds(sum(given), given[0]):
                detail = f"`{a.name}` {rule.rule}."
                yield DiagnosticError("Attributes do not go together", detail, path)


def _misplaced(a: Attribute, fields: Fields, path: Path) -> Iterator[DiagnosticError]:
    """What Terraform itself does not check: required nulls, and values that nobody can set."""
    value = fields[a.name]
    if a.required and value is None:
        yield DiagnosticError("Missing required argument", f"`{a.name}` must not be null.", path)
    if value is not None and not (a.required or a.optional):
        detail = f"`{a.name}` is decided by the provider. Remove it from the configuration."
        yield DiagnosticError("Read-only attribute is set", detail, path)


def _broken(a: Attribute, value: Tree, path: Path, is_secret: bool) -> Iterator[DiagnosticError]:
    if value is None or value is UNKNOWN:
        return
    if a.model is None:
        try:
            a.hint.typed(value, path)
        except DiagnosticError as error:
            yield error
            return
    for check in a.checks:
        if not _holds(check, value):
            detail = (
                f"`{a.name}` {check.rule}; it is {'(sensitive)' if is_secret else shown(value)}."
            )
            yield DiagnosticError(f"Invalid value of {spelled(path)}", detail, path)
    counted = a.block and a.nesting in ("list", "set") and wholly_known(value)
    if counted and not a.min_items <= len(value) <= (a.max_items or len(value)):
        detail = f"`{a.name}` blocks: at least {a.min_items}, at most {a.max_items or 'any'}."
        yield DiagnosticError(f"Wrong number of {a.name} blocks", detail, path)


def _holds(check: Check, value: Tree) -> bool:
    """The rule holds, as far as the value is known."""
    try:
        return check.holds(value)
    except UnknownUsedError:
        return True

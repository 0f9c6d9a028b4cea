"""What is wrong with a configuration by itself, whatever it configures.

Only what is known is tried: Terraform asks again, with better values, before it acts.
Protocol: ValidateResourceConfig and its siblings.
"""

from __future__ import annotations

from collections.abc import Iterator

from provider.bridge.checks import Check
from provider.bridge.diagnostics import DiagnosticError, Path, raise_all
from provider.bridge.plan import Fields
from provider.bridge.schema import Attribute, Model, attributes
from provider.bridge.trees import elements, typed
from provider.bridge.values import UNKNOWN, Tree, UnknownUsedError, known, wholly_known


def validate(model: type[Model], config: Fields, at: Path = ()) -> None:
    """Refuse, all at once, the known values that break a rule of their attribute."""
    raise_all(list(_problems(model, config, at)))


def _problems(model: type[Model], config: Fields, at: Path) -> Iterator[DiagnosticError]:
    for name, a in attributes(model).items():
        value, path = config[name], (*at, name)
        yield from _across(a, config, path)
        yield from _misplaced(a, value, path)
        if value is None or value is UNKNOWN:
            continue
        yield from _broken(a, value, path)
        if a.model is not None:
            for step, element in elements(a, value):
                if isinstance(element, dict):
                    inner = path if step is None or a.nesting == "set" else (*path, step)
                    yield from _problems(a.model, element, inner)


def _misplaced(a: Attribute, value: Tree, path: Path) -> Iterator[DiagnosticError]:
    """What Terraform itself does not check: required nulls, and values that nobody can set."""
    if a.required and value is None:
        yield DiagnosticError("Missing required argument", f"`{a.name}` must not be null.", path)
    if value is not None and not (a.required or a.optional):
        detail = f"`{a.name}` is decided by the provider. Remove it from the configuration."
        yield DiagnosticError("Read-only attribute is set", detail, path)


def refuse_write_only(model: type[Model], config: Fields, at: Path = ()) -> None:
    """Refuse values that are not to be stored from a Terraform that would store them."""
    for name, a in attributes(model).items():
        value, path = config[name], (*at, name)
        if a.write_only and value is not None:
            detail = f"`{name}` is write-only, which needs Terraform 1.11 or later."
            raise DiagnosticError("Write-only attributes are not supported", detail, path)
        if a.model is not None and value is not None and value is not UNKNOWN:
            for step, element in elements(a, value):
                if isinstance(element, dict):
                    refuse_write_only(a.model, element, path if step is None else (*path, step))


def _broken(a: Attribute, value: Tree, path: Path) -> Iterator[DiagnosticError]:
    if a.model is None:
        try:
            typed(a.hint, value, path)
        except DiagnosticError as error:
            yield error
            return
    for check in a.checks:
        if not _holds(check, value):
            shown = "(sensitive)" if a.sensitive else f"{value!r:.200}"
            detail = f"`{a.name}` {check.rule}; it is {shown}."
            yield DiagnosticError(f"Invalid value of {a.name}", detail, path)
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


def _across(a: Attribute, config: Fields, path: Path) -> Iterator[DiagnosticError]:
    for rule in a.across:
        values = [config[a.name], *(config[other] for other in rule.others)]
        if all(map(known, values)):
            count = sum(value is not None for value in values)
            if not rule.holds(count, values[0] is not None):
                detail = f"`{a.name}` {rule.rule}."
                yield DiagnosticError("Attributes do not go together", detail, path)

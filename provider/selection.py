"""One object out of those found: what is said when there is none, or more than one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from provider.bridge import DiagnosticError, shown

R = TypeVar("R", bound=Mapping[str, Any])

SHOWN: Final = 10


def exactly_one(
    kind: str,
    asked: Mapping[str, object],
    found: Sequence[R],
    line: Callable[[R], str],
    hint: str = "",
) -> R:
    """The one object found; none and several are errors that repeat what was asked for."""
    given = {name: value for name, value in asked.items() if value is not None}
    wanted = ", ".join(f"{name} {shown(value)}" for name, value in given.items())
    if not found:
        raise DiagnosticError(
            f"No {kind} found",
            f"There is no {kind} with {wanted} in this account and location.\n\nCorrect the "
            "arguments, or the `location` of the provider block.",
        )
    if len(found) > 1:
        raise DiagnosticError(
            f"Several {kind}s found",
            f"{len(found)} {kind}s fit{f' {wanted}' if wanted else ''}:\n\n"
            f"{_listed(found, line)}\n\nAsk more precisely, {hint}or give the UUID of the one you "
            "mean.",
        )
    return found[0]


def _listed(found: Sequence[R], shown: Callable[[R], str]) -> str:
    lines = [f"  {record['uuid']}: {shown(record)}" for record in found[:SHOWN]]
    hidden = len(found) - len(lines)
    return "\n".join(lines + ([f"  and {hidden} more"] if hidden else []))

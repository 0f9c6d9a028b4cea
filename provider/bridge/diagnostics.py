"""What a practitioner is told: diagnostics, and the exceptions that become them.

Protocol: Diagnostic and AttributePath.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple, TypeAlias


class Key(str):
    """A step into a map; a plain string is a step to an attribute."""

    __slots__ = ()


Path: TypeAlias = tuple[str | int, ...]
Reason: TypeAlias = Literal["RESOURCE_CONFIG_UNKNOWN", "PROVIDER_CONFIG_UNKNOWN", "ABSENT_PREREQ"]


class Diagnostic(NamedTuple):
    """A message for the practitioner, placed on an attribute when one is to blame."""

    severity: Literal["error", "warning"]
    summary: str
    detail: str
    path: Path = ()


def told(summary: object, detail: object, at: str | Iterable[object]) -> tuple[str, str, Path]:
    """A message and its place as a diagnostic has them, of whatever an author gives for them."""
    path = [
        s if isinstance(s, str | int) else str(s) for s in ([at] if isinstance(at, str) else at)
    ]
    return str(summary), str(detail), tuple(path)


class DiagnosticError(Exception):
    """A failure that already says what the practitioner needs to know."""

    def __init__(self, summary: str, detail: str, attribute: str | Path = ()) -> None:
        super().__init__(summary, detail)
        self.summary, self.detail, self.path = told(summary, detail, attribute)

    def __str__(self) -> str:
        place = f" (at {spelled(self.path)})" if self.path else ""
        return f"{self.summary}: {self.detail}{place}"


class Deferred(DiagnosticError):  # noqa: N818 - a wish, not a fault
    """The answer has to wait for something else; an error where Terraform cannot wait."""

    def __init__(self, summary: str, detail: str, reason: Reason = "ABSENT_PREREQ") -> None:
        super().__init__(summary, detail)
        self.reason = reason


class Interruption(Exception):  # noqa: N818 - an event, not a fault
    """Why an operation ended early: a summary, and a detail with a place for what it was."""


class Stopped(Interruption):
    """Terraform asked to stop (Ctrl-C) while an operation was waiting."""

    def __init__(self) -> None:
        super().__init__(
            "Operation stopped",
            "You asked Terraform to stop while it waited to {}. What exists is in the state; run "
            "terraform apply again to go on.",
        )


class TimedOut(Interruption):
    """The time the practitioner allows for an operation is over."""

    def __init__(self) -> None:
        super().__init__(
            "Operation timed out",
            "There was no time left to {}. Raise the limit in its `timeouts` block, if it has one "
            "for that, then run terraform apply again.",
        )


class FunctionError(Exception):
    """A provider function refuses its arguments; `argument` is the zero-based culprit."""

    def __init__(self, text: str, argument: int | None = None) -> None:
        super().__init__(text)
        self.argument = argument


def spelled(path: Path) -> str:
    """The path as a practitioner writes it, for example rules[0].ports["http"]."""
    out = ""
    for step in path:
        match step:
            case Key():
                out += f'["{step}"]'
            case int():
                out += f"[{step}]"
            case _:
                out += f".{step}" if out else step
    return out


def leaves(error: BaseException) -> Iterator[BaseException]:
    """The single failures in a group of failures, or the failure itself."""
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from leaves(part)
    else:
        yield error


def raise_all(errors: list[DiagnosticError]) -> None:
    """Raise what was collected: nothing, the one, or all as a group."""
    if len(errors) == 1:
        raise errors[0]
    if errors:
        raise ExceptionGroup("several problems", errors)

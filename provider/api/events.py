"""What is told about exchanges while they happen, to whoever keeps a log."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Log = Callable[[str, Mapping[str, object]], None]


def _silent(_event: str, _fields: Mapping[str, object]) -> None:
    """A log that keeps nothing."""


class Events(NamedTuple):
    """Where events go: each exchange and each step of a wait to `log`, bodies to `trace`.

    Neither receives headers or credentials.
    """

    log: Log = _silent
    trace: Log = _silent


SILENT = Events()

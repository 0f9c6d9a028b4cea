"""One line of the table that `make bench` prints."""

from __future__ import annotations

from typing import NamedTuple


class Row(NamedTuple):
    """What was promised and what was found; `peer` is what it is compared with, in words."""

    what: str
    target: str
    measured: str
    passed: bool
    peer: str = ""
    ratio: float | None = None

    def record(self) -> dict[str, object]:
        """The row as it is written to the file of results."""
        return {
            "what": self.what,
            "target": self.target,
            "measured": self.measured,
            "peer": self.peer or None,
            "ratio": self.ratio and round(self.ratio, 3),
            "pass": self.passed,
        }

"""When work that takes time is finished: at once, after some reads, or after some seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random


@dataclass(frozen=True)
class Clock:
    """How long every operation takes.

    An operation ends when it was read `reads` times and `seconds` have passed; the
    answer that starts it always shows it under way.
    """

    reads: int = 0
    seconds: float = 0.0
    jitter: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Clock:
        """The clock written as `immediate`, `reads:N`, `seconds:S` or `seconds:S~J`."""
        if text == "immediate":
            return cls()
        if match := re.fullmatch(r"reads:(\d+)", text):
            return cls(reads=int(match[1]))
        if match := re.fullmatch(r"seconds:(\d+(?:\.\d+)?)(?:~(\d+(?:\.\d+)?))?", text):
            return cls(seconds=float(match[1]), jitter=float(match[2] or 0))
        raise ValueError(f"{text!r} is no clock: immediate, reads:N, seconds:S or seconds:S~J")

    def __str__(self) -> str:
        if self.reads:
            return f"reads:{self.reads}"
        if self.seconds:
            return f"seconds:{self.seconds:g}" + (f"~{self.jitter:g}" if self.jitter else "")
        return "immediate"

    def duration(self, dice: random.Random) -> float:
        """Seconds until an operation may end."""
        return max(0.0, self.seconds + dice.uniform(-self.jitter, self.jitter))

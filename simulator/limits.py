"""How often each verb may be called in a minute.

API: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from simulator.errors import TooManyRequests

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

WINDOW = 60.0


class RateLimits:
    """Counts the calls of the present minute; a verb without a limit is never refused."""

    def __init__(self, limits: Mapping[str, int], now: Callable[[], float]) -> None:
        self.limits = limits
        self.now = now
        self.window = 0.0
        self.calls: Counter[str] = Counter()

    def count(self, verb: str) -> None:
        """Count a call; refuse it beyond the limit and say when the next minute begins."""
        now = self.now()
        if now - self.window >= WINDOW:
            self.window = now
            self.calls.clear()
        self.calls[verb] += 1
        if self.calls[verb] > self.limits.get(verb, self.calls[verb]):
            wait = str(int(self.window + WINDOW - now) + 1)
            raise TooManyRequests("Too many requests", headers={"Retry-After": wait})

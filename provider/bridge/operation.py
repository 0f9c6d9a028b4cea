"""What one running operation may use of time: pauses that end when Terraform asks to stop."""

from __future__ import annotations

import time
from collections.abc import Callable
from math import inf
from threading import Event

from provider.bridge.diagnostics import Stopped, TimedOut


class Operation:
    """One RPC at work: its wish to stop, and the time it has."""

    def __init__(
        self,
        stopping: Event | None = None,
        allowed: float = inf,
        awaited: Callable[[], bool] = lambda: True,
    ) -> None:
        self.stopping = stopping or Event()
        self.allowed = allowed
        self.awaited = awaited  # whether the caller still waits for the answer
        self._started = time.monotonic()

    def remaining(self) -> float:
        """Seconds until the operation has to be over; infinite without a timeout."""
        return self.allowed - (time.monotonic() - self._started)

    def pause(self, seconds: float) -> None:
        """Wait, never beyond the deadline.

        Raises Stopped as soon as Terraform asks to stop, TimedOut when no time was left.
        """
        left = self.remaining()
        if left <= 0:
            raise TimedOut
        if self.stopping.wait(min(seconds, left)):
            raise Stopped

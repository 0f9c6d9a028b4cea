"""The provider with pauses that take no time, on a clock of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.api.client import Client
from provider.api.settings import Settings as ApiSettings
from provider.api.transport import Transport
from provider.bridge import Stopped, TimedOut
from provider.cloudsigma import CloudSigma

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider.bridge import Log, Operation
    from provider.cloudsigma import Settings

SHORTEST = 0.001  # seconds; as with a real clock, every pause takes some time


class Clock:
    """Seconds that pass only in pauses; `at_pause` is told the number of each pause."""

    def __init__(self, at_pause: Callable[[int], None] = lambda _: None) -> None:
        self.seconds = 0.0
        self.pauses = 0
        self.at_pause = at_pause

    def now(self) -> float:
        return self.seconds


class Hurried:
    """An operation that stops and runs out of time as the real one, on the clock."""

    def __init__(self, operation: Operation, clock: Clock) -> None:
        self.operation = operation
        self.clock = clock
        self.began = clock.now()

    def remaining(self) -> float:
        return self.operation.allowed - (self.clock.now() - self.began)

    def pause(self, seconds: float) -> None:
        self.clock.at_pause(self.clock.pauses)
        self.clock.pauses += 1
        if self.operation.stopping.is_set():
            raise Stopped
        if self.remaining() <= 0:
            raise TimedOut
        self.clock.seconds += max(SHORTEST, min(seconds, self.remaining()))


class Hasty(CloudSigma):
    """The provider, configured for one simulator."""

    def __init__(self, url: str, clock: Clock, silence: float = 10.0) -> None:
        self.url = url
        self.clock = clock
        self.silence = silence

    def configure(self, config: Settings, log: Log) -> Client:
        settings = ApiSettings(
            base_url=self.url,
            username="demo@example.com",
            password="demo-password",
            request_timeout=self.silence,
        )
        return Client(Transport(settings), random=lambda: 0.5, now=self.clock.now)

    def during(self, api: Client, operation: Operation, log: Log) -> Client:
        return api.during(Hurried(operation, self.clock))

"""The client: every call passes through `Client.call`, which repeats what may be repeated.

API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""

from __future__ import annotations

import copy
import random
import threading
import time
from collections import Counter
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from provider.api import retry
from provider.api.collection import Collection, single
from provider.api.drives import Drives
from provider.api.errors import ApiError, WaitTimeout
from provider.api.events import SILENT
from provider.api.reads import Reads
from provider.api.tags import Tags
from provider.api.wait import Operation, Unbounded, growing_delays
from provider.api.watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from provider.api.answers import Answer
    from provider.api.events import Events
    from provider.api.settings import Settings
    from provider.api.transport import Transport

    Result = TypeVar("Result")

LOCK_TICK = 0.1


class Client:
    """CloudSigma as one operation sees it; threads share one through `during`.

    What is repeated, and never beyond the operation's deadline: a call that was
    not sent; one that the API refused because of another change or too many
    calls (patiently) or for lack of capacity (a few times); and after a server
    fault, a lost or a malformed answer, a call whose repetition changes nothing
    (GET, PUT, DELETE). Any other that may have had its effect, and a change of a
    drive, is sent again only after its `look` found nothing; without a `look`
    it fails. From then on each of its attempts is preceded by a look, and so is
    its final failure, which says that it is `unsure`. Nothing else is repeated.
    `retry.decide` has the exact table.
    """

    def __init__(
        self,
        transport: Transport,
        *,
        delays: Callable[[], Iterator[float]] = growing_delays,
        random: Callable[[], float] = random.random,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.delays = delays
        self.reads = Reads(transport.settings.read_window, now)
        self.watch = Watch(now)
        self._transport = transport
        self._random = random
        self._operation: Operation = Unbounded()
        self.events = SILENT
        self._repeats = True
        self._locks: dict[str, threading.Lock] = {}
        self._facts: dict[str, dict[str, Any]] = {}
        self._failures: dict[str, ApiError] = {}
        self.noted: dict[str, object] = {}

    def during(self, operation: Operation, events: Events = SILENT) -> Client:
        """The same client for an operation that can stop and end its pauses, and hears of it."""
        bound = copy.copy(self)
        bound._operation, bound.events = operation, events
        return bound

    def once(self) -> Client:
        """The same client, whose calls are never repeated: the caller survives their failure."""
        bound = copy.copy(self)
        bound._repeats = False
        return bound

    @property
    def operation(self) -> Operation:
        """What this client's calls are made for."""
        return self._operation

    @property
    def settings(self) -> Settings:
        """Where the API is, and as whom it is called."""
        return self._transport.settings

    @property
    def drives(self) -> Drives:
        """The drives of the account."""
        return Drives(self)

    def collection(self, name: str) -> Collection[dict[str, Any]]:
        """Any other collection, by its name in the URL."""
        return Tags(self, name) if name == "tags" else Collection(self, name)

    def get(self, path: str) -> dict[str, Any]:
        """The single object at a path of its own, such as `profile/`."""
        return self.call("GET", path, read=single)

    def capabilities(self) -> dict[str, Any]:
        """What the location offers: storage types and their limits. Asked once per client.

        A failure is that of all who waited for the answer; who comes later asks again.
        """
        path = "capabilities/"
        before = self._failures.get(path)
        with self.alone(path):
            failure = self._failures.get(path)
            if failure is not None and failure is not before:
                raise failure
            if path not in self._facts:
                try:
                    self._facts[path] = self.get(path)
                except ApiError as error:
                    self._failures[path] = error
                    raise
        return self._facts[path]

    def note(self, fact: str) -> bool:
        """Whether this was noted before; from here on it is, for all operations."""
        mine = object()
        return self.noted.setdefault(fact, mine) is not mine

    @contextmanager
    def alone(self, name: str) -> Iterator[None]:
        """No other thread does what has this name; waiting for one that does can be stopped."""
        lock = self._locks.setdefault(name, threading.Lock())
        while not lock.acquire(timeout=LOCK_TICK):
            if self._operation.remaining() <= 0:
                raise WaitTimeout("waiting for another change", name)
            self._operation.pause(0.0)
        try:
            yield
        finally:
            lock.release()

    def call(
        self,
        method: str,
        path: str,
        *,
        read: Callable[[Answer], Result],
        query: Mapping[str, str] | None = None,
        body: object = None,
        look: Callable[[], Result | None] | None = None,
        repeatable: bool = False,
    ) -> Result:
        """What `read` makes of the answer, or what `look` found; failures are repeated as promised.

        `read` may reject an answer as malformed, which counts as a failure of the call.
        """
        repeatable = repeatable or method in {"GET", "DELETE"}
        limit = self._transport.settings.max_retries
        jitters = retry.backoff(self._random)
        failures: Counter[type[ApiError]] = Counter()
        unsure = False
        while True:
            try:
                return read(self._transport.exchange(method, path, query, body, self.events))
            except ApiError as error:
                if not self._repeats:
                    raise
                failure = error
            failures[type(failure)] += 1
            decision = retry.decide(
                failure,
                repeatable=repeatable,
                count=failures[type(failure)],
                limit=limit,
                jitter=next(jitters),
            )
            failure.unsure = unsure = unsure or decision.look
            found = self._recovered(failure, decision._replace(look=unsure), look)
            if found is not None:
                return found

    def _recovered(
        self,
        failure: ApiError,
        decision: retry.Decision,
        look: Callable[[], Result | None] | None,
    ) -> Result | None:
        """What the lost call did, or None when the time has come to send it again.

        The first look comes before any pause, so that a stop or a deadline does
        not lose an object that exists; the second is for a slow server.
        """
        found = _looked(failure, look) if decision.look else None
        if found is not None:
            return found
        if decision.delay is None or decision.delay >= self._operation.remaining():
            raise failure
        self._operation.pause(decision.delay)
        return _looked(failure, look) if decision.look else None


def _looked(failure: ApiError, look: Callable[[], Result | None] | None) -> Result | None:
    """What the look found. Without an answer to it, the failure stands."""
    if look is None:
        raise failure
    try:
        return look()
    except ApiError as error:
        raise failure from error

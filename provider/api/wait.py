"""Poll an object until it is ready or gone. The waiting itself belongs to the operation."""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, NamedTuple, Protocol, TypeVar

from provider.api.errors import ApiError, Vanished, WaitTimeout
from provider.api.retry import LONGEST_RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Record = TypeVar("Record", bound=Mapping[str, object])

CREATION_SETTLES = 10.0
LONGEST_DELAY = 5.0


class Operation(Protocol):
    """What calls are made for; it can be stopped and may have a deadline."""

    def pause(self, seconds: float) -> None:
        """Return after `seconds`, or raise when the operation is to stop."""

    def remaining(self) -> float:
        """The seconds until the deadline."""


class Unbounded:
    """An operation that nobody stops and that may take for ever."""

    def pause(self, seconds: float) -> None:
        """The time has passed."""
        time.sleep(seconds)

    def remaining(self) -> float:
        """There is no deadline."""
        return math.inf


def growing_delays() -> Iterator[float]:
    """An early first look, since small objects are ready at once; then ever rarer ones."""
    delay = 0.1
    while True:
        yield delay
        delay = min(delay * 1.5, LONGEST_DELAY)


class Sight(NamedTuple, Generic[Record]):
    """What one look found, after how many seconds of pauses."""

    waited: float
    record: Record | None


def until_ready(
    find: Callable[[], Record | None],
    is_ready: Callable[[Record], bool],
    operation: Operation,
    delays: Iterator[float],
) -> Record:
    """The object as first seen ready.

    The API may not find an object for a moment after it confirmed its creation,
    so absence counts as "not yet" until the object was seen or ten seconds of
    pauses have passed; after that it is `Vanished`.
    """
    sights = _sights(find, operation, delays)
    seen = False
    while True:
        waited, record = next(sights)
        if record is not None and is_ready(record):
            return record
        if record is None and (seen or waited >= CREATION_SETTLES):
            raise Vanished("The object disappeared while it was waited for")
        seen = record is not None


def until_seen(
    find: Callable[[], Record | None], operation: Operation, delays: Iterator[float]
) -> Record | None:
    """The object as soon as it is found, or None when a creation would have settled by now."""
    waited, record = 0.0, find()
    while record is None and waited < CREATION_SETTLES:
        pause = next(delays)
        operation.pause(pause)
        waited += pause
        record = find()
    return record


def until_gone(
    find: Callable[[], Record | None], operation: Operation, delays: Iterator[float]
) -> None:
    """The API has confirmed that the object does not exist."""
    sights = _sights(find, operation, delays)
    while next(sights).record is not None:
        continue


def _sights(
    find: Callable[[], Record | None], operation: Operation, delays: Iterator[float]
) -> Iterator[Sight[Record]]:
    """Look after look, until time runs out; a failure that may pass is not a sight.

    A waiting time that it asks for is kept, as far as there is time.
    """
    waited, status = 0.0, "unknown"
    failure: ApiError | None = None
    while True:
        if operation.remaining() <= 0:
            raise WaitTimeout(status) from failure
        asked = min((failure and failure.retry_after) or 0.0, LONGEST_RETRY_AFTER)
        pause = min(max(next(delays, LONGEST_DELAY), asked), operation.remaining())
        operation.pause(pause)
        waited += pause
        try:
            record = find()
        except WaitTimeout as error:  # it ran out behind a look of another wait
            raise WaitTimeout(status) from error
        except ApiError as error:
            if not error.transient:
                raise
            failure = error
            continue
        status, failure = str(record.get("status")) if record else "absent", None
        yield Sight(waited, record)

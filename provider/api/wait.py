"""Poll an object until it is ready or gone. The waiting itself belongs to the operation."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Protocol, TypeVar

from provider.api.errors import ApiError, Vanished, WaitTimeout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    Record = TypeVar("Record", bound=Mapping[str, object])

CREATION_SETTLES = 10.0


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
        delay = min(delay * 1.5, 5.0)


def until_ready(
    find: Callable[[], Record | None],
    is_ready: Callable[[Record], bool],
    operation: Operation,
    delays: Iterable[float],
) -> Record:
    """The object as first seen ready.

    The API may not find an object for a moment after it confirmed its creation,
    so absence counts as "not yet" until the object was seen or ten seconds of
    pauses have passed; after that it is `Vanished`.
    """
    seen = False
    for waited, record in _sights(find, operation, delays):
        if record is not None and is_ready(record):
            return record
        if record is None and (seen or waited >= CREATION_SETTLES):
            break
        seen = record is not None
    raise Vanished("The object disappeared while it was waited for")


def until_gone(
    find: Callable[[], Record | None], operation: Operation, delays: Iterable[float]
) -> None:
    """The API has confirmed that the object does not exist."""
    for _, record in _sights(find, operation, delays):
        if record is None:
            return


def _sights(
    find: Callable[[], Record | None], operation: Operation, delays: Iterable[float]
) -> Iterator[tuple[float, Record | None]]:
    """The seconds paused so far and what was found, look after look, until time runs out.

    A failure that may pass is not a sight; it does not end the wait.
    """
    waited, status = 0.0, "unknown"
    failure: ApiError | None = None
    for delay in delays:
        if operation.remaining() <= 0:
            raise WaitTimeout(status) from failure
        pause = min(delay, operation.remaining())
        operation.pause(pause)
        waited += pause
        try:
            record = find()
        except ApiError as error:
            if not error.transient:
                raise
            failure = error
            continue
        status, failure = str(record.get("status", "unknown")) if record else "absent", None
        yield waited, record

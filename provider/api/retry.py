"""May a failed call be sent again, and when. Pure functions; nothing here waits or sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from provider.api import errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0
LONGEST_RETRY_AFTER = 300.0
LOOK_SETTLES = 1.0
CAPACITY_RETRIES = 3
PATIENT_RETRIES = 100

WAITED_OUT = (errors.Concurrency, errors.RateLimited)
UNDONE = (*WAITED_OUT, errors.OutOfCapacity, errors.Unreachable)
UNCERTAIN = (errors.AnswerLost, errors.Malformed, errors.ServerFault)


class Decision(NamedTuple):
    """What to do after a failure.

    `look`: first ask whether the call had its effect. `delay`: the seconds
    after which to send again; 0 is at once, None is never.
    """

    look: bool
    delay: float | None


def decide(
    failure: errors.ApiError, *, repeatable: bool, count: int, limit: int, jitter: float
) -> Decision:
    """The decision after the `count`-th failure of its kind, counted from 1.

    | failure | repeatable call | other call |
    | --- | --- | --- |
    | `Unreachable` (never sent) | again | again |
    | `Concurrency`, `RateLimited` | again, patiently | again, patiently |
    | `OutOfCapacity` | again, a few times | again, a few times |
    | `AnswerLost` | at once, then again | look first |
    | `ServerFault`, `Malformed` 2xx | again | look first |
    | anything else, `Untrusted` included | never | never |

    A waiting time the server asks for is kept and `jitter` added to it; one
    beyond five minutes ends the attempts, as does `limit`. After one "look
    first" the caller looks first whatever the later failures are.
    """
    uncertain = isinstance(failure, UNCERTAIN) and not _refused(failure)
    look = uncertain and not repeatable
    if count > _retries(failure, limit) or not (uncertain or isinstance(failure, UNDONE)):
        return Decision(look, None)
    if repeatable and count == 1 and isinstance(failure, errors.AnswerLost):
        return Decision(look, 0.0)  # most often the server had closed a kept connection
    asked = failure.retry_after or (LOOK_SETTLES if look else 0.0)
    return Decision(look, None if asked > LONGEST_RETRY_AFTER else asked + jitter)


def _refused(failure: errors.ApiError) -> bool:
    """Whether a status says that the call had no effect, whatever else the answer holds."""
    return failure.status is not None and 300 <= failure.status < 500


def _retries(failure: errors.ApiError, limit: int) -> int:
    if isinstance(failure, errors.Untrusted):
        return 0
    if isinstance(failure, WAITED_OUT):
        return PATIENT_RETRIES
    return min(limit, CAPACITY_RETRIES) if isinstance(failure, errors.OutOfCapacity) else limit


def backoff(random: Callable[[], float]) -> Iterator[float]:
    """Delays with full jitter: anywhere between nothing and a doubling, capped bound."""
    bound = FIRST_DELAY
    while True:
        yield random() * bound
        bound = min(2 * bound, LONGEST_DELAY)

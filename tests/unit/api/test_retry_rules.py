"""The retry rules over their full domain, and the delays."""

from __future__ import annotations

from itertools import islice

import pytest

from provider.api import errors
from provider.api.retry import Decision, backoff, decide

LIMIT = 5
JITTER = 0.25

NEVER = Decision(look=False, delay=None)
AT_ONCE = Decision(look=False, delay=0.0)
AGAIN = Decision(look=False, delay=JITTER)
LOOK_ONLY = Decision(look=True, delay=None)
LOOK_FIRST = Decision(look=True, delay=1 + JITTER)

# failure, repeatable: the decisions after as many failures of the kind as in COUNTS
TABLE = [
    (errors.Unreachable, True, [AGAIN, AGAIN, AGAIN, NEVER, NEVER, NEVER]),
    (errors.Unreachable, False, [AGAIN, AGAIN, AGAIN, NEVER, NEVER, NEVER]),
    (errors.Concurrency, True, [AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, NEVER]),
    (errors.Concurrency, False, [AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, NEVER]),
    (errors.RateLimited, True, [AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, NEVER]),
    (errors.RateLimited, False, [AGAIN, AGAIN, AGAIN, AGAIN, AGAIN, NEVER]),
    (errors.OutOfCapacity, True, [AGAIN, AGAIN, NEVER, NEVER, NEVER, NEVER]),
    (errors.OutOfCapacity, False, [AGAIN, AGAIN, NEVER, NEVER, NEVER, NEVER]),
    (errors.AnswerLost, True, [AT_ONCE, AGAIN, AGAIN, NEVER, NEVER, NEVER]),
    (errors.AnswerLost, False, [LOOK_FIRST] * 3 + [LOOK_ONLY] * 3),
    (errors.ServerFault, True, [AGAIN, AGAIN, AGAIN, NEVER, NEVER, NEVER]),
    (errors.ServerFault, False, [LOOK_FIRST] * 3 + [LOOK_ONLY] * 3),
    (errors.Malformed, True, [AGAIN, AGAIN, AGAIN, NEVER, NEVER, NEVER]),
    (errors.Malformed, False, [LOOK_FIRST] * 3 + [LOOK_ONLY] * 3),
    *[
        (kind, repeatable, [NEVER] * 6)
        for kind in (
            errors.ApiError,
            errors.BillingFailed,
            errors.NotFound,
            errors.PermissionDenied,
            errors.Redirected,
            errors.Unauthorized,
            errors.Untrusted,
            errors.ValidationFailed,
            errors.Vanished,
        )
        for repeatable in (True, False)
    ],
]
COUNTS = [1, 2, LIMIT, LIMIT + 1, 100, 101]


@pytest.mark.parametrize(("kind", "repeatable", "decisions"), TABLE)
def test_the_table_of_decisions_holds(kind, repeatable, decisions):
    decided = [
        decide(kind("x"), repeatable=repeatable, count=count, limit=LIMIT, jitter=JITTER)
        for count in COUNTS
    ]

    assert decided == decisions


def test_the_table_covers_every_failure_of_a_call():
    def descendants(kind):
        return {kind}.union(*map(descendants, kind.__subclasses__()))

    assert {row[0] for row in TABLE} == descendants(errors.ApiError) - {errors.WaitTimeout}


@pytest.mark.parametrize("kind", [errors.RateLimited, errors.Concurrency, errors.OutOfCapacity])
@pytest.mark.parametrize(
    ("asked", "delay"), [(0.0, JITTER), (7.0, 7 + JITTER), (300.0, 300 + JITTER), (301.0, None)]
)
def test_a_waiting_time_is_kept_unless_it_is_absurd(kind, asked, delay):
    failure = kind("x", retry_after=asked)

    decision = decide(failure, repeatable=False, count=1, limit=LIMIT, jitter=JITTER)

    assert decision == Decision(look=False, delay=delay)


@pytest.mark.parametrize("status", [301, 400, 404, 499])
@pytest.mark.parametrize("repeatable", [True, False])
def test_a_malformed_refusal_is_final(status, repeatable):
    failure = errors.Malformed("x", status=status)

    assert decide(failure, repeatable=repeatable, count=1, limit=LIMIT, jitter=JITTER) == NEVER


@pytest.mark.parametrize("status", [200, 201, 502])
def test_a_malformed_answer_to_a_call_that_may_have_acted_is_looked_into(status):
    failure = errors.Malformed("x", status=status)

    decision = decide(failure, repeatable=False, count=1, limit=LIMIT, jitter=JITTER)

    assert decision == LOOK_FIRST


def test_the_delays_double_up_to_a_cap():
    assert list(islice(backoff(lambda: 1.0), 7)) == [1, 2, 4, 8, 16, 30, 30]


def test_the_delays_have_full_jitter():
    assert list(islice(backoff(iter([0.0, 0.5, 0.25]).__next__), 3)) == [0, 1, 1]

"""Waits: growing pauses, patience with failures that pass, an end in time."""

from __future__ import annotations

import math
from itertools import islice, repeat

import pytest

from provider.api import errors, wait

GONE = None


class Story:
    """What successive looks find; it also is the operation, whose clock only pauses move."""

    def __init__(self, *sights, time=math.inf):
        self.sights = list(sights)
        self.time = time
        self.pauses = []

    def find(self):
        sight = self.sights.pop(0) if len(self.sights) > 1 else self.sights[0]
        if isinstance(sight, Exception):
            raise sight
        return sight and {"uuid": "u", "status": sight}

    def pause(self, seconds):
        self.pauses.append(seconds)
        self.time -= seconds

    def remaining(self):
        return self.time

    def until_ready(self, delays=None):
        return wait.until_ready(
            self.find,
            lambda record: record["status"] == "unmounted",
            self,
            delays or wait.growing_delays(),
        )

    def until_gone(self):
        wait.until_gone(self.find, self, wait.growing_delays())


def test_the_first_look_is_early_and_later_ones_are_rarer():
    delays = list(islice(wait.growing_delays(), 40))

    assert delays[:3] == pytest.approx([0.1, 0.15, 0.225])
    assert delays[-1] == 5.0


def test_a_wait_ends_with_the_object_as_it_became_ready():
    story = Story("creating", "never heard of", "unavailable", "unmounted")

    assert story.until_ready()["status"] == "unmounted"
    assert len(story.pauses) == 4


def test_an_object_that_is_not_there_yet_is_waited_for():
    assert Story(GONE, GONE, "creating", "unmounted").until_ready()


def test_an_object_that_never_appears_has_vanished():
    story = Story(GONE)

    with pytest.raises(errors.Vanished):
        story.until_ready()
    assert 10 <= sum(story.pauses) < 15


def test_an_object_that_disappears_has_vanished_at_once():
    story = Story("creating", GONE, "unmounted")

    with pytest.raises(errors.Vanished):
        story.until_ready()
    assert len(story.pauses) == 2


@pytest.mark.parametrize(
    "failure",
    [
        errors.AnswerLost("x"),
        errors.Concurrency("x"),
        errors.Malformed("x"),
        errors.OutOfCapacity("x"),
        errors.RateLimited("x"),
        errors.ServerFault("x"),
        errors.Unreachable("x"),
    ],
)
def test_a_failure_that_may_pass_does_not_end_a_wait(failure):
    assert Story("creating", failure, "unmounted").until_ready()
    Story("deleting", failure, GONE).until_gone()


@pytest.mark.parametrize(
    "failure", [errors.Unauthorized("x"), errors.PermissionDenied("x"), errors.Untrusted("x")]
)
def test_a_lasting_failure_ends_a_wait(failure):
    with pytest.raises(type(failure)):
        Story("creating", failure).until_ready()


def test_a_timeout_names_the_last_status_and_the_last_pause_is_cut():
    story = Story("resizing", time=7.0)

    with pytest.raises(errors.WaitTimeout) as caught:
        story.until_ready(delays=repeat(3.0))

    assert caught.value.last_status == "resizing"
    assert story.pauses == [3.0, 3.0, 1.0]


@pytest.mark.parametrize(
    ("asked", "time", "pauses"),
    [
        (7.0, math.inf, [3.0, 7.0]),
        (1.0, math.inf, [3.0, 3.0]),
        (1e9, math.inf, [3.0, 300.0]),
        (7.0, 8.0, [3.0, 5.0]),
    ],
    ids=["kept", "shorter than ours", "absurd", "longer than the time"],
)
def test_a_waiting_time_given_by_the_server_is_kept(asked, time, pauses):
    busy = errors.RateLimited("x", retry_after=asked)
    story = Story(busy, "unmounted", time=time)

    assert story.until_ready(delays=repeat(3.0))

    assert story.pauses == pauses


def test_a_waiting_time_is_over_after_the_next_sight():
    busy = errors.RateLimited("x", retry_after=60.0)
    story = Story(busy, "creating", "unmounted")

    assert story.until_ready(delays=repeat(3.0))

    assert story.pauses == [3.0, 60.0, 3.0]


def test_a_wait_outlives_its_list_of_delays():
    story = Story("creating", "creating", "unmounted")

    assert story.until_ready(delays=iter([1.0]))
    assert story.pauses == [1.0, 5.0, 5.0]


def test_a_timeout_tells_why_nothing_was_seen_lately():
    story = Story("creating", errors.ServerFault("down"), time=2.0)

    with pytest.raises(errors.WaitTimeout) as caught:
        story.until_ready()

    assert caught.value.last_status == "creating"
    assert isinstance(caught.value.__cause__, errors.ServerFault)


def test_a_timeout_behind_a_look_of_another_wait_names_the_last_status():
    story = Story("creating", errors.WaitTimeout("waiting for another change", "drives/?waits"))

    with pytest.raises(errors.WaitTimeout) as caught:
        story.until_ready()

    assert (caught.value.last_status, caught.value.path) == ("creating", "")


@pytest.mark.parametrize(("sight", "status"), [(GONE, "absent"), ("odd", "odd")])
def test_a_timeout_shows_absence_and_odd_statuses(sight, status):
    with pytest.raises(errors.WaitTimeout) as caught:
        Story(sight, time=1.0).until_ready()

    assert caught.value.last_status == status


def test_an_object_that_may_be_new_is_looked_for_until_it_would_have_settled():
    story, absent = Story(GONE, GONE, "creating"), Story(GONE)

    assert wait.until_seen(story.find, story, wait.growing_delays())
    assert wait.until_seen(absent.find, absent, wait.growing_delays()) is None

    assert len(story.pauses) == 2
    assert 10 <= sum(absent.pauses) < 15


def test_a_wait_for_the_end_ends_with_it():
    story = Story("unmounted", "deleting", GONE)

    story.until_gone()

    assert len(story.pauses) == 3


def test_the_end_is_not_waited_for_beyond_the_deadline():
    with pytest.raises(errors.WaitTimeout, match="deleting"):
        Story("deleting", time=30.0).until_gone()


def test_an_operation_without_a_deadline_really_pauses(monkeypatch):
    slept = []
    monkeypatch.setattr("time.sleep", slept.append)

    wait.Unbounded().pause(3.0)

    assert slept == [3.0]
    assert wait.Unbounded().remaining() == math.inf

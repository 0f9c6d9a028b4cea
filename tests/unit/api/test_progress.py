"""How far a clone has come is told to whoever listens, and nothing depends on it."""

from __future__ import annotations

import math
from typing import Any

from provider.api import errors
from provider.api.client import Client
from provider.api.events import SILENT, Events
from tests.unit.api.answering import Answering, drive

CLONE, JOB = "c" * 8, "j" * 8
CLONING = drive(CLONE, status="cloning_dst")


class Patience:
    """An operation whose pauses move a clock, and nothing else."""

    def __init__(self) -> None:
        self.now = 1000.0

    def pause(self, seconds: float) -> None:
        self.now += seconds

    def remaining(self) -> float:
        return math.inf


def waited(events: Events, *answers: Any) -> list[str]:
    """The paths asked for while a clone is waited for; each look is a second after another."""
    operation = Patience()
    api = Answering(read_window=0.0)
    api.answers(*answers)
    delays = lambda: iter([1.0] * 10)  # noqa: E731 - as a client takes them
    client = Client(api, now=lambda: operation.now, delays=delays).during(operation, events)

    assert client.drives.wait_until_ready(CLONE, jobs=[{"uuid": JOB}])["status"] == "unmounted"

    return api.asked


def test_the_progress_is_told_while_a_clone_is_waited_for() -> None:
    told: list[tuple[str, Any]] = []
    half = {"uuid": JOB, "state": "started", "data": {"progress": 50}}
    events = Events(log=lambda event, fields: told.append((event, fields)))

    asked = waited(events, CLONING, CLONING, half, CLONING, errors.NotFound("no"), drive(CLONE))

    look, job = f"drives/{CLONE}/", f"jobs/{JOB}/"
    assert asked == [look, look, job, look, job, look]
    fields = {"uuid": CLONE, "state": "started", "data": {"progress": 50}}
    assert told[0] == ("Clone is being filled", fields)


def test_a_job_that_cannot_be_asked_about_does_not_end_the_wait() -> None:
    events = Events(log=lambda *_: None)

    assert len(waited(events, CLONING, CLONING, errors.ServerFault("no"), drive(CLONE))) == 4


def test_where_nobody_listens_nothing_is_asked() -> None:
    assert waited(SILENT, CLONING, CLONING, drive(CLONE)) == [f"drives/{CLONE}/"] * 3

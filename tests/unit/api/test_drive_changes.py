"""Changes of one drive: one after another within the process, and patient with a late answer."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from provider.api.answers import Answer
from provider.api.client import Client
from provider.api.drives import Drives
from provider.api.errors import NotFound, Vanished
from tests.contract.scripted import Recorder
from tests.unit.api.answering import Answering, drive

PATH = "drives/u1/"
PATIENCE = 30.0  # seconds after which a test that hangs ends


class Waiting(Recorder):
    """An operation that tells when it pauses: while it waits for somebody else's change."""

    def __init__(self, paused: Event) -> None:
        super().__init__()
        self.paused = paused

    def pause(self, seconds: float) -> None:
        self.paused.set()
        super().pause(seconds)


class Account:
    """An account with one drive; during the first call somebody else begins a change of it."""

    def __init__(self, other: Callable[[], object]) -> None:
        self.settings = Answering().settings
        self.drive = drive("u1", name="data", media="disk", size=2**30, meta={})
        self.methods: list[str] = []
        self.heard = Event()  # from the other: it waits, or it calls
        self._other = other
        self._pool = ThreadPoolExecutor(1)
        self._begun: list[Future[object]] = []

    def exchange(
        self, method: str, path: str, query: Any = None, body: Any = None, events: Any = None
    ) -> Answer:
        self.methods.append(method)
        read = dict(self.drive)
        if len(self.methods) > 1:
            self.heard.set()
        else:
            self._begun.append(self._pool.submit(self._other))
            assert self.heard.wait(PATIENCE)
        self.drive |= body or {}
        return Answer(method, path, 200, {}, read if method == "GET" else dict(self.drive))

    def finish(self) -> None:
        """Return once the other has ended, too."""
        self._begun[0].result(PATIENCE)
        self._pool.shutdown()


@pytest.mark.parametrize("change", [Drives.edit, Drives.resize], ids=["edit", "resize"])
def test_two_changes_of_one_drive_never_overlap(change: Any) -> None:
    def other() -> None:
        operation = Waiting(account.heard)
        change(client.during(operation).drives, "u1", {"meta": {"by": "other"}})

    account = Account(other)
    client = Client(account).during(Recorder())  # type: ignore[arg-type]

    change(client.drives, "u1", {"name": "renamed"})

    account.finish()
    changing = "PUT" if change is Drives.edit else "POST"
    assert account.methods == ["GET", changing] * 2
    assert account.drive["name"] == "renamed"
    assert account.drive["meta"] == {"by": "other"}


def test_a_deletion_waits_for_a_change_of_the_drive() -> None:
    def other() -> None:
        client.during(Waiting(account.heard)).drives.delete("u1")

    account = Account(other)
    client = Client(account).during(Recorder())  # type: ignore[arg-type]

    client.drives.edit("u1", {"name": "renamed"})

    account.finish()
    assert account.methods == ["GET", "PUT", "DELETE"]


@pytest.mark.parametrize("change", [Drives.edit, Drives.resize], ids=["edit", "resize"])
def test_a_drive_that_an_address_does_not_know_yet_is_changed(change: Any) -> None:
    transport, operation = Answering(), Recorder()
    renamed = drive("u1", name="renamed")
    transport.answers(absent(), drive("u1", name="data"), renamed)
    client = Client(transport).during(operation)  # type: ignore[arg-type]

    assert change(client.drives, "u1", {"name": "renamed"}) == renamed

    assert transport.asked[:2] == [PATH, PATH]
    assert len(operation.pauses) == 1


def test_a_drive_that_is_absent_twice_is_gone() -> None:
    transport = Answering()
    transport.answers(absent(), absent())
    client = Client(transport).during(Recorder())  # type: ignore[arg-type]

    with pytest.raises(Vanished):
        client.drives.edit("u1", {"name": "renamed"})

    assert transport.asked == [PATH, PATH]


def absent() -> NotFound:
    return NotFound("There is no such drive", method="GET", path=PATH, status=404)

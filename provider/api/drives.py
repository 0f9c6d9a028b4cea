"""Drives: the words of their chapter on top of what every collection can do.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, cast

from provider.api import wait
from provider.api.collection import Collection
from provider.api.errors import ApiError, NotFound, Vanished
from provider.api.events import SILENT
from provider.api.records import DriveJSON, RefJSON, ServerJSON, misfit
from provider.api.watch import ticks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from provider.api.answers import Answer
    from provider.api.client import Client

READY = frozenset({"mounted", "unmounted"})
SETTLES = 1.0  # seconds
TELLS_EVERY = 1.0  # seconds
WRITABLE = (
    "name",
    "media",
    "size",
    "storage_type",
    "meta",
    "tags",
    "allow_multimount",
    "affinities",
    "iops",
)


class Drives(Collection[DriveJSON]):
    """The drives of the account. Changes to one drive never overlap within this process."""

    required = ("uuid", "status")

    def __init__(self, client: Client) -> None:
        super().__init__(client, "drives")

    def check(self, answer: Answer, record: dict[str, Any]) -> None:
        """Raises `Malformed` for a drive, or a part of one, with a value of the wrong type."""
        if key := misfit(record):
            raise answer.malformed(f"holds a drive whose {key} cannot be read")

    def read(self, uuid: str) -> DriveJSON | None:
        """The drive as it was at most `read_window` seconds ago, or None when it does not exist.

        It is never from before our own last change of it. Reads of many drives
        share requests; where the answer decides about a change, use `find`.
        """
        reads = self.client.reads
        return (reads.window and reads.read(self.client, uuid)) or self.find(uuid)

    def edit(
        self,
        uuid: str,
        body: Mapping[str, object],
        *,
        look: Callable[[], DriveJSON | None] | None = None,
    ) -> DriveJSON:
        """The drive as answered after a change of the keys in `body`; the others are kept.

        A drive on a running server silently keeps its size and media.
        """
        with self._changing(uuid):
            drive = self.present(uuid)
            look = look or self._resizing(uuid, drive)
            return super().edit(uuid, {**definition(drive), **body}, look=look)

    def resize(self, uuid: str, body: Mapping[str, object]) -> DriveJSON:
        """As `edit`, but refused as a whole where `edit` would silently drop a part."""
        with self._changing(uuid):
            drive = self.present(uuid)
            full = {**definition(drive), **body}
            return self.action(uuid, "resize", full, look=self._resizing(uuid, drive))

    def delete(self, uuid: str) -> None:
        """The deletion is accepted, or the drive did not exist."""
        with self._changing(uuid):
            super().delete(uuid)

    def clone(
        self,
        source: str,
        body: Mapping[str, object],
        avoid: Iterable[str] = (),
        *,
        look: Callable[[], DriveJSON | None] | None = None,
    ) -> DriveJSON:
        """The clone as answered: it exists and is being filled from its source."""
        try:
            return self.action(source, "clone", body, query=avoiding(avoid), look=look)
        finally:
            self.client.reads.changed(source)

    def wait_until_ready(
        self,
        uuid: str,
        *,
        expect: Callable[[DriveJSON], bool] | None = None,
        jobs: Iterable[RefJSON] = (),
    ) -> DriveJSON:
        """The drive once it is usable and, if given, as expected.

        A status that nobody has documented counts as "not ready yet", because
        the API adds some between releases. How far `jobs` have come is logged.
        """
        telling = self._telling(uuid, [job["uuid"] for job in jobs])

        def is_ready(drive: DriveJSON) -> bool:
            ready = drive.get("status") in READY and (expect is None or expect(drive))
            if not ready:
                next(telling)
            return ready

        with self._looks(uuid, READY) as (look, delays):
            return wait.until_ready(look, is_ready, self.client.operation, delays)

    def _telling(self, uuid: str, jobs: list[str]) -> Iterator[None]:
        """Each step tells how far the newest of the jobs has come, where somebody listens."""
        client, told = self.client, self.client.watch.now()
        while True:
            if jobs and client.events is not SILENT and client.watch.now() - told >= TELLS_EVERY:
                told = client.watch.now()
                with suppress(ApiError):  # nothing depends on it
                    job = client.once().collection("jobs").find(jobs[-1]) or {}
                    fields = {"uuid": uuid, "state": job.get("state"), "data": job.get("data")}
                    client.events.log("Clone is being filled", fields)
            yield

    def wait_until_gone(self, uuid: str) -> None:
        """The API has confirmed that the drive does not exist."""
        with self._looks(uuid, frozenset()) as (look, delays):
            wait.until_gone(look, self.client.operation, delays)

    def servers_of(self, drive: DriveJSON) -> list[ServerJSON]:
        """The servers the drive is attached to, running or not, with their present status."""
        servers = self.client.collection("servers")
        found = [servers.find(ref["uuid"]) for ref in drive.get("mounted_on") or []]
        return [
            ServerJSON(
                uuid=str(server.get("uuid")),
                status=str(server.get("status")),
                name=str(server.get("name")),
            )
            for server in found
            if server is not None
        ]

    def availability_groups(self) -> list[list[str]]:
        """The UUIDs of the drives; those in one group share a storage host."""
        path = self._path("availability_groups")
        return self.client.call("GET", path, read=lambda answer: _lists(answer, answer.json))

    def availability_group(self, uuid: str) -> list[str] | None:
        """The UUIDs of the drives on the drive's host, or None when it does not exist."""
        path = self._path("availability_groups", uuid)
        try:
            return self.client.call("GET", path, read=lambda a: _lists(a, [a.json])[0])
        except NotFound:
            return None

    def present(self, uuid: str) -> DriveJSON:
        """The drive, which must exist."""
        drive = self.find(uuid)
        if drive is None:
            # For a moment after a creation one address may not know what another has shown.
            self.client.operation.pause(SETTLES)
            drive = self.find(uuid)
        if drive is None:
            raise Vanished("The drive to change does not exist any more", path=self._path(uuid))
        return drive

    def _resizing(self, uuid: str, before: DriveJSON) -> Callable[[], DriveJSON | None]:
        """A look for a change of size that has begun.

        While it lasts, a repetition would be refused as a conflict with itself.
        Any other change has the same effect twice as once.
        """

        def look() -> DriveJSON | None:
            drive = self.present(uuid)
            began = drive.get("status") == "resizing" or drive.get("size") != before.get("size")
            return drive if began else None

        return look

    @contextmanager
    def _looks(
        self, uuid: str, told: frozenset[str]
    ) -> Iterator[tuple[Callable[[], DriveJSON | None], Iterator[float]]]:
        """How to look at the drive and when: by itself, or together with all that wait."""
        if not self.client.reads.window:
            yield lambda: self.find(uuid), self.client.delays()
            return
        watch = self.client.watch
        with watch.waiting(self.client, uuid, told) as look:
            yield lambda: look() or self.find(uuid), ticks(watch.now)

    @contextmanager
    def _changing(self, uuid: str) -> Iterator[None]:
        """Nobody else in this process changes the drive, and nobody reads it as it was before."""
        with self.client.alone(self._path(uuid)):
            self.client.reads.changed(uuid)
            try:
                yield
            finally:
                self.client.reads.changed(uuid)

    def _post(
        self,
        path: str,
        body: object,
        query: Mapping[str, str] | None,
        look: Callable[[], DriveJSON | None] | None,
    ) -> DriveJSON:
        drive = super()._post(path, body, query, look)
        self.client.reads.changed(drive["uuid"])
        return drive


def _lists(answer: Answer, groups: object) -> list[list[str]]:
    if isinstance(groups, list) and all(isinstance(group, list) for group in groups):
        return [[str(uuid) for uuid in group] for group in groups]
    raise answer.malformed("holds no groups of drives")


def definition(drive: DriveJSON) -> dict[str, object]:
    """Everything writable of a drive, as a change must send it.

    What a change leaves out may be reset by the API, so all of it is sent every
    time. Keys that the answer lacks or gives as null are not writable there.
    """
    record = cast("Mapping[str, object]", drive)
    present = {key: record[key] for key in WRITABLE if record.get(key) is not None}
    if "tags" in present:
        present["tags"] = [tag["uuid"] for tag in drive["tags"]]
    return present


def avoiding(uuids: Iterable[str]) -> dict[str, str]:
    """The query that keeps a drive away from others' hardware, the most important first."""
    value = ",".join(uuids)
    return {"avoid": value} if value else {}

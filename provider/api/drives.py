"""Drives: the words of their chapter on top of what every collection can do.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from provider.api import wait
from provider.api.collection import Collection
from provider.api.errors import Vanished
from provider.api.records import DriveJSON, ServerJSON, misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from provider.api.answers import Answer
    from provider.api.client import Client

READY = frozenset({"mounted", "unmounted"})
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
        with self._alone(uuid):
            drive = self.present(uuid)
            look = look or self._resizing(uuid, drive)
            return super().edit(uuid, {**definition(drive), **body}, look=look)

    def resize(self, uuid: str, body: Mapping[str, object]) -> DriveJSON:
        """As `edit`, but refused as a whole where `edit` would silently drop a part."""
        with self._alone(uuid):
            drive = self.present(uuid)
            full = {**definition(drive), **body}
            return self.action(uuid, "resize", full, look=self._resizing(uuid, drive))

    def delete(self, uuid: str) -> None:
        """The deletion is accepted, or the drive did not exist."""
        with self._alone(uuid):
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
        return self.action(source, "clone", body, query=avoiding(avoid), look=look)

    def wait_until_ready(
        self, uuid: str, *, expect: Callable[[DriveJSON], bool] | None = None
    ) -> DriveJSON:
        """The drive once it is usable and, if given, as expected.

        A status that nobody has documented counts as "not ready yet", because
        the API adds some between releases.
        """

        def is_ready(drive: DriveJSON) -> bool:
            return drive.get("status") in READY and (expect is None or expect(drive))

        return wait.until_ready(
            lambda: self.find(uuid), is_ready, self.client.operation, self.client.delays()
        )

    def wait_until_gone(self, uuid: str) -> None:
        """The API has confirmed that the drive does not exist."""
        wait.until_gone(lambda: self.find(uuid), self.client.operation, self.client.delays())

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

    def present(self, uuid: str) -> DriveJSON:
        """The drive, which must exist."""
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

    def _alone(self, uuid: str) -> Any:
        return self.client.alone(self._path(uuid))


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

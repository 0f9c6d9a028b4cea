"""Reads of many drives in few requests: those asked for together, then the whole list.

Only for reads that may be a moment old. What a list does not tell well is left to the drive's
own GET, so that joining never makes a read fail, or a drive look gone, that is there.
Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast

from provider.api.errors import ApiError
from provider.api.records import misfit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from provider.api.client import Client
    from provider.api.records import DriveJSON

LONGEST_FILTER = 100
"""UUIDs in one request: an address of 4,000 characters passes every server on the way."""
PAGE = 1000
MANY = 6
"""So many reads, none a window after the one before, are a walk over the whole configuration."""
WORTH = 200
"""So many listed drives cost a millisecond; asking for one by its UUID costs several."""


class Sight(NamedTuple):
    """When a drive was asked for, and what a list told; None when its own GET has to tell."""

    asked: float
    drive: DriveJSON | None


class Reads:
    """What lists have told about drives and no read has used; threads share one.

    A read joins those that wait for the answer to an earlier question. It takes
    what was asked for at most `window` seconds before it began and after our own
    last change of the drive, once.
    """

    def __init__(self, window: float, now: Callable[[], float]) -> None:
        self.window = window
        self._now = now
        self._waiting: list[str] = []
        self._seen: dict[str, Sight] = {}
        self._changes: dict[str, float] = {}
        self._walked = 0
        self._last_read = 0.0
        self._account: int | None = None

    def changed(self, uuid: str) -> None:
        """What was asked for before this moment is not what the drive is like any more."""
        self._changes[uuid.lower()] = self._now()

    def read(self, client: Client, uuid: str) -> DriveJSON | None:
        """The drive, or None when its own GET has to tell."""
        key, began = uuid.lower(), self._now()
        self._waiting.append(key)
        try:
            with client.alone("drives/?reads"):
                self._walk(began)
                if not self._is_fresh(key, began):
                    self._ask(client)
                return self._seen.pop(key).drive
        finally:
            self._waiting.remove(key)

    def _is_fresh(self, key: str, began: float) -> bool:
        oldest = max(began - self.window, self._changes.get(key, 0.0))
        return key in self._seen and self._seen[key].asked >= oldest

    def _walk(self, began: float) -> None:
        """Count the reads of one walk."""
        if began - self._last_read > self.window:
            self._walked, self._account = 0, None
        self._walked += 1
        self._last_read = began

    def _ask(self, client: Client) -> None:
        """See every drive that a thread waits for."""
        asked, waiting = self._now(), list(dict.fromkeys(self._waiting))
        try:
            whole = self._walked > MANY and self._is_worth_listing(client)
            drives = listed(client, None if whole else waiting)
        except ApiError:
            drives = {}
        kept = {k: s for k, s in self._seen.items() if s.asked >= asked - self.window}
        found = {key: Sight(asked, drive) for key, drive in drives.items()}
        self._seen = kept | dict.fromkeys(waiting, Sight(asked, None)) | found

    def _is_worth_listing(self, client: Client) -> bool:
        """Whether the account is not much larger than the configuration seems to be."""
        if self._account is None:
            self._account = client.once().collection("drives").count()
        return self._account <= WORTH * self._walked


def listed(client: Client, uuids: Iterable[str] | None) -> dict[str, DriveJSON]:
    """The drives with these UUIDs, or all, as far as they can be read; asked for once."""
    drives = client.once().collection("drives")
    if uuids is None:
        return _readable(drives.list(page=PAGE))
    found: dict[str, DriveJSON] = {}
    left = list(uuids)
    while left:
        found |= _readable(drives.list(uuid=left[:LONGEST_FILTER]))
        del left[:LONGEST_FILTER]
    return found


def _readable(records: Iterable[dict[str, Any]]) -> dict[str, DriveJSON]:
    whole = (r for r in records if r.get("uuid") and r.get("status") and not misfit(r))
    return {str(record["uuid"]).lower(): cast("DriveJSON", record) for record in whole}

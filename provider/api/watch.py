"""Waiting for many drives with one look at all of them, on a grid of moments they share.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from provider.api.errors import ApiError
from provider.api.reads import LONGEST_FILTER, listed
from provider.api.retry import LONGEST_RETRY_AFTER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provider.api.client import Client
    from provider.api.records import DriveJSON

TICK = 0.1
LOOKS_PER_STEP = 10
LONGEST_STEP = 3.2


def ticks(now: Callable[[], float]) -> Iterator[float]:
    """Pauses to the next moment of a grid, which grows coarser as a wait grows long.

    The moments of a coarse grid are moments of the finer ones, so that old and
    young waits look together.
    """
    began, step = now(), TICK
    while True:
        left = step - now() % step
        yield left if left > TICK / 10 else left + step  # that one has as good as come
        while step < LONGEST_STEP and now() - began > LOOKS_PER_STEP * step:
            step *= 2


class Wait:
    """One drive that is waited for; at a status among `told` all of it is wanted."""

    def __init__(self, uuid: str, told: frozenset[str], after: float) -> None:
        self.uuid = uuid
        self.told = told
        self.after = after


class Look(NamedTuple):
    """What one look at all waiting drives found, or why it found nothing."""

    began: float
    statuses: dict[str, str]
    drives: dict[str, DriveJSON]
    failure: ApiError | None = None
    until: float = -math.inf  # the moment before which the server wants no other


class Watch:
    """The drives that are waited for; threads share one, and the first to wake looks for all."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.now = now
        self._waits: list[Wait] = []
        self._last = Look(-math.inf, {}, {})

    @contextmanager
    def waiting(
        self, client: Client, uuid: str, told: frozenset[str]
    ) -> Iterator[Callable[[], DriveJSON | None]]:
        """A look at the drive: at its status alone, or None when its own GET has to tell."""
        wait = Wait(uuid.lower(), told, self.now())
        self._waits.append(wait)
        try:
            yield lambda: self._seen(client, wait)
        finally:
            self._waits.remove(wait)

    def _seen(self, client: Client, wait: Wait) -> Any:
        with client.alone("drives/?waits"):
            look = self._last = self._current(client, wait)
        wait.after = look.began
        if look.failure:
            raise look.failure
        status = look.statuses.get(wait.uuid)
        if status is None or status in wait.told:
            return look.drives.get(wait.uuid)
        return {"uuid": wait.uuid, "status": status}

    def _current(self, client: Client, wait: Wait) -> Look:
        """The last look, or a new one where it is too old and the server allows one."""
        last, now = self._last, self.now()
        if last.failure and now < last.until:
            last.failure.retry_after = last.until - now
            return last
        # One look serves a tick, but never a wait that began, or has looked, after it.
        serves = last.began > wait.after and last.began >= now - now % TICK
        return last if serves else self._look(client)

    def _look(self, client: Client) -> Look:
        began, waits = self.now(), list(self._waits)
        try:
            statuses = _statuses(client, {wait.uuid for wait in waits})
            told = dict.fromkeys(w.uuid for w in waits if statuses.get(w.uuid) in w.told)
            return Look(began, statuses, listed(client, told))
        except ApiError as failure:
            asked = min(failure.retry_after or 0.0, LONGEST_RETRY_AFTER)
            return Look(began, {}, {}, failure, until=self.now() + asked)


def _statuses(client: Client, uuids: set[str]) -> dict[str, str]:
    """The statuses of these drives, in one request however many they are."""
    filters: dict[str, Any] = {"uuid": sorted(uuids)} if len(uuids) <= LONGEST_FILTER else {}
    found = client.once().collection("drives").list(fields=("uuid", "status"), **filters)
    return {str(record.get("uuid")).lower(): str(record.get("status")) for record in found}

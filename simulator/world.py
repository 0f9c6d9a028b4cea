"""The simulated account: its objects, and the operations under way on them.

Knows no HTTP. The rules for each kind of object are in the modules named after it.
"""

from __future__ import annotations

import copy
import random
import time
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from simulator import catalog, errors, records, states, storage
from simulator.clock import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from simulator.settings import Settings

Row = TypeVar("Row", bound=Any)


class Table(Generic[Row]):
    """Objects of one kind in the order of their creation, and which of them changed."""

    def __init__(self, record: type[Row]) -> None:
        self.record = record
        self.rows: dict[str, Row] = {}
        self.changed: dict[str, None] = {}

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)

    def __contains__(self, uuid: str) -> bool:
        return uuid in self.rows

    def find(self, uuid: str) -> Row | None:
        """The object, or None."""
        return self.rows.get(uuid)

    def get(self, uuid: str) -> Row:
        """The object; raises the API's 404 without one."""
        row = self.rows.get(uuid)
        if row is None:
            raise errors.missing(uuid)
        return row

    def put(self, row: Row) -> Row:
        """Store an object, or that it changed."""
        self.rows[row.uuid] = row
        self.changed[row.uuid] = None
        return row

    def remove(self, uuid: str) -> None:
        """Forget an object; an unknown one is forgotten already."""
        if self.rows.pop(uuid, None) is not None:
            self.changed[uuid] = None

    def clear(self) -> None:
        """Forget every object."""
        self.changed |= dict.fromkeys(self.rows)
        self.rows.clear()


class World:
    """One account at one location."""

    def __init__(self, settings: Settings, now: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self.switches = copy.deepcopy(settings.switches)
        self.now = now
        self.dice = random.Random(settings.random_seed)
        self.place = storage.place(settings.location)
        self.clock = Clock.parse(settings.clock)
        self.owner = "5b4a69a3-8e78-4c45-a8ba-8b13f0895e23"
        self.drives = Table(records.Drive)
        self.library = Table(records.Drive)
        self.servers = Table(records.Server)
        self.tags = Table(records.Tag)
        self.rds_records = Table(records.RdsRecord)
        self.jobs = Table(records.Job)
        self.snapshots = Table(records.Snapshot)
        self.operations = Table(records.Operation)
        self.profiles = Table(records.Profile)
        self.tables: dict[str, Table[Any]] = {
            name: value for name, value in vars(self).items() if isinstance(value, Table)
        }

    def reset(self) -> None:
        """Start over: an empty account and the library, clock and switches as at the start."""
        self.clock = Clock.parse(self.settings.clock)
        self.switches = copy.deepcopy(self.settings.switches)
        for table in self.tables.values():
            table.clear()
        self.profiles.put(records.Profile(self.owner, self.settings.user))
        for image in catalog.library():
            self.library.put(image)

    @property
    def profile(self) -> records.Profile:
        """The account's settings."""
        return self.profiles.get(self.owner)

    def any_drive(self, uuid: str) -> records.Drive:
        """A drive of the account or of the library."""
        # documented: a library drive answers under /drives/{uuid}/ too
        return self.library.find(uuid) or self.drives.get(uuid)

    def put(self, row: records.Drive | records.Server) -> None:
        """Store a changed drive or server where it belongs."""
        if isinstance(row, records.Server):
            self.servers.put(row)
        elif row.uuid in self.library:
            self.library.put(row)
        else:
            self.drives.put(row)

    def move(self, drive: records.Drive, status: str) -> None:
        """Give a drive another status, along a declared edge."""
        if not states.is_declared("drive", drive.status, status):
            raise AssertionError(f"undeclared edge {drive.status!r} -> {status!r}")
        drive.status = status
        self.put(drive)

    def move_server(self, server: records.Server, status: str) -> None:
        """Give a server another status, along a declared edge."""
        if not states.is_declared("server", server.status, status):
            raise AssertionError(f"undeclared edge {server.status!r} -> {status!r}")
        server.status = status
        self.servers.put(server)

    def begin(self, kind: str, *subjects: str, size: int | None = None) -> records.Operation:
        """Start work that ends by the clock; `operations.FINISH` says what its end does."""
        reads, started = self.clock.reads, self.now()
        due = started + self.clock.duration(self.dice)
        return self.operations.put(
            records.Operation(kind, list(subjects), reads, reads, started, due, size=size)
        )

    def operations_on(self, uuid: str) -> list[records.Operation]:
        """The work under way on an object."""
        return [operation for operation in self.operations if uuid in operation.subjects]

    def count_reads(self, uuids: Iterable[str]) -> None:
        """Count one read for every operation on an object that was shown."""
        shown = set(uuids) if self.operations.rows else set()
        for operation in self.operations:
            if operation.reads_left and not shown.isdisjoint(operation.subjects):
                operation.reads_left -= 1
                self.operations.put(operation)

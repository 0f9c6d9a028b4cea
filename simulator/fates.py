"""What becomes of drives by themselves: the end of their work, outages, and their removal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import mounts, states, tags
from simulator.records import Drive

if TYPE_CHECKING:
    from simulator.records import Operation
    from simulator.world import World

RELATIONS = frozenset({"uuid", "tags", "mounted_on", "jobs", "snapshots"})
OVERWRITABLE = frozenset(vars(Drive("", "", 0, "", None, ""))) - RELATIONS


def settle(world: World, drive: Drive) -> None:
    """Put a drive whose work is done into its resting status."""
    world.move(drive, "mounted" if drive.mounted_on else "unmounted")


def overwrite(world: World, drive: Drive, changes: dict[str, Any]) -> None:
    """Change a drive past all rules, as only tests may; relations are not to be broken."""
    unknown = changes.keys() - OVERWRITABLE
    if unknown:
        raise ValueError(f"no such fields of a drive to change: {sorted(unknown)}")
    vars(drive).update(changes)
    world.put(drive)


def take_down(world: World, drive: Drive, reads: int, seconds: float) -> None:
    """The storage of the drive is out of reach for a while, and its work has failed."""
    if not states.is_declared("drive", drive.status, "unavailable"):
        return
    for operation in world.operations_on(drive.uuid):
        if operation.kind in {"create", "resize"}:
            world.operations.remove(operation.uuid)
    world.move(drive, "unavailable")
    outage = world.begin("outage", drive.uuid)
    outage.reads = outage.reads_left = reads
    outage.due = outage.started + seconds


def finish(world: World, operation: Operation) -> None:
    """End a create or a resize; a drive that vanished meanwhile stays away."""
    drive = world.drives.find(operation.subjects[0])
    if drive is None or drive.status not in {"creating", "resizing"}:
        return
    if operation.size is not None:
        drive.size = operation.size
    settle(world, drive)


def finish_delete(world: World, operation: Operation) -> None:
    """Remove a drive and everything that hangs on it."""
    drive = world.drives.find(operation.subjects[0])
    if drive is not None:
        forget(world, drive)


def forget(world: World, drive: Drive) -> None:
    """The drive, its snapshots, its record and its place in tags and servers are gone."""
    for server in list(drive.mounted_on):
        mounts.detach(world, world.servers.get(server), drive)
    tags.assign(world, drive, [])
    # observed: deleting a drive deletes its snapshots
    for snapshot in drive.snapshots:
        world.snapshots.remove(snapshot)
    # assumed: the RDS record goes with its drive
    world.rds_records.remove(drive.uuid)
    world.drives.remove(drive.uuid)


def finish_outage(world: World, operation: Operation) -> None:
    """The storage of an unavailable drive is back."""
    drive = world.drives.find(operation.subjects[0])
    if drive is not None and drive.status == "unavailable":
        settle(world, drive)

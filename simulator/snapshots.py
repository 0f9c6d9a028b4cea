"""The rules for snapshots, as far as they touch drives.

API: https://cloudsigma-docs.readthedocs.io/en/latest/snapshots.html
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulator import cloning, drives, errors, fields
from simulator.fields import Field
from simulator.records import Drive, Snapshot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.records import Operation
    from simulator.world import World

DEFINITION = {
    "drive": Field(fields.reference, required=True),
    "name": Field(fields.text),
    "meta": Field(fields.string_map),
}
READONLY = frozenset(
    {
        "allocated_size",
        "grantees",
        "owner",
        "permissions",
        "resource_uri",
        "status",
        "tags",
        "timestamp",
        "uuid",
    }
)
# documented: a snapshot's clone takes these keys
CLONE = {
    "name": Field(fields.text),
    "media": Field(fields.one_of("cdrom", "disk")),
    "affinities": Field(fields.texts),
}


def create(world: World, body: Any) -> list[Snapshot]:
    """The snapshots that one request asks for."""
    wanted = [_checked(world, item) for item in fields.listed(body)]
    return [_create_one(world, definition) for definition in wanted]


def _checked(world: World, body: Any) -> dict[str, Any]:
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    drive = world.drives.find(definition["drive"])
    if drive is None:
        raise errors.Invalid(errors.Problem("The drive does not exist", "drive"))
    drives.require_permission(world, drive, "EDIT")
    # documented: only a mounted or unmounted drive can be frozen
    drives.require_ready(drive)
    return definition


def _create_one(world: World, definition: dict[str, Any]) -> Snapshot:
    drive = world.drives.get(definition["drive"])
    moment = datetime.fromtimestamp(world.now(), UTC).strftime("%Y-%m-%d__%H_%M_%S")
    snapshot = world.snapshots.put(
        Snapshot(
            # documented: a nameless snapshot is named after its drive and the time
            name=definition.get("name", f"{drive.uuid}__{moment}"),
            drive=drive.uuid,
            owner=world.owner,
            created=world.now(),
            # assumed: a snapshot takes as much room as its drive
            allocated_size=drive.size,
            meta=definition.get("meta", {}),
        )
    )
    drive.snapshots.append(snapshot.uuid)
    world.put(drive)
    world.begin("snapshot", snapshot.uuid)
    return snapshot


def edit(world: World, uuid: str, body: Any) -> Snapshot:
    """The snapshot with another name or meta."""
    snapshot = world.snapshots.get(uuid)
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    if definition["drive"] != snapshot.drive:
        raise errors.Invalid(errors.Problem("The drive cannot be changed", "drive"))
    snapshot.name = definition.get("name", snapshot.name)
    snapshot.meta = definition.get("meta", snapshot.meta)
    return world.snapshots.put(snapshot)


def delete(world: World, uuids: Sequence[str]) -> None:
    """The snapshots are gone; none is if one of them is unknown."""
    for snapshot in [world.snapshots.get(uuid) for uuid in dict.fromkeys(uuids)]:
        drive = world.drives.get(snapshot.drive)
        drive.snapshots.remove(snapshot.uuid)
        world.put(drive)
        world.snapshots.remove(snapshot.uuid)


def clone(world: World, uuid: str, body: Any, avoid: list[list[Drive]]) -> Drive:
    """A drive filled from a snapshot."""
    snapshot = world.snapshots.get(uuid)
    asked = fields.cleaned(body, CLONE)
    source = world.drives.get(snapshot.drive)
    # documented: the clone is named after the snapshot
    asked = {"name": snapshot.name, "media": source.media} | asked
    asked |= {"size": snapshot.allocated_size, "storage_type": source.storage_type}
    return cloning.start(world, source, asked, avoid, [])


def finish(world: World, operation: Operation) -> None:
    """The snapshot can be used."""
    if snapshot := world.snapshots.find(operation.subjects[0]):
        snapshot.status = "available"
        world.snapshots.put(snapshot)

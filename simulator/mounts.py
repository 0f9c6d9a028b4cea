"""The relation between drives and the servers they are mounted on, kept on both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from simulator.records import Drive, Server
    from simulator.world import World


def has_running(world: World, drive: Drive) -> bool:
    """Whether some server that is not stopped has the drive."""
    # assumed: every status but stopped counts as running
    return any(world.servers.get(uuid).status != "stopped" for uuid in drive.mounted_on)


def attach(world: World, server: Server, entry: dict[str, Any]) -> None:
    """The drive is mounted on the server at once, running or not."""
    drive = world.any_drive(entry["drive"])
    server.drives.append(entry)
    drive.mounted_on.append(server.uuid)
    # observed: attachment alone makes a drive mounted; one still being made is mounted when ready
    if drive.status == "unmounted":
        world.move(drive, "mounted")
    world.put(drive)


def detach(world: World, server: Server, drive: Drive) -> None:
    """The drive is no longer on the server."""
    server.drives = [entry for entry in server.drives if entry["drive"] != drive.uuid]
    drive.mounted_on.remove(server.uuid)
    if drive.status == "mounted" and not drive.mounted_on:
        world.move(drive, "unmounted")
    world.put(drive)
    world.servers.put(server)

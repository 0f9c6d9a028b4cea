"""The rules for servers, as far as they decide what their drives allow.

API: https://cloudsigma-docs.readthedocs.io/en/latest/servers.html
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Any

from simulator import drives, errors, fields, mounts, states, storage, tags
from simulator.fields import Field
from simulator.records import Drive, Server

if TYPE_CHECKING:
    from simulator.records import Operation
    from simulator.world import World

DEVICES = ("ide", "virtio", "scsi")
ATTACHMENT = {
    "drive": Field(fields.reference, required=True),
    "dev_channel": Field(fields.text, required=True),
    "device": Field(fields.one_of(*DEVICES), required=True),
    "boot_order": Field(fields.nullable(fields.positive)),
}
# assumed: the other settings of a server are stored and have no effect on drives
OPTIONS = (
    "auto_start",
    "context",
    "cpu_type",
    "cpus_instead_of_cores",
    "enable_numa",
    "hv_relaxed",
    "hv_tsc",
    "hypervisor",
    "nics",
    "pubkeys",
    "requirements",
    "smp",
)
RUNTIME = frozenset({"runtime"})


def attachments(value: Any) -> list[dict[str, Any]]:
    """The `drives` of a server, each attached once."""
    if not isinstance(value, list):
        raise ValueError("Enter a list")
    try:
        entries = [fields.cleaned(item, ATTACHMENT, readonly=RUNTIME) for item in value]
    except errors.Invalid as error:
        raise ValueError(str(error)) from error
    if len({entry["drive"] for entry in entries}) < len(entries):
        raise ValueError("A drive is attached twice")
    return entries


DEFINITION = {
    "name": Field(fields.text, required=True),
    "cpu": Field(fields.positive, required=True),
    "mem": Field(fields.positive, required=True),
    "vnc_password": Field(fields.text, required=True),
    "drives": Field(attachments),
    "meta": Field(fields.string_map),
    "tags": Field(fields.references),
    **{key: Field(fields.anything) for key in OPTIONS},
}
READONLY = frozenset(
    {"grantees", "jobs", "owner", "permissions", "resource_uri", "runtime", "status", "uuid"}
)
RECURSE = {"all_drives": ("disk", "cdrom"), "disks": ("disk",), "cdroms": ("cdrom",)}


def _check_attachable(world: World, server: Server | None, entry: dict[str, Any]) -> None:
    uuid = entry["drive"]
    if uuid not in world.drives and uuid not in world.library:
        raise errors.Invalid(errors.Problem(f"Drive {uuid} does not exist", "drives"))
    drive = world.any_drive(uuid)
    if server is not None and server.uuid in drive.mounted_on:
        return
    # documented: a library disk must be cloned before it is attached
    if drive.owner is None and drive.media == "disk":
        raise errors.Forbidden("A library disk must be cloned first")
    if drive.owner is not None:
        drives.require_permission(world, drive, "ATTACH")
    if drive.mounted_on:
        _check_shareable(drive)
    if drive.status in {"deleting", "unavailable"}:
        raise errors.Forbidden(f"The drive is {drive.status}")


def _check_shareable(drive: Drive) -> None:
    # assumed: a second server needs allow_multimount or a cdrom
    if not (drive.allow_multimount or drive.media == "cdrom"):
        raise errors.Forbidden("The drive is mounted on another server")


def _checked(world: World, server: Server | None, body: Any) -> dict[str, Any]:
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    for uuid in definition.get("tags", []):
        if uuid not in world.tags:
            raise errors.Invalid(errors.Problem(f"Tag {uuid} does not exist", "tags"))
    for entry in definition.get("drives", []):
        _check_attachable(world, server, entry)
    return definition


def create(world: World, body: Any) -> list[Server]:
    """The servers that one request asks for, stopped."""
    wanted = [_checked(world, None, item) for item in fields.listed(body)]
    claims = Counter(entry["drive"] for server in wanted for entry in server.get("drives", []))
    for uuid in [uuid for uuid, count in claims.items() if count > 1]:
        _check_shareable(world.any_drive(uuid))
    return [_create_one(world, definition) for definition in wanted]


def _create_one(world: World, definition: dict[str, Any]) -> Server:
    server = Server(
        name=definition["name"],
        cpu=definition["cpu"],
        mem=definition["mem"],
        vnc_password=definition["vnc_password"],
        owner=world.owner,
        meta=definition.get("meta", {}),
        options={key: definition[key] for key in OPTIONS if key in definition},
        host=len(world.servers) % storage.HOSTS,
    )
    world.servers.put(server)
    tags.assign(world, server, definition.get("tags", []))
    for entry in definition.get("drives", []):
        mounts.attach(world, server, entry)
    return server


def edit(world: World, uuid: str, body: Any) -> Server:
    """The server after a PUT, which replaces its drives unless it runs."""
    server = world.servers.get(uuid)
    definition = _checked(world, server, body)
    server.name = definition["name"]
    server.meta = definition.get("meta", server.meta)
    tags.assign(world, server, definition.get("tags", []))
    # documented: on a running server only name, meta and tags are applied
    if server.status == "stopped":
        server.cpu, server.mem = definition["cpu"], definition["mem"]
        server.vnc_password = definition["vnc_password"]
        server.options |= {key: definition[key] for key in OPTIONS if key in definition}
        if "drives" in definition:
            _replace_drives(world, server, definition["drives"])
    return world.servers.put(server)


def _replace_drives(world: World, server: Server, wanted: list[dict[str, Any]]) -> None:
    kept = {entry["drive"] for entry in wanted}
    for entry in list(server.drives):
        if entry["drive"] not in kept:
            mounts.detach(world, server, world.any_drive(entry["drive"]))
    held = {entry["drive"] for entry in server.drives}
    for entry in wanted:
        if entry["drive"] not in held:
            mounts.attach(world, server, entry)
    server.drives = wanted


def delete(world: World, uuid: str, recurse: str | None) -> None:
    """The server is gone, and with `recurse` so are its drives of some media."""
    server = world.servers.get(uuid)
    if server.status != "stopped":
        raise errors.Forbidden("The server is not stopped")
    attached = [world.any_drive(entry["drive"]) for entry in server.drives]
    media = RECURSE[recurse] if recurse else ()
    doomed = [drive for drive in attached if drive.media in media and drive.owner is not None]
    # documented: recurse deletes the attached drives of the named media
    drives.delete(world, [drive.uuid for drive in doomed])
    for entry in list(server.drives):
        mounts.detach(world, server, world.any_drive(entry["drive"]))
    tags.assign(world, server, [])
    world.servers.remove(uuid)


# (status it needs, status meanwhile); documented: the edges of the server diagram
ACTIONS = {
    "start": ("stopped", "starting"),
    "stop": ("running", "stopping"),
    "shutdown": ("running", "stopping"),
}


def act(world: World, uuid: str, action: str) -> None:
    """The server is on its way to running or stopped."""
    server = world.servers.get(uuid)
    needed, meanwhile = ACTIONS[action]
    if server.status != needed:
        # assumed: an action that does not fit the status answers 403
        raise errors.Forbidden(f"The server is {server.status}")
    if action == "start":
        for entry in server.drives:
            drive = world.any_drive(entry["drive"])
            if drive.status not in states.READY:
                # assumed: a server with a busy or unavailable drive does not start
                raise errors.Forbidden(f"Drive {drive.uuid} is {drive.status}")
    world.move_server(server, meanwhile)
    world.begin(action, uuid)


def finish(world: World, operation: Operation) -> None:
    """End a start, stop or shutdown."""
    server = world.servers.find(operation.subjects[0])
    if server is not None and server.status == ACTIONS[operation.kind][1]:
        world.move_server(server, "running" if operation.kind == "start" else "stopped")


def groups(world: World) -> list[list[str]]:
    """The uuids of running servers that share a host."""
    # documented: only running servers appear in availability groups
    shared: dict[int, list[str]] = defaultdict(list)
    for server in world.servers:
        if server.status == "running":
            shared[server.host].append(server.uuid)
    return list(shared.values())

"""The rules for drives: create, edit, resize, delete.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import errors, fields, mounts, states, storage, tags
from simulator.fields import Field
from simulator.records import Drive

if TYPE_CHECKING:
    from collections.abc import Sequence

    from simulator.world import World

DEFINITION = {
    "name": Field(fields.text, required=True),
    "media": Field(fields.one_of("cdrom", "disk"), required=True),
    "size": Field(fields.positive, required=True),
    "storage_type": Field(fields.nullable(fields.text)),
    "meta": Field(fields.string_map),
    "tags": Field(fields.references),
    "allow_multimount": Field(fields.boolean),
    "affinities": Field(fields.texts),
    "iops": Field(fields.nullable(fields.positive)),
}
READONLY = frozenset(
    {
        "backup_scheduler",
        "grantees",
        "jobs",
        "licenses",
        "mounted_on",
        "owner",
        "permissions",
        "remote_snapshots",
        "resource_uri",
        "runtime",
        "snapshots",
        "status",
        "uuid",
    }
)
# documented: a drive on a running server takes only these changes
ALWAYS_EDITABLE = ("name", "meta", "tags", "allow_multimount")


def create(world: World, body: Any, avoid: list[list[Drive]]) -> list[Drive]:
    """The drives that one request asks for; none exists if one of them is refused."""
    wanted = [_new_definition(world, item) for item in fields.listed(body)]
    return [_create_one(world, definition, avoid) for definition in wanted]


def _new_definition(world: World, body: Any) -> dict[str, Any]:
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    # documented: an omitted storage type becomes the location's default
    definition["storage_type"] = definition.get("storage_type") or "dssd"
    check(world, definition)
    return definition


def check(world: World, definition: dict[str, Any], present_size: int | None = None) -> None:
    """Refuse a storage type, size or tag that cannot be; a drive's own size always can."""
    kind, size = definition["storage_type"], definition["size"]
    problems = [storage.unknown_type(kind)]
    if size != present_size:
        problems.append(storage.out_of_bounds(size, kind))
    problems += [
        errors.Problem(f"Tag {uuid} does not exist", "tags")
        for uuid in definition.get("tags", [])
        if uuid not in world.tags
    ]
    if found := [problem for problem in problems if problem]:
        raise errors.Invalid(*found)
    storage.require_offer(world.place, kind)


def _create_one(world: World, definition: dict[str, Any], avoid: list[list[Drive]]) -> Drive:
    kind = definition["storage_type"]
    tagged = definition.pop("tags", [])
    definition["size"] = storage.rounded(definition["size"], kind)
    drive = Drive(**definition, owner=world.owner, status=states.GONE)
    # documented: the server may add meta keys of its own
    if world.switches.server_meta:
        drive.meta.setdefault("description", "")
    drive.host = storage.host_for(world.drives, kind, avoid)
    world.move(drive, "creating")
    tags.assign(world, drive, tagged)
    world.begin("create", drive.uuid)
    return drive


def edit(world: World, uuid: str, body: Any) -> Drive:
    """The drive after a PUT.

    On a running server, differences in restricted fields are dropped without a word.
    """
    drive, definition = _change(world, uuid, body)
    if mounts.has_running(world, drive):
        # documented: PUT on a running server silently drops the other fields
        definition = {key: definition[key] for key in ALWAYS_EDITABLE if key in definition}
    _apply(world, drive, definition)
    return drive


def resize(world: World, uuid: str, body: Any) -> Drive:
    """The drive after the resize action, which applies the whole definition or nothing."""
    drive, definition = _change(world, uuid, body)
    restricted = [
        key
        for key, value in definition.items()
        if key not in ALWAYS_EDITABLE and value != getattr(drive, key)
    ]
    if restricted and mounts.has_running(world, drive):
        # documented: resize fails when the definition cannot be applied completely
        # assumed: a resize that cannot be applied answers 403, with the field as its point
        point = "size" if "size" in restricted else restricted[0]
        text = "Cannot be changed while the drive is mounted on a running server"
        raise errors.Forbidden(errors.Problem(text, point))
    _apply(world, drive, definition)
    return drive


def _change(world: World, uuid: str, body: Any) -> tuple[Drive, dict[str, Any]]:
    """The drive and the checked definition it is to get, sizes rounded."""
    drive = world.any_drive(uuid)
    require_permission(world, drive, "EDIT")
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    require_ready(drive)
    kind = definition.get("storage_type") or drive.storage_type
    definition["storage_type"] = kind
    if kind != drive.storage_type:
        # documented: the storage type cannot be changed after creation
        # assumed: a PUT with another storage type answers 400
        text = "The storage type cannot be changed"
        raise errors.Invalid(errors.Problem(text, "storage_type"))
    check(world, definition, drive.size)
    if definition["size"] != drive.size:
        definition["size"] = storage.rounded(definition["size"], kind)
    # assumed: a PUT clears tags when it omits them, and keeps its other optional keys
    definition.setdefault("tags", [])
    if world.switches.strict_put:
        defaults = Drive("", "", 0, "", None, "")
        for key in ("meta", "allow_multimount", "affinities", "iops"):
            definition.setdefault(key, getattr(defaults, key))
    return drive, definition


def _apply(world: World, drive: Drive, definition: dict[str, Any]) -> None:
    size = definition.pop("size", drive.size)
    if size < drive.size:
        # assumed: a drive cannot shrink
        raise errors.Invalid(errors.Problem("The size cannot be decreased", "size"))
    tags.assign(world, drive, definition.pop("tags"))
    for key, value in definition.items():
        setattr(drive, key, value)
    world.put(drive)
    if size != drive.size:
        # documented: while a drive is resizing its old size is reported
        world.move(drive, "resizing")
        world.begin("resize", drive.uuid, size=size)


def delete(world: World, uuids: Sequence[str]) -> None:
    """Every named drive is on its way out; nothing happens if one of them is refused."""
    # assumed: a bulk delete checks every drive before it deletes one
    drives = [world.any_drive(uuid) for uuid in dict.fromkeys(uuids)]
    for drive in drives:
        _check_deletable(world, drive)
    for drive in drives:
        # documented: a drive on stopped servers is detached and deleted
        for server in list(drive.mounted_on):
            mounts.detach(world, world.servers.get(server), drive)
        world.move(drive, "deleting")
        world.begin("delete", drive.uuid)


def _check_deletable(world: World, drive: Drive) -> None:
    # assumed: the second delete of a drive answers 404
    if drive.status == "deleting":
        raise errors.missing(drive.uuid)
    require_permission(world, drive, "EDIT")
    if drive.status not in states.DELETABLE:
        raise errors.Busy(f"The drive is {drive.status}")
    if mounts.has_running(world, drive):
        # documented: only drives on stopped servers can be deleted
        # assumed: deleting a drive on a running server answers 403
        raise errors.Forbidden("The drive is mounted on a running server")


def require_permission(world: World, drive: Drive, permission: str) -> None:
    """Refuse a drive of the library, or of somebody who did not share it so far."""
    if drive.owner != world.owner and permission not in drive.permissions:
        # documented: library drives and drives shared without the right answer 403
        raise errors.Forbidden(f"The drive is not yours, and {permission} is not granted")


def require_ready(drive: Drive) -> None:
    """Refuse a drive that is busy or cannot be reached."""
    if drive.status in states.PENDING:
        raise errors.Busy(f"The drive is {drive.status}")
    if drive.status not in states.READY:
        # observed: an unavailable drive cannot be changed
        raise errors.Forbidden(f"The drive is {drive.status}")

"""Clones of drives, library drives and snapshots, and how they are named.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from simulator import drives, errors, fates, fields, states, storage
from simulator.records import Drive, Job

if TYPE_CHECKING:
    from simulator.records import Operation
    from simulator.world import World

# documented: under which names library fields stand in the meta of a clone
LIBRARY_META = {
    "arch": "arch",
    "category": "category",
    "description": "description",
    "distribution": "distribution",
    "favourite": "favorite",
    "image_type": "image_type",
    "install_notes": "install notes",
    "os": "os",
    "paid": "paid",
    "url": "url",
    "version": "version",
}
NAMINGS = ("NONE", "COUNTER", "DATE", "TIMESTAMP")


def clone(world: World, uuid: str, body: Any, avoid: list[list[Drive]]) -> Drive:
    """The clone of a drive, being filled."""
    source = world.any_drive(uuid)
    # documented: anybody may clone a library drive, and a shared one with CLONE
    if source.owner is not None:
        drives.require_permission(world, source, "CLONE")
    asked = _checked(world, source, body)
    if source.status != "cloning_src":
        # observed: a source that is being cloned can be cloned again at the same time
        drives.require_ready(source)
    storage.require_offer(world.place, asked["storage_type"])
    target = start(world, source, asked, avoid, [source])
    if source.owner is not None:
        world.move(source, "cloning_src")
    return target


def start(
    world: World,
    source: Drive,
    asked: dict[str, Any],
    avoid: list[list[Drive]],
    read: list[Drive],
) -> Drive:
    """A drive being filled from `source`; its job hangs on it and on the drives it reads."""
    target = _target(world, source, asked, avoid)
    now = world.now()
    involved = [*read, target]
    uris = [f"/api/2.0/drives/{drive.uuid}/" for drive in involved]
    job = world.jobs.put(Job("drive_clone", uris, now, now))
    # documented: a clone's one job hangs on the clone and on its source
    for drive in involved:
        drive.jobs.append(job.uuid)
        world.put(drive)
    world.begin("clone", target.uuid, job.uuid, *(drive.uuid for drive in read))
    return target


def _checked(world: World, source: Drive, body: Any) -> dict[str, Any]:
    asked = fields.cleaned(body, drives.DEFINITION, readonly=drives.READONLY, partial=True)
    # documented: an omitted name, media, size or storage type is the source's
    asked.setdefault("name", clone_name(world, source.name))
    asked.setdefault("media", source.media)
    asked["storage_type"] = asked.get("storage_type") or source.storage_type
    size = asked.setdefault("size", source.size)
    kind = asked["storage_type"]
    problems = [storage.unknown_type(kind)]
    if size < source.size:
        # documented: a clone has the size of its source or a bigger one
        problems.append(errors.Problem("A clone cannot be smaller than its source", "size"))
    elif size != source.size:
        problems.append(storage.out_of_bounds(size, kind))
    if found := [problem for problem in problems if problem]:
        raise errors.Invalid(*found)
    return asked


def _target(world: World, source: Drive, asked: dict[str, Any], avoid: list[list[Drive]]) -> Drive:
    kind, size = asked["storage_type"], asked["size"]
    # assumed: clone ignores meta, tags and allow_multimount
    target = Drive(
        name=asked["name"],
        media=asked["media"],
        size=size if size == source.size else storage.rounded(size, kind),
        storage_type=kind,
        owner=world.owner,
        status=states.GONE,
        affinities=asked.get("affinities", []),
        # documented: licenses come along with a clone
        licenses=list(source.licenses),
        meta=_library_meta(source.library),
        host=storage.host_for(world.drives, kind, avoid),
    )
    world.move(target, "cloning_dst")
    return target


def _library_meta(library: dict[str, Any]) -> dict[str, str]:
    # documented: the library's descriptive fields are copied into the clone's meta
    def text(value: Any) -> str:
        return ",".join(value) if isinstance(value, list) else str(value)

    return {meta: text(library[key]) for key, meta in LIBRARY_META.items() if key in library}


def finish(world: World, operation: Operation) -> None:
    """The clone is filled, its job done, and its source as before after the last clone."""
    target_uuid, job_uuid, *read = operation.subjects
    target = world.drives.find(target_uuid)
    if target and target.status == "cloning_dst":
        fates.settle(world, target)
    job = world.jobs.get(job_uuid)
    # assumed: a clone whose target vanished has a failed job
    job.state, job.progress = ("success", 100) if target else ("failed", job.progress)
    job.last_modified = world.now()
    world.jobs.put(job)
    for source in read:
        _release(world, source, operation)


def _release(world: World, uuid: str, ended: Operation) -> None:
    # observed: a source keeps its status until its last clone is done
    others = [o for o in world.operations_on(uuid) if o is not ended and o.kind == "clone"]
    source = world.drives.find(uuid)
    if source and source.status == "cloning_src" and not others:
        fates.settle(world, source)


def clone_name(world: World, name: str) -> str:
    """The name of a clone made without one, by the profile's rule."""
    now = datetime.fromtimestamp(world.now(), UTC)
    match world.profile.clone_naming:
        case "COUNTER":
            return _counted(name)
        case "DATE":
            return _stamped(name, now.strftime("%Y-%m-%d"), r"\d{4}-\d\d-\d\d")
        case "TIMESTAMP":
            pattern = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"
            return _stamped(name, now.strftime("%Y-%m-%d %H:%M:%S"), pattern)
        case _:
            # documented: the naming rule NONE keeps the source's name
            return name


def _counted(name: str) -> str:
    # documented: COUNTER increases an existing _n ending, or begins one
    if match := re.fullmatch(r"(.*)_(\d{1,18})", name, re.DOTALL):
        return f"{match[1]}_{int(match[2]) + 1}"
    return f"{name}_1"


def _stamped(name: str, stamp: str, pattern: str) -> str:
    # documented: an existing date ending is updated; a current one gets a counter after it
    if re.fullmatch(rf".*-{re.escape(stamp)}(_\d+)?", name, re.DOTALL):
        return _counted(name)
    return re.sub(rf"-{pattern}(_\d+)?\Z", "", name) + f"-{stamp}"

"""How each kind of object looks in an answer: one function per key.

API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from simulator import listing
from simulator.listing import NAMED, View, reference, references
from simulator.settings import NEWER_KEYS, SHARING_KEYS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from simulator.listing import Filter, Key
    from simulator.records import Drive, Job, Tag
    from simulator.world import World


def field(name: str) -> Key:
    """The stored attribute as it is."""
    get = attrgetter(name)
    return lambda _, row: get(row)


def fixed(value: Any) -> Key:
    """The same value for every object."""
    return lambda _, __: value


def pointers(name: str, kind: str) -> Key:
    """The uuids of an attribute as references."""
    return lambda _, row: references(kind, getattr(row, name))


def uri(kind: str) -> Key:
    """The object's own address."""
    return lambda _, row: f"/api/2.0/{kind}/{row.uuid}/"


def owner(_: World, row: Any) -> dict[str, str] | None:
    """Whose it is; null marks a library drive."""
    return reference("user", row.owner) if row.owner else None


def moment(seconds: float) -> str:
    """A time as the API writes it."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="microseconds")


def runtime(world: World, drive: Drive) -> dict[str, Any]:
    """What the storage says about a drive."""
    newer = {"is_downloadable": True, "is_ephemeral": drive.storage_type == "local_nvme"}
    # documented: is_snapshotable is null in fresh creates and clones, true later
    return {
        "is_snapshotable": None if drive.status in {"creating", "cloning_dst"} else True,
        "snapshots_allocated_size": sum(
            world.snapshots.get(uuid).allocated_size for uuid in drive.snapshots
        ),
        "storage_type": drive.storage_type,
    } | {key: newer[key] for key in newer if key in world.switches.extra_keys}


_DRIVE: Mapping[str, Key] = {
    "affinities": field("affinities"),
    "allow_multimount": field("allow_multimount"),
    "backup_scheduler": fixed(None),
    "grantees": fixed([]),
    "iops": field("iops"),
    "jobs": pointers("jobs", "jobs"),
    "licenses": field("licenses"),
    "media": field("media"),
    "meta": field("meta"),
    "mounted_on": pointers("mounted_on", "servers"),
    "name": field("name"),
    "owner": owner,
    "permissions": field("permissions"),
    "remote_snapshots": fixed([]),
    "resource_uri": uri("drives"),
    "runtime": runtime,
    "size": field("size"),
    "snapshots": pointers("snapshots", "snapshots"),
    "status": field("status"),
    "storage_type": field("storage_type"),
    "tags": pointers("tags", "tags"),
    "uuid": field("uuid"),
}


def _drive_keys(world: World) -> Mapping[str, Key]:
    # documented: a drive has 19 base keys; newer answers have more, older ones fewer
    hidden = {key for key in NEWER_KEYS if key not in world.switches.extra_keys}
    hidden |= {key for key in SHARING_KEYS if key in world.switches.missing_keys}
    return {name: key for name, key in _DRIVE.items() if name not in hidden}


DRIVES = View(_drive_keys, ("owner", "resource_uri", "status", "uuid"), NAMED)


def _library(name: str) -> Key:
    return lambda _, drive: drive.library[name]


def _in_library(name: str) -> Filter:
    def passes(_: World, drive: Drive, value: str) -> bool:
        held = drive.library[name]
        return value in held if isinstance(held, list) else held == value

    return passes


# documented: library drives have fields and filters of their own
_LIBRARY_FIELDS = (
    "arch",
    "category",
    "description",
    "distribution",
    "favourite",
    "image_type",
    "install_notes",
    "os",
    "paid",
    "url",
    "version",
)
# documented: library drives show neither storage type, runtime, snapshots nor sharing
_NOT_IN_LIBRARY = {"runtime", "snapshots", *NEWER_KEYS, *SHARING_KEYS}
_LIBRARY: Mapping[str, Key] = {
    **{name: key for name, key in _DRIVE.items() if name not in _NOT_IN_LIBRARY},
    **{name: _library(name) for name in _LIBRARY_FIELDS},
    "resource_uri": uri("libdrives"),
    "storage_type": fixed(None),
}
LIBRARY = View(
    lambda _: _LIBRARY,
    tuple(_LIBRARY),
    {
        "name": listing.exact("name"),
        "name__icontains": listing.contains("name"),
        "uuid": listing.exact("uuid"),
        **{
            n: _in_library(n)
            for n in ("arch", "category", "distribution", "image_type", "os", "version")
        },
    },
)


def attachment(entry: dict[str, Any]) -> dict[str, Any]:
    """A drive as a server lists it."""
    channel = {key: entry.get(key) for key in ("boot_order", "dev_channel", "device")}
    return {**channel, "drive": reference("drives", entry["drive"]), "runtime": None}


def option(name: str, default: Any) -> Key:
    """A server's setting that has no bearing on drives."""
    return lambda _, server: server.options.get(name, default)


_SERVER: Mapping[str, Key] = {
    "cpu": field("cpu"),
    "drives": lambda _, row: [attachment(entry) for entry in row.drives],
    "mem": field("mem"),
    "meta": field("meta"),
    "name": field("name"),
    "owner": owner,
    "resource_uri": uri("servers"),
    "runtime": fixed(None),
    "status": field("status"),
    "tags": pointers("tags", "tags"),
    "uuid": field("uuid"),
    "vnc_password": field("vnc_password"),
    "hypervisor": option("hypervisor", "kvm"),
    "nics": option("nics", []),
    "smp": option("smp", 1),
}
SERVERS = View(
    lambda _: _SERVER, ("name", "owner", "resource_uri", "runtime", "status", "uuid"), NAMED
)


def _resources(world: World, tag: Tag) -> list[dict[str, Any]]:
    shown = []
    for uuid in tag.resources:
        kind = "servers" if uuid in world.servers else "drives"
        row = getattr(world, kind).get(uuid)
        shown.append({"owner": owner(world, row), "res_type": kind, **reference(kind, uuid)})
    return shown


_TAG: Mapping[str, Key] = {
    "meta": field("meta"),
    "name": field("name"),
    "owner": owner,
    "resource_uri": uri("tags"),
    "resources": _resources,
    "uuid": field("uuid"),
}
TAGS = View(
    lambda _: _TAG, tuple(_TAG), {"name": listing.exact("name"), "uuid": listing.exact("uuid")}
)

_RDS_RECORD: Mapping[str, Key] = {
    "amount": field("amount"),
    "drive": lambda _, row: reference("drives", row.uuid),
}
RDS_RECORDS = View(lambda _: _RDS_RECORD, tuple(_RDS_RECORD), {})


def _progress(_: World, job: Job) -> dict[str, int]:
    return {"progress": job.progress}


_JOB: Mapping[str, Key] = {
    "children": fixed([]),
    "created": lambda _, row: moment(row.created),
    "data": _progress,
    "last_modified": lambda _, row: moment(row.last_modified),
    "operation": field("operation"),
    "resource_uri": uri("jobs"),
    "resources": field("resources"),
    "state": field("state"),
    "uuid": field("uuid"),
}
JOBS = View(lambda _: _JOB, tuple(_JOB), {"state": listing.exact("state")})

_SNAPSHOT: Mapping[str, Key] = {
    "allocated_size": field("allocated_size"),
    "drive": lambda _, row: reference("drives", row.drive),
    "meta": field("meta"),
    "name": field("name"),
    "owner": owner,
    "resource_uri": uri("snapshots"),
    "status": field("status"),
    "tags": pointers("tags", "tags"),
    "timestamp": lambda _, row: moment(row.created),
    "uuid": field("uuid"),
}
SNAPSHOTS = View(
    lambda _: _SNAPSHOT,
    ("drive", "name", "owner", "resource_uri", "status", "uuid"),
    {**NAMED, "drive": listing.exact("drive")},
)

_PROFILE: Mapping[str, Key] = {
    name: field(name)
    for name in ("clone_naming", "email", "first_name", "last_name", "meta", "uuid")
}
PROFILE = View(lambda _: _PROFILE, (), {})

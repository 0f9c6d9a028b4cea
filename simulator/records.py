"""The stored objects, as plain data: what a row of the database holds."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Any


def fresh_uuid() -> str:
    """An identifier nobody has."""
    return str(uuid.uuid4())


@dataclass
class Drive:
    """A drive of the account, one shared with it, or a library drive (owner None)."""

    name: str
    media: str
    size: int
    storage_type: str
    owner: str | None
    status: str
    uuid: str = field(default_factory=fresh_uuid)
    meta: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    allow_multimount: bool = False
    affinities: list[str] = field(default_factory=list)
    licenses: list[dict[str, Any]] = field(default_factory=list)
    iops: int | None = None
    permissions: list[str] = field(default_factory=list)
    mounted_on: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)
    snapshots: list[str] = field(default_factory=list)
    host: int = 0
    library: dict[str, Any] = field(default_factory=dict)


@dataclass
class Server:
    """A virtual machine, as far as it decides what its drives allow."""

    name: str
    cpu: int
    mem: int
    vnc_password: str
    owner: str
    status: str = "stopped"
    uuid: str = field(default_factory=fresh_uuid)
    drives: list[dict[str, Any]] = field(default_factory=list)
    meta: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    host: int = 0


@dataclass
class Tag:
    """A name that groups drives and servers; `resources` are their uuids."""

    name: str
    owner: str
    uuid: str = field(default_factory=fresh_uuid)
    meta: dict[str, str] = field(default_factory=dict)
    resources: list[str] = field(default_factory=list)


@dataclass
class RdsRecord:
    """How many Remote Desktop users a drive is licensed for; `uuid` is the drive's."""

    uuid: str
    amount: int


@dataclass
class Job:
    """Progress of a clone."""

    operation: str
    resources: list[str]
    created: float
    last_modified: float
    uuid: str = field(default_factory=fresh_uuid)
    state: str = "started"
    progress: int = 0


@dataclass
class Snapshot:
    """A frozen copy of a drive."""

    name: str
    drive: str
    owner: str
    created: float
    allocated_size: int
    status: str = "creating"
    uuid: str = field(default_factory=fresh_uuid)
    meta: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)


@dataclass
class Profile:
    """The account's settings."""

    uuid: str
    email: str
    clone_naming: str = "NONE"
    first_name: str = ""
    last_name: str = ""
    meta: dict[str, str] = field(default_factory=dict)


@dataclass
class Operation:
    """Work under way on some objects; every read of one of them brings it nearer its end."""

    kind: str
    subjects: list[str]
    reads: int
    reads_left: int
    started: float
    due: float
    uuid: str = field(default_factory=fresh_uuid)
    size: int | None = None
    stuck: bool = False

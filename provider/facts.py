"""A drive as data sources show it: every fact the API tells, and nothing to set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from provider.adoption import TOKEN_KEY
from provider.bridge import Model, computed, from_json
from provider.definition import NEWEST_JOBS
from provider.shapes import DriveLicense, Grantee, Reference, Runtime

M = TypeVar("M", bound=Model)


class DriveFacts(Model):
    """A drive."""

    id: str | None = computed("The same as `uuid`.")
    uuid: str | None = computed("UUID of the drive.")
    name: str | None = computed("Name of the drive.")
    resource_uri: str | None = computed("Path of the drive in the API.")
    media: str | None = computed("How servers see the drive: `disk` or `cdrom`.")
    size: int | None = computed("Size in bytes.")
    storage_type: str | None = computed("Storage the drive lives on, such as `dssd`.")
    status: str | None = computed("State of the drive, such as `unmounted` or `mounted`.")
    tags: frozenset[str] | None = computed("UUIDs of the drive's tags.")
    meta: dict[str, str] | None = computed("Notes on the drive, by key.")
    allow_multimount: bool | None = computed("Whether several servers may mount the drive.")
    affinities: list[str] | None = computed("Affinities of the drive; a legacy of the API.")
    iops: int | None = computed("Input and output operations per second, where it was chosen.")
    owner: Reference | None = computed("Owner of the drive; none for a library drive.")
    mounted_on: list[Reference] | None = computed(
        "Servers the drive is attached to, running or not."
    )
    runtime: Runtime | None = computed("What the storage reports.")
    snapshots: list[Reference] | None = computed("Snapshots of the drive.")
    jobs: list[Reference] | None = computed(
        f"The last {NEWEST_JOBS} background jobs the API lists."
    )
    licenses: list[DriveLicense] | None = computed("Licenses the drive needs when its server runs.")
    grantees: list[Grantee] | None = computed("Who the drive is shared with.")
    permissions: list[str] | None = computed("What you may do with a drive of somebody else.")


def facts(model: type[M], drive: Mapping[str, Any], **more: Any) -> M:
    """The facts that are in an answer; what was not asked for is null."""
    tags, jobs = drive.get("tags"), drive.get("jobs")
    return from_json(
        model,
        drive,
        id=drive["uuid"],
        tags=None if tags is None else [tag["uuid"] for tag in tags],
        meta=notes(drive),
        jobs=None if jobs is None else jobs[-NEWEST_JOBS:],
        **more,
    )


def notes(record: Mapping[str, Any]) -> dict[str, str] | None:
    """The notes on an object, without the one that Terraform finds its own creations by."""
    meta = record.get("meta")
    return None if meta is None else {k: v for k, v in meta.items() if k != TOKEN_KEY}

"""cloudsigma_rds_drive: how many Remote Desktop users a Windows drive is licensed for.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from provider import adoption, creation, imports
from provider.bridge import (
    Context,
    Model,
    Resource,
    Timeouts,
    at_least,
    computed,
    from_json,
    is_uuid,
    known,
    replaced,
    required,
    timeouts,
)
from provider.checks import rds_drive as checks

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.collection import Collection

    Ctx: TypeAlias = Context[Client, "RdsDrive"]


class RdsDrive(Model):
    """A record of Remote Desktop users."""

    id: str = computed("The same as `drive`: a drive has at most one record.", stable=True)
    drive: str = required(
        "UUID of the Windows drive. Another drive means another record.",
        replace=True,
        check=is_uuid(),
    )
    amount: int = required("Number of Remote Desktop users, at least 1.", check=at_least(1))
    drive_resource_uri: str | None = computed("Path of the drive in the API.", stable=True)
    timeouts: Timeouts | None = timeouts(create="5m", update="5m", delete="5m")


class RdsDriveFilter(Model):
    """What `terraform query` lists: every record."""


class RdsDriveResource(Resource["Client", RdsDrive]):
    """How many Remote Desktop (RDS) users a Windows drive is licensed for.

    A drive has at most one such record. CloudSigma deletes a record only while its drive is
    mounted on no server.
    """

    name = "rds_drive"
    model = RdsDrive
    identity = ("drive",)
    plan_checks = checks.ALL
    list_model = RdsDriveFilter

    def create(self, ctx: Ctx, plan: RdsDrive) -> RdsDrive:
        """A record that did not exist before, or that Terraform was not told of."""
        records = _records(ctx)

        def look() -> dict[str, Any] | None:
            found = records.find(plan.drive)
            return found if found and found.get("amount") == plan.amount else None

        with adoption.journaled(ctx, "driveusers", plan.drive, amount=plan.amount) as entry:
            present = records.find(plan.drive)
            ours = entry.inherited and (present or {}).get("amount") in {entry.amount, plan.amount}
            if present is not None and not ours:
                entry.settle()
                checks.refuse_second(present, plan.drive)
            with adoption.settled_by_refusal(entry):
                if present is None:
                    body = {"drive": plan.drive, "amount": plan.amount}
                    present = records.create(body, look=look)
            ctx.save(_state(present, plan))
            creation.confirm(records, plan.drive)
            if present.get("amount", plan.amount) != plan.amount:
                present = records.edit(plan.drive, {"amount": plan.amount})
            return _state(present, plan)

    def read(self, ctx: Ctx, prior: RdsDrive) -> RdsDrive | None:
        """The record as the API has it."""
        record = creation.seen(ctx, _records(ctx), prior.drive)
        if record is None:
            return None
        adoption.in_a_state(ctx, "driveusers", prior.drive)
        return _state(record, prior)

    def update(self, ctx: Ctx, prior: RdsDrive, plan: RdsDrive) -> RdsDrive:
        """The record with another amount."""
        return _state(_records(ctx).edit(prior.drive, {"amount": plan.amount}), plan)

    def delete(self, ctx: Ctx, prior: RdsDrive) -> None:
        """The record is gone, with its drive or without."""
        with checks.mounted_drive_explained(ctx.api, prior.drive):
            _records(ctx).delete(prior.drive)

    def modify_plan(self, ctx: Ctx, plan: RdsDrive) -> RdsDrive:  # noqa: ARG002
        """The `id` follows from the drive."""
        return replaced(plan, id=plan.drive)

    def import_state(self, ctx: Ctx, id_: str) -> RdsDrive:
        """The record of the drive with the UUID, or with the name after `name:`."""
        uuid, name = id_.lower(), imports.name_in(id_)
        if name is not None:
            drive = imports.only_one(ctx.api, name)
            if drive is None:
                raise imports.absent(id_)
            uuid = drive["uuid"]
        record = _records(ctx).find(uuid)
        if record is None:
            raise imports.absent(id_, "RDS drive record", "its drive")
        return _state(record, from_json(RdsDrive, {"drive": uuid}))

    def list(self, ctx: Ctx, config: RdsDriveFilter, limit: int) -> Iterable[RdsDrive]:  # noqa: ARG002
        """The records of the account."""
        records = _records(ctx).list(detail=False)
        for record in (record for record in records if record.get("drive", {}).get("uuid")):
            yield _state(record, from_json(RdsDrive, {"drive": record["drive"]["uuid"]}))

    def display_name(self, state: RdsDrive) -> str:
        """What it says."""
        return f"{state.amount} RDS user(s) of drive {state.drive}"


def _records(ctx: Ctx) -> Collection[dict[str, Any]]:
    return ctx.api.collection("driveusers")


def _state(record: dict[str, Any], told: RdsDrive) -> RdsDrive:
    """The state of a record; `told`, a plan or a prior state, has what the API does not know."""
    uri = told.drive_resource_uri if known(told.drive_resource_uri) else None
    return from_json(
        RdsDrive,
        {"amount": told.amount} | record,
        id=told.drive,
        drive=told.drive,
        drive_resource_uri=record.get("drive", {}).get("resource_uri", uri),
        timeouts=told.timeouts,
    )

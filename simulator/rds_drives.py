"""The rules for RDS drive records: how many Remote Desktop users a drive is licensed for.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import drives, errors, fields
from simulator.fields import Field
from simulator.records import RdsRecord

if TYPE_CHECKING:
    from simulator.records import Drive
    from simulator.world import World

# assumed: the amount of a record is at least 1
AMOUNT = Field(fields.positive, required=True)
NEW = {"drive": Field(fields.reference, required=True), "amount": AMOUNT}


def create(world: World, body: Any) -> list[RdsRecord]:
    """The records that one request asks for, at most one for each drive."""
    wanted = [fields.cleaned(item, NEW) for item in fields.listed(body)]
    asked: set[str] = set()
    for definition in wanted:
        _check_drive(world, definition["drive"], asked)
        asked.add(definition["drive"])
    return [world.rds_records.put(RdsRecord(d["drive"], d["amount"])) for d in wanted]


def _check_drive(world: World, uuid: str, asked: set[str]) -> None:
    drive = world.drives.find(uuid) or world.library.find(uuid)
    if drive is None or drive.status == "deleting":
        # assumed: a record for an unknown drive answers 400
        raise errors.Invalid(errors.Problem(f"Drive {uuid} does not exist", "drive"))
    drives.require_permission(world, drive, "EDIT")
    if uuid in world.rds_records or uuid in asked:
        # assumed: a second record for a drive is refused
        raise errors.Invalid(errors.Problem("The drive has a record already", "drive"))
    if world.switches.windows_check and not _is_windows(drive):
        # documented: records are for Windows drives
        # assumed: whether a drive is a Windows drive is not checked unless switched on
        raise errors.Invalid(errors.Problem("The drive holds no Windows", "drive"))


def _is_windows(drive: Drive) -> bool:
    """Whether its licenses or its description say so."""
    names = [entry["license"]["long_name"] for entry in drive.licenses]
    return any("windows" in name.lower() for name in [*names, drive.meta.get("os", "")])


def edit(world: World, uuid: str, body: Any) -> RdsRecord:
    """The record with another amount."""
    record = world.rds_records.get(uuid)
    # assumed: a record may be edited while its drive is mounted
    definition = fields.cleaned(body, {"amount": AMOUNT}, readonly=frozenset({"drive"}))
    record.amount = definition["amount"]
    return world.rds_records.put(record)


def delete(world: World, uuid: str) -> None:
    """The record is gone."""
    record = world.rds_records.get(uuid)
    if world.any_drive(record.uuid).mounted_on:
        # documented: a record cannot be deleted while its drive is mounted
        # assumed: deleting the record of a mounted drive answers 403, running or not
        raise errors.Forbidden(errors.Problem("The drive is mounted on a server", "drive"))
    world.rds_records.remove(uuid)

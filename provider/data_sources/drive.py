"""cloudsigma_drive: one drive, by UUID, name or tag.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from provider.bridge import (
    Context,
    DataSource,
    DiagnosticError,
    Model,
    block,
    is_uuid,
    length,
    optional,
)
from provider.facts import DriveFacts, facts
from provider.imports import drive_line
from provider.selection import exactly_one

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

INSTEAD: Final = "Use `uuid`, `name` or `tag` instead."


class Filter(Model):
    """A condition of the deprecated block."""

    name: str | None = optional("Attribute of the drive that is compared, such as `name`.")
    values: list[str] | None = optional("Values of which the attribute must have one.")


class DriveLookup(DriveFacts):
    """A drive to look up."""

    uuid: str | None = optional("UUID of the drive.", computed=True, check=is_uuid())
    name: str | None = optional("Exact name of the drive.", computed=True, check=length(1))
    tag: str | None = optional("UUID of a tag the drive has.", check=is_uuid())
    filter: frozenset[Filter] | None = block(
        f"Conditions that all must hold. {INSTEAD}",
        deprecated=f"The filter block will be removed. {INSTEAD}",
    )


class DriveData(DataSource["Client", DriveLookup]):
    """One drive of the account, found by `uuid`, `name` or `tag`; given together, all must fit."""

    name = "drive"
    model = DriveLookup

    def validate(self, config: DriveLookup) -> None:
        """Refuse a search for nothing."""
        if not (config.uuid or config.name or config.tag or config.filter):
            raise DiagnosticError(
                'The attribute "name" or "uuid" must be defined.',
                "Nothing says which drive to look up.\n\nSet `uuid`, `name` or `tag`.",
            )

    def read(self, ctx: Context[Client, DriveLookup], config: DriveLookup) -> DriveLookup:
        """The only drive that fits."""
        filters = list(config.filter or ())
        if filters:
            ctx.warn("Filter block is deprecated", f"It will be removed. {INSTEAD}", "filter")
        found = [
            drive
            for drive in _candidates(ctx.api, config)
            if all(passes(drive, condition) for condition in filters)
        ]
        asked: dict[str, object] = {name: getattr(config, name) for name in ("uuid", "name", "tag")}
        asked |= {str(condition.name): condition.values for condition in filters}
        drive = exactly_one("drive", asked, found, _line)
        return facts(DriveLookup, drive, tag=config.tag, filter=config.filter)


def _candidates(api: Client, config: DriveLookup) -> list[DriveJSON]:
    """The drives that fit all but the deprecated block; a library drive only by its UUID.

    What the API found is compared again: no document says how exact its filters are.
    """
    if config.uuid is None:
        asked = {"name": config.name, "tag": config.tag}
        filters: dict[str, Any] = {key: text for key, text in asked.items() if text is not None}
        found = api.drives.list(**filters)
    else:
        drive = api.drives.find(config.uuid)
        found = [drive] if drive else []
    return [
        drive
        for drive in found
        if config.name in (None, drive.get("name"))
        and config.tag in (None, *(tag["uuid"] for tag in drive.get("tags", [])))
    ]


def passes(drive: Mapping[str, Any], condition: Filter) -> bool:
    """The drive's attribute, or one of its elements, has one of the values."""
    if condition.name is None or condition.name not in drive:
        raise DiagnosticError(
            "Filter names no attribute",
            f'Drives have no attribute "{condition.name}" to compare.\n\n{INSTEAD}',
            "filter",
        )
    present = drive[condition.name]
    elements = present if isinstance(present, list) else [present]
    return any(_spelled(element) in (condition.values or ()) for element in elements)


def _spelled(value: object) -> str:
    """A value as the block's strings spell it; a reference by its UUID."""
    match value:
        case bool():
            return str(value).lower()
        case {"uuid": str(uuid)}:
            return uuid
    return "" if value is None else str(value)


def _line(drive: DriveJSON) -> str:
    return f'"{drive.get("name")}", {drive_line(drive)}'

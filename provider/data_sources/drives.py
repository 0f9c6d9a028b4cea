"""cloudsigma_drives: all drives that pass a filter.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from provider.bridge import (
    Context,
    DataSource,
    Model,
    computed,
    each,
    is_uuid,
    length,
    one_of,
    optional,
)
from provider.bridge.checks import Check
from provider.bridge.schema import attributes
from provider.facts import DriveFacts, facts

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

FACTS: Final = sorted(set(attributes(DriveFacts)) - {"id"})
# A request's address has to stay short; beyond, UUIDs are compared here.
MOST_IN_ADDRESS: Final = 100


def is_regex(text: str) -> bool:
    """The text is a regular expression."""
    try:
        re.compile(text)
    except re.error:
        return False
    return True


class Drives(Model):
    """A search for drives."""

    name: str | None = optional("Exactly this name.", check=length(1))
    name_contains: str | None = optional("A part of the name, in any case.", check=length(1))
    name_regex: str | None = optional(
        "Regular expression, in Python's syntax, that a part of the name matches.",
        check=Check("must be a regular expression", is_regex),
    )
    tag: str | None = optional("UUID of a tag the drives have.", check=is_uuid())
    uuids: frozenset[str] | None = optional(
        "UUIDs of drives; others are left out.", check=each(is_uuid())
    )
    status: str | None = optional("State of the drives, such as `unmounted`.", check=length(1))
    storage_type: str | None = optional("Storage the drives live on.", check=length(1))
    mounted: bool | None = optional("Whether the drives are attached to a server.")
    fields: frozenset[str] | None = optional(
        "Attributes to fetch besides `uuid` and `name`; the others stay null. Saves time with "
        "thousands of drives. Default: all.",
        check=each(one_of(*FACTS)),
    )
    drives: list[DriveFacts] = computed("The drives found, by name and then by UUID.")


class DrivesData(DataSource["Client", Drives]):
    """All drives of the account that pass every filter given; there may be none."""

    name = "drives"
    model = Drives

    def read(self, ctx: Context[Client, Drives], config: Drives) -> Drives:
        """The drives found, sorted."""
        found = ctx.api.drives.list(fields=columns(config), **asked(config))
        if config.uuids is not None:
            uuids = {uuid.lower() for uuid in config.uuids}
            found = [drive for drive in found if drive["uuid"].lower() in uuids]
        chosen = [drive for drive in found if passes(drive, config)]
        chosen.sort(key=lambda drive: (drive.get("name", ""), drive["uuid"]))
        return Drives(**vars(config) | {"drives": [facts(DriveFacts, d) for d in chosen]})


def asked(config: Drives) -> dict[str, Any]:
    """The filters that the API applies."""
    few = config.uuids is not None and 0 < len(config.uuids) <= MOST_IN_ADDRESS
    filters = {
        "name": config.name,
        "name__contains": config.name_contains,
        "tag": config.tag,
        "uuid": sorted(config.uuids) if config.uuids and few else None,
    }
    return {key: value for key, value in filters.items() if value is not None}


def columns(config: Drives) -> list[str] | None:
    """The keys to ask the API for, None for all: those chosen, and those compared here."""
    if config.fields is None:
        return None
    compared = {
        "status": config.status is not None,
        "storage_type": config.storage_type is not None,
        "mounted_on": config.mounted is not None,
    }
    needed = {name for name, is_needed in compared.items() if is_needed}
    return sorted({"uuid", "name"} | config.fields | needed)


def passes(drive: DriveJSON, config: Drives) -> bool:
    """The drive passes the filters that the API does not have."""
    return (
        config.status in (None, drive.get("status"))
        and config.storage_type in (None, drive.get("storage_type"))
        and config.mounted in (None, bool(drive.get("mounted_on")))
        and re.search(config.name_regex or "", drive.get("name", "")) is not None
    )

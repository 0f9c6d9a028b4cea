"""cloudsigma_library_drive: one image of CloudSigma's library, to clone.

API: https://cloudsigma-docs.readthedocs.io/en/latest/libdrives.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from provider.bridge import (
    Context,
    DataSource,
    Model,
    computed,
    conflicts_with,
    from_json,
    is_uuid,
    length,
    optional,
)
from provider.selection import exactly_one
from provider.shapes import DriveLicense

if TYPE_CHECKING:
    from provider.api.client import Client

# What the API filters by, under the names that the arguments have.
FILTERS: Final = {
    "name": "name",
    "name_contains": "name__icontains",
    "arch": "arch",
    "os": "os",
    "distribution": "distribution",
    "version": "version",
    "image_type": "image_type",
}


class LibraryDrive(Model):
    """A library drive to look up."""

    id: str = computed("The same as `uuid`.")
    uuid: str | None = optional(
        "UUID of the library drive: what `clone_drive_id` takes.",
        computed=True,
        check=(is_uuid(), conflicts_with(*FILTERS, "most_recent")),
    )
    name: str | None = optional("Exact name.", computed=True, check=length(1))
    name_contains: str | None = optional("A part of the name, in any case.", check=length(1))
    arch: str | None = optional("Architecture, such as `64`.", computed=True, check=length(1))
    os: str | None = optional("Operating system, such as `linux`.", computed=True, check=length(1))
    distribution: str | None = optional(
        "Distribution, such as `debian`.", computed=True, check=length(1)
    )
    version: str | None = optional("Version, such as `13`.", computed=True, check=length(1))
    image_type: str | None = optional(
        "What the image is for: `preinst` is ready to use, `install` an installer.",
        computed=True,
        check=length(1),
    )
    most_recent: bool | None = optional(
        "Take the newest of several that fit: by `created_at` where the API tells it, then by "
        "`version`. Default: `false`, and several are an error."
    )
    media: str | None = computed(
        "How servers see it: a `disk` has to be cloned, a `cdrom` can be attached."
    )
    size: int | None = computed("Size in bytes; a clone has at least this size.")
    status: str | None = computed("State of the drive.")
    storage_type: str | None = computed("Storage the drive lives on, where the API tells it.")
    resource_uri: str | None = computed("Path of the drive in the API.")
    description: str | None = computed("Description for people.")
    category: list[str] | None = computed("Categories of the image.")
    install_notes: str | None = computed("Notes on its installation.")
    url: str | None = computed("Web page of the software.")
    paid: bool | None = computed("Whether its use costs money.")
    deprecated: bool | None = computed("Whether a successor should be used, if the API tells it.")
    created_at: str | None = computed("When the image was made, if the API tells it.")
    default_user: str | None = computed("User to log in as, if the API tells it.")
    cloud_init_service: bool | None = computed(
        "Whether the image runs cloud-init, if the API tells it."
    )
    licenses: list[DriveLicense] | None = computed("Licenses that a clone needs.")


class LibraryDriveData(DataSource["Client", LibraryDrive]):
    """One drive of CloudSigma's library, for the `clone_drive_id` of a drive.

    Found by `uuid`, or by the other arguments together.
    """

    name = "library_drive"
    model = LibraryDrive

    def read(self, ctx: Context[Client, LibraryDrive], config: LibraryDrive) -> LibraryDrive:
        """The only library drive that fits, or the newest of them."""
        library = ctx.api.collection("libdrives")
        asked = {name: getattr(config, name) for name in FILTERS}
        if config.uuid is not None:
            drive = library.find(config.uuid)
            found = [drive] if drive else []
        else:
            found = library.list(**{FILTERS[n]: v for n, v in asked.items() if v is not None})
        if config.most_recent and found:
            newest = max(map(recency, found))
            found = [drive for drive in found if recency(drive) == newest]
        asked = {"uuid": config.uuid, **asked}
        drive = exactly_one("library drive", asked, found, _line, "set `most_recent`, ")
        told = {name: getattr(config, name) for name in ("name_contains", "most_recent")}
        return from_json(LibraryDrive, drive, id=drive["uuid"], **told)


def recency(drive: Mapping[str, Any]) -> tuple[str, list[int]]:
    """Greater for a newer image; versions count by their numbers, so that 10 follows 9."""
    numbers = re.findall(r"\d+", str(drive.get("version") or ""))
    return str(drive.get("created_at") or ""), [int(number) for number in numbers]


def _line(drive: Mapping[str, Any]) -> str:
    facts = (drive.get(key) for key in ("name", "os", "distribution", "version", "image_type"))
    return ", ".join(str(fact) for fact in facts if fact)

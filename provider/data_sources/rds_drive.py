"""cloudsigma_rds_drive: the Remote Desktop users of one drive.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import (
    Context,
    DataSource,
    DiagnosticError,
    Model,
    computed,
    from_json,
    is_uuid,
    required,
)

if TYPE_CHECKING:
    from provider.api.client import Client


class RdsDriveLookup(Model):
    """A record to look up."""

    drive: str = required("UUID of the drive.", check=is_uuid())
    id: str = computed("The same as `drive`.")
    amount: int = computed("Number of Remote Desktop users.")
    drive_resource_uri: str | None = computed("Path of the drive in the API.")


class RdsDriveData(DataSource["Client", RdsDriveLookup]):
    """How many Remote Desktop (RDS) users a drive is licensed for."""

    name = "rds_drive"
    model = RdsDriveLookup

    def read(self, ctx: Context[Client, RdsDriveLookup], config: RdsDriveLookup) -> RdsDriveLookup:
        """The drive's record."""
        record = ctx.api.collection("driveusers").find(config.drive)
        if record is None:
            raise DiagnosticError(
                "No RDS drive record found",
                f"No Remote Desktop users are recorded for a drive {config.drive} in this account "
                "and location.\n\nCorrect the UUID, or create a `cloudsigma_rds_drive`.",
                "drive",
            )
        uri = record.get("drive", {}).get("resource_uri")
        told = {"drive": config.drive, "id": config.drive, "drive_resource_uri": uri}
        return from_json(RdsDriveLookup, record, **told)

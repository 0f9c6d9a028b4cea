"""cloudsigma_rds_drives: the Remote Desktop users of all drives.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import Context, DataSource, Model, computed

if TYPE_CHECKING:
    from provider.api.client import Client


class RdsRecord(Model):
    """A record."""

    drive: str = computed("UUID of the drive.")
    amount: int = computed("Number of Remote Desktop users.")
    drive_resource_uri: str | None = computed("Path of the drive in the API.")


class RdsDrives(Model):
    """All records."""

    rds_drives: list[RdsRecord] = computed("The records, by the UUID of their drive.")


class RdsDrivesData(DataSource["Client", RdsDrives]):
    """All records of Remote Desktop (RDS) users in the account; there may be none."""

    name = "rds_drives"
    model = RdsDrives

    def read(self, ctx: Context[Client, RdsDrives], config: RdsDrives) -> RdsDrives:  # noqa: ARG002
        """The records, sorted."""
        found = ctx.api.collection("driveusers").list(detail=False)
        records = [
            RdsRecord(
                drive=record["drive"]["uuid"],
                amount=record["amount"],
                drive_resource_uri=record["drive"].get("resource_uri"),
            )
            for record in found
        ]
        return RdsDrives(rds_drives=sorted(records, key=lambda record: record.drive))

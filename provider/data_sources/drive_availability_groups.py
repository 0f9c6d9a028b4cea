"""cloudsigma_drive_availability_groups: which drives share a storage host.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import Context, DataSource, DiagnosticError, Model, computed, is_uuid, optional

if TYPE_CHECKING:
    from provider.api.client import Client


class AvailabilityGroups(Model):
    """Groups of drives."""

    drive: str | None = optional(
        "UUID of a drive, whose group alone is shown. Default: all groups.", check=is_uuid()
    )
    groups: list[list[str]] = computed(
        "Groups of UUIDs; the drives of one group share a storage host. Sorted."
    )


class AvailabilityGroupsData(DataSource["Client", AvailabilityGroups]):
    """Which drives share a storage host and so may fail together.

    The `avoid` argument of a drive keeps it away from others.
    """

    name = "drive_availability_groups"
    model = AvailabilityGroups

    def read(
        self, ctx: Context[Client, AvailabilityGroups], config: AvailabilityGroups
    ) -> AvailabilityGroups:
        """All groups, or the one of a drive."""
        if config.drive is None:
            groups = ctx.api.drives.availability_groups()
        else:
            group = ctx.api.drives.availability_group(config.drive)
            if group is None:
                raise DiagnosticError(
                    "Drive does not exist",
                    f"There is no drive {config.drive} in this account and location.\n\nCorrect "
                    "the UUID, or leave `drive` out to see all groups.",
                    "drive",
                )
            groups = [group]
        return AvailabilityGroups(drive=config.drive, groups=sorted(map(sorted, groups)))

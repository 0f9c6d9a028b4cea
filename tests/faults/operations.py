"""The operations that are made to fail: what is there before, and what is applied.

Tags are given by name; whoever applies a configuration puts their UUIDs in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

GIB = 1024**3
LIMITS = {"create": "2m", "update": "2m", "delete": "2m"}
DRIVE = {"name": "data", "media": "disk", "size": GIB, "timeouts": LIMITS}
SOURCE = "5d537d3f-22ea-4967-9ec0-32e837a8b390"
FULL = {**DRIVE, "tags": ["red"], "meta": {"purpose": "test"}}
RDS = "cloudsigma_rds_drive"
USERS = {"drive": SOURCE, "amount": 2, "timeouts": LIMITS}


class Operation(NamedTuple):
    """From one configuration to the next; None is a configuration without the resource."""

    name: str
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    type_name: str = "cloudsigma_drive"

    @property
    def ends(self) -> bool:
        """Whether what was there before is to be deleted."""
        return self.after is None or self.name == "replace"


OPERATIONS = (
    Operation("create", None, DRIVE),
    Operation("create with tags and meta", None, FULL),
    Operation("clone", None, {**DRIVE, "clone_drive_id": SOURCE}),
    Operation("clone with tags and meta", None, {**FULL, "clone_drive_id": SOURCE}),
    Operation("update", FULL, {**DRIVE, "name": "renamed", "meta": {"purpose": "more"}}),
    Operation("resize", DRIVE, {**DRIVE, "size": 2 * GIB}),
    Operation("replace", {**DRIVE, "storage_type": "dssd"}, {**DRIVE, "storage_type": "zadara"}),
    Operation("delete", FULL, None),
    Operation("rds create", None, USERS, RDS),
    Operation("rds update", USERS, {**USERS, "amount": 5}, RDS),
    Operation("rds delete", USERS, None, RDS),
)

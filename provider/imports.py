"""Finding the one drive that somebody means to import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import DiagnosticError

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON


def only_one(api: Client, name: str) -> DriveJSON | None:
    """The drive of that name; several are an error that lists them."""
    found = [drive for drive in api.drives.list(name=name) if drive.get("owner")]
    if len(found) > 1:
        listed = "\n".join(
            f"  {d['uuid']}: {d.get('size')} bytes, {d.get('storage_type')}, {d['status']}"
            for d in found
        )
        raise DiagnosticError(
            "Drive name is ambiguous",
            f'{len(found)} drives are named "{name}":\n\n{listed}\n\nImport the one you mean by '
            "its UUID.",
        )
    return found[0] if found else None


def absent(id_: str) -> DiagnosticError:
    """The error for something to import that does not exist."""
    return DiagnosticError(
        "Drive to import does not exist",
        f'There is no drive "{id_}" in this account and location.\n\nGive the UUID of a drive, '
        "or name: followed by its exact name.",
    )


def refuse_library(drive: DriveJSON) -> None:
    """Stop what belongs to CloudSigma's library from being managed."""
    if drive.get("owner") is None:
        raise DiagnosticError(
            "Library drive cannot be managed",
            f'"{drive.get("name")}" ({drive["uuid"]}) belongs to the library.\n\nClone it: set '
            "`clone_drive_id` of a drive of your own to this UUID.",
        )

"""Finding the one object that somebody means, and saying which when it is none or several."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

from provider.bridge import DiagnosticError

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

R = TypeVar("R", bound=Mapping[str, Any])

NAMED: Final = "name:"  # what the id to import begins with when it is a name


def name_in(id_: str) -> str | None:
    """The name an id to import gives, or None when it is no name."""
    return id_.removeprefix(NAMED) if id_.startswith(NAMED) else None


def single(kind: str, name: str, found: Sequence[R], shown: Callable[[R], str]) -> R | None:
    """The one object found under a name; several are an error that shows each."""
    if len(found) > 1:
        listed = "\n".join(f"  {record['uuid']}: {shown(record)}" for record in found)
        raise DiagnosticError(
            f"{kind.capitalize()} name is ambiguous",
            f'{len(found)} {kind}s are named "{name}":\n\n{listed}\n\nGive the UUID of the one '
            "you mean.",
        )
    return found[0] if found else None


def only_one(api: Client, name: str) -> DriveJSON | None:
    """The own drive of that name; several are an error that lists them."""
    named = [drive for drive in api.drives.list(name=name) if drive.get("name") == name]
    found = [drive for drive in named if drive.get("owner")]
    return single("drive", name, found, drive_line)


def drive_line(drive: DriveJSON) -> str:
    """What tells drives of one name apart."""
    return f"{drive.get('size')} bytes, {drive.get('storage_type')}, {drive['status']}"


def tag_line(tag: Mapping[str, Any]) -> str:
    """What tells tags of one name apart."""
    return f"on {len(tag.get('resources', ()))} object(s)"


def absent(id_: str, kind: str = "drive", named_by: str = "") -> DiagnosticError:
    """The error for something to import that does not exist; another object may name it."""
    return DiagnosticError(
        f"{kind[0].upper()}{kind[1:]} to import does not exist",
        f'There is no {kind} "{id_}" in this account and location.\n\nGive the UUID of '
        f"{named_by or f'a {kind}'}, or {NAMED} followed by its exact name.",
    )


def refuse_library(drive: DriveJSON) -> None:
    """Stop what belongs to CloudSigma's library from being managed."""
    if drive.get("owner") is None:
        raise DiagnosticError(
            "Library drive cannot be managed",
            f'"{drive.get("name")}" ({drive["uuid"]}) belongs to the library.\n\nClone it: set '
            "`clone_drive_id` of a drive of your own to this UUID.",
        )

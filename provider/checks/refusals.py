"""Words for what is refused when a drive is changed or ends, by the provider or by the API.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from provider.api import errors
from provider.bridge import DiagnosticError, shown
from provider.definition import SETTABLE, differences, unsaid

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON, ServerJSON

STOPPED: Final = "stopped"  # a server in any other status counts as running


LIFT: Final = (
    "If that is what you want, set `deletion_protection` to false, run terraform apply, and try "
    "again."
)
# Neither a plan nor a state tells the provider of -replace, terraform taint, replace_triggered_by
# or create_before_destroy.
OTHER_WAYS_OUT: Final = (
    " If Terraform calls the drive tainted, run terraform untaint with its address before that. If "
    "Terraform calls it deposed, because its replacement was made first, no configuration reaches "
    "it: delete it outside Terraform and run terraform apply; or, to keep it, run terraform state "
    "rm with its address, and import its replacement."
)


def refuse_protected(prior: Any, verb: str) -> None:
    """Stop the end of a drive that is protected."""
    if prior.deletion_protection:
        ways_out = LIFT if verb == "replaced" else LIFT + OTHER_WAYS_OUT
        raise DiagnosticError(
            "Drive is protected",
            f'The drive "{prior.name}" ({prior.uuid}) would be {verb}, and its '
            f"`deletion_protection` is true.\n\n{ways_out}",
            "deletion_protection",
        )


def refuse_blind_replacement(prior: Any) -> None:
    """Stop a replacement for another storage type while nobody knows which the drive has."""
    if prior.storage_type is None:
        raise DiagnosticError(
            "Storage type of the drive is not told",
            f'The answer of CloudSigma about drive "{prior.name}" ({prior.uuid}) lacked its '
            "storage type, so the plan would replace the drive, perhaps by one that is the same."
            "\n\nLeave `storage_type` out, or try again later.",
            "storage_type",
        )


def warn_of_losses(ctx: Any, prior: Any) -> None:
    """Tell what a replacement of the drive costs."""
    drive = f'The drive "{prior.name}" ({prior.uuid})'
    if prior.mounted_on:
        servers = ", ".join(server.uuid for server in prior.mounted_on)
        ctx.warn(
            "Replacement of a mounted drive",
            f"{drive} is mounted on {servers}. Its replacement is empty and is mounted on none.",
            "storage_type",
        )
    if prior.snapshots:
        ctx.warn(
            "Replacement of a drive with snapshots",
            f"{drive} has {len(prior.snapshots)} snapshot(s), which are deleted with it.",
            "storage_type",
        )


def refuse_differences(drive: DriveJSON, wanted: Mapping[str, Any]) -> None:
    """Report as an error what is not as it was asked for, although the API refused nothing."""
    left = sorted(differences(drive, wanted))
    if left:
        asked = "; ".join(
            f"`{n}`: asked {shown(wanted[n])}, has {shown(drive.get(n))}" for n in left
        )
        raise DiagnosticError(
            "Drive is not as it was asked for",
            f'CloudSigma accepted the change of drive "{drive.get("name")}" ({drive["uuid"]}) and '
            f"did not make all of it: {asked}.\n\nThe state holds what the drive has. Stop the "
            "servers it is mounted on, then run terraform apply again.",
            left[0],
        )


def warn_of_unsaid(ctx: Any, drive: DriveJSON, wanted: Mapping[str, Any]) -> None:
    """Tell what was asked for and cannot be confirmed, because the answers of the API lack it."""
    left = sorted(unsaid(drive, wanted))
    if left:
        asked = ", ".join(f"`{name}`" for name in left)
        ctx.warn(
            "Part of the drive cannot be confirmed",
            f'CloudSigma accepted what was asked of drive "{drive.get("name")}" ({drive["uuid"]}); '
            f"its answer does not show {asked}. The state holds what was asked for.\n\nIf this "
            "location does not know it, leave it out.",
            left[0],
        )


def running_servers(api: Client, uuid: str) -> list[ServerJSON]:
    """The servers the drive is mounted on that are not stopped."""
    drive = api.drives.find(uuid)
    return [s for s in api.drives.servers_of(drive) if s["status"] != STOPPED] if drive else []


def named(servers: list[ServerJSON]) -> str:
    """The servers in words."""
    return ", ".join(f'"{s.get("name")}" ({s["uuid"]}, {s["status"]})' for s in servers)


@contextmanager
def refusals_explained(
    api: Client, prior: Any, kept: Collection[str] | None = None
) -> Iterator[None]:
    """Name the running servers when the API refuses a change because of them.

    They keep what is `kept` as it is; None stands for the whole drive.
    """
    try:
        yield
    except errors.PermissionDenied as error:
        running = [] if kept is not None and not kept else running_if_told(api, prior.uuid)
        if not running:
            raise
        blamed = [m.point for m in error.messages if m.point in SETTABLE]
        raise DiagnosticError(
            "Drive is used by a running server",
            f'The drive "{prior.name}" ({prior.uuid}) is mounted on {named(running)}. CloudSigma '
            f"answered {error}.\n\nNothing was changed. Stop the server, then run terraform apply "
            "again.",
            next(iter([*blamed, *sorted(kept or ())]), ()),
        ) from error


def running_if_told(api: Client, uuid: str) -> list[ServerJSON]:
    """The running servers as far as the user may see them: a refusal stands without them."""
    with suppress(errors.ApiError):
        return running_servers(api, uuid)
    return []

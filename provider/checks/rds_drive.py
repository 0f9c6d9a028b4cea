"""Truth at plan time for RDS drive records, and words for what the API refuses later.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from provider.api import errors
from provider.bridge import DiagnosticError
from provider.checks.asking import OR_DESTROY, asking_the_api

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON


@asking_the_api
def drive_can_have_users(ctx: Any, prior: Any, plan: Any) -> None:
    """The drive exists; a warning when nothing says that it holds Windows."""
    uuid = str(plan.drive)
    if prior is not None and prior.drive == uuid:
        return
    drive = ctx.api.drives.find(uuid)
    if drive is None:
        raise DiagnosticError(
            "Drive does not exist",
            f"There is no drive {uuid} in this account and location.\n\nName an existing drive, "
            f"or refer to the `uuid` of one that this configuration creates. {OR_DESTROY}",
            "drive",
        )
    if "licenses" in drive and not holds_windows(drive):
        ctx.warn(
            "Drive has no Windows license",
            f'The drive "{drive.get("name")}" ({uuid}) has no license for Windows, and Remote '
            "Desktop users are licensed on Windows drives only. CloudSigma may refuse the record."
            "\n\nCheck that this is the drive you mean.",
            "drive",
        )


def holds_windows(drive: DriveJSON) -> bool:
    """One of the drive's licenses is Microsoft's."""
    licenses = [entry.get("license") for entry in drive.get("licenses", [])]
    return any(
        str(license_.get("name")).lower().startswith("msft")
        or "windows" in str(license_.get("long_name")).lower()
        for license_ in licenses
        if isinstance(license_, dict)
    )


ALL: Final = (drive_can_have_users,)


def refuse_second(record: dict[str, Any], drive: str) -> None:
    """Stop the creation of a record for a drive that has one."""
    raise DiagnosticError(
        "RDS drive record exists already",
        f"The drive {drive} has a record for {record.get('amount')} Remote Desktop user(s), and a "
        "drive has at most one. It was left as it is.\n\nTo manage it here, import it: terraform "
        f"import cloudsigma_rds_drive.NAME {drive}, with the name of this resource.",
        "drive",
    )


@contextmanager
def mounted_drive_explained(api: Client, uuid: str) -> Iterator[None]:
    """Name the drive and its servers when a record stays because its drive is mounted."""
    try:
        yield
    except errors.PermissionDenied as error:
        drive, servers = None, []
        with suppress(errors.ApiError):  # the refusal stands without the servers
            drive = api.drives.find(uuid)
            servers = api.drives.servers_of(drive) if drive else []
        if drive is None or not servers:
            raise
        named = ", ".join(f'"{s["name"]}" ({s["uuid"]}, {s["status"]})' for s in servers)
        raise DiagnosticError(
            "RDS users of a mounted drive stay",
            f'The drive "{drive.get("name")}" ({uuid}) is mounted on {named}. CloudSigma answered '
            f"{error}.\n\nThe record is unchanged and stays in the state. Unmount the drive from "
            "these servers, then run terraform apply again.",
            "drive",
        ) from error

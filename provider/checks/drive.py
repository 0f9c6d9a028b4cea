"""Truth at plan time for drives: what the API would refuse, said before anything is touched.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from provider.api import errors
from provider.bridge import DiagnosticError, known
from provider.definition import differences, same_size, stored_size

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

PlanCheck: TypeAlias = Callable[[Any, Any, Any], None]

RUNNING: Final = "stopped"  # a server in any other status counts as running


def asking_the_api(check: PlanCheck) -> PlanCheck:
    """The check, left out with one warning while the API cannot be asked."""

    @wraps(check)
    def asking(ctx: Any, prior: Any, plan: Any) -> None:
        if ctx.api is None:
            return
        try:
            check(ctx, prior, plan)
        except errors.ApiError as error:
            if not error.transient:
                raise
            ctx.warn(
                "Plan not checked against the API",
                f"CloudSigma could not be asked: {error}. What it would refuse shows at apply.",
            )

    return asking


def replaced_by(prior: Any, plan: Any) -> bool:
    """The plan is for another drive, not for the present one."""
    return prior is None or prior.storage_type != plan.storage_type


def cannot_shrink(_: Any, prior: Any, plan: Any) -> None:
    """A drive is not made smaller."""
    if replaced_by(prior, plan) or stored_size(plan.size) >= stored_size(prior.size):
        return
    raise DiagnosticError(
        "Drive cannot shrink",
        f'The drive "{prior.name}" ({prior.uuid}) has {prior.size} bytes and the plan asks for '
        f"{plan.size}. CloudSigma only grows drives.\n\nKeep the size, or create another drive of "
        "the smaller size and copy the data.",
        "size",
    )


@asking_the_api
def storage_type_is_offered(ctx: Any, prior: Any, plan: Any) -> None:
    """The location has the storage type."""
    if plan.storage_type is None or not replaced_by(prior, plan):
        return
    offered = ctx.api.capabilities().get("drives", {})
    if offered and plan.storage_type not in offered:
        raise DiagnosticError(
            "Storage type is not offered",
            f'This location has no storage type "{plan.storage_type}". It offers '
            f"{', '.join(sorted(offered))}.\n\nChoose one of these.",
            "storage_type",
        )


@asking_the_api
def size_is_within_limits(ctx: Any, prior: Any, plan: Any) -> None:
    """The storage type allows the size."""
    if prior is not None and not replaced_by(prior, plan) and same_size(prior.size, plan.size):
        return
    capabilities = ctx.api.capabilities()
    kind = capabilities.get("default_storage_type")
    if known(plan.storage_type) and plan.storage_type:
        kind = plan.storage_type
    limits = capabilities.get("drives", {}).get(kind, {}).get("size", {})
    low, high = (int(limits.get(end, plan.size)) for end in ("min", "max"))
    if not low <= plan.size <= high:
        raise DiagnosticError(
            "Drive size is outside the limits",
            f"A drive on {kind} has {_sized(low)} to {_sized(high)}; the plan asks for "
            f"{_sized(plan.size)}.\n\nSet `size` within these limits.",
            "size",
        )


def _sized(size: int) -> str:
    return f"{size} bytes ({size / 1024**3:.4g} GiB)"


ALL: Final = (cannot_shrink, storage_type_is_offered, size_is_within_limits)


def refuse_protected(prior: Any, verb: str) -> None:
    """Stop the end of a drive that is protected."""
    if prior.deletion_protection:
        raise DiagnosticError(
            "Drive is protected",
            f'The drive "{prior.name}" ({prior.uuid}) would be {verb}, and its '
            "`deletion_protection` is true.\n\nIf that is what you want, set "
            "`deletion_protection` to false, run terraform apply, and try again.",
            "deletion_protection",
        )


def warn_of_losses(ctx: Any, prior: Any) -> None:
    """Tell what a replacement of the drive costs."""


def refuse_differences(drive: DriveJSON, wanted: Mapping[str, Any]) -> None:
    """Report as an error what is not as it was asked for, although the API refused nothing."""
    left = sorted(differences(drive, wanted))
    if left:
        asked = "; ".join(f"`{n}`: asked {wanted[n]!r}, has {drive.get(n)!r}" for n in left)
        raise DiagnosticError(
            "Drive is not as it was asked for",
            f'CloudSigma accepted the change of drive "{drive.get("name")}" ({drive["uuid"]}) and '
            f"did not make all of it: {asked}.\n\nThe state holds what the drive has. Stop the "
            "servers it is mounted on, then run terraform apply again.",
            left[0],
        )


@contextmanager
def refusals_explained(api: Client, prior: Any) -> Iterator[None]:
    """Name the running servers when the API refuses a change because of them."""
    try:
        yield
    except errors.PermissionDenied as error:
        drive = api.drives.find(prior.uuid)
        servers = (
            [s for s in api.drives.servers_of(drive) if s["status"] != RUNNING] if drive else []
        )
        if not servers:
            raise
        names = ", ".join(f'"{s.get("name")}" ({s["uuid"]}, {s["status"]})' for s in servers)
        raise DiagnosticError(
            "Drive is used by a running server",
            f'The drive "{prior.name}" ({prior.uuid}) is mounted on {names}. CloudSigma answered '
            f"{error}.\n\nNothing was changed. Stop the server, then run terraform apply again.",
            "size",
        ) from error

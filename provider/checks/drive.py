"""Truth at plan time for drives: what the API would refuse, said before anything is touched.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import Any, Final

from provider.bridge import DiagnosticError, known
from provider.checks.asking import asking_the_api
from provider.checks.refusals import named, running_servers
from provider.definition import same_size, stored_size


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


def storage_type_may_differ(ctx: Any, prior: Any, plan: Any) -> None:
    """What happens to a drive whose storage type is not known yet is said before it does."""
    if prior is not None and not known(plan.storage_type):
        ctx.warn(
            "Storage type not known yet",
            f"If it turns out to be another than {prior.storage_type}, Terraform stops the apply "
            f'with "inconsistent final plan", and the drive "{prior.name}" stays as it is. Apply '
            "again then, to see the plan that replaces it.",
            "storage_type",
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


@asking_the_api
def iops_can_be_chosen(ctx: Any, prior: Any, plan: Any) -> None:
    """The storage type lets one choose, and within its limits."""
    if plan.iops is None or (prior is not None and prior.iops == plan.iops):
        return
    kind = plan.storage_type if known(plan.storage_type) else None
    kind = kind or ctx.api.capabilities().get("default_storage_type")
    limits = ctx.api.capabilities().get("drives", {}).get(kind, {}).get("iops", {})
    low, high = (int(limits.get(end, 0)) for end in ("min", "max"))
    if not low <= plan.iops <= high:
        offer = f"{low} to {high}" if high else "no choice"
        raise DiagnosticError(
            "Drive IOPS cannot be had",
            f"{kind} offers {offer}; the plan asks for {plan.iops}.\n\nSet `iops` within these "
            "limits, or leave it out.",
            "iops",
        )


@asking_the_api
def clone_source_fits(ctx: Any, prior: Any, plan: Any) -> None:
    """The source of a clone exists and is not larger than the clone."""
    if prior is not None or plan.clone_drive_id is None:
        return
    source = ctx.api.drives.find(str(plan.clone_drive_id))
    if source is None:
        raise DiagnosticError(
            "Clone source does not exist",
            f"There is no drive and no library drive {plan.clone_drive_id} in this location.\n\n"
            "Name an existing one.",
            "clone_drive_id",
        )
    if plan.size < source["size"]:
        raise DiagnosticError(
            "Clone is smaller than its source",
            f'The source "{source.get("name")}" has {_sized(source["size"])}; the plan asks for '
            f"{_sized(plan.size)}.\n\nSet `size` to at least {source['size']}, or leave it out.",
            "size",
        )


@asking_the_api
def tags_exist(ctx: Any, prior: Any, plan: Any) -> None:
    """The tags that are added exist."""
    present = frozenset() if prior is None else prior.tags_all or frozenset()
    wanted = {tag for tags in (plan.tags, plan.tags_all) if known(tags) for tag in tags}
    added = [tag for tag in wanted if known(tag) and tag not in present]
    missing = [tag for tag in added if ctx.api.collection("tags").find(tag) is None]
    if missing:
        raise DiagnosticError(
            "Tag does not exist",
            f"There is no tag {', '.join(sorted(missing))}. Drives are tagged by UUID.\n\n"
            "Create the tag first, or correct its UUID.",
            "tags",
        )


@asking_the_api
def running_servers_refuse(ctx: Any, prior: Any, plan: Any) -> None:
    """Warn of a change that running servers will make the API refuse."""
    if replaced_by(prior, plan) or not prior.mounted_on:
        return
    if same_size(prior.size, plan.size) and prior.media == plan.media:
        return
    running = running_servers(ctx.api, prior.uuid)
    if running:
        ctx.warn(
            "Drive is used by a running server",
            f'The drive "{prior.name}" ({prior.uuid}) is mounted on {named(running)}. CloudSigma '
            "will refuse to change its size or media while the server runs.\n\nStop the server "
            "before you apply.",
            "media" if same_size(prior.size, plan.size) else "size",
        )


def source_is_kept(ctx: Any, prior: Any, _: Any) -> None:
    """Warn that another clone source does nothing to a drive that exists."""
    asked = ctx.config.clone_drive_id
    if prior is None or not prior.clone_drive_id or prior.clone_drive_id == str(asked):
        return
    if asked is None:
        return
    ctx.warn(
        "Drive keeps its clone source",
        f'The drive "{prior.name}" ({prior.uuid}) was cloned from {prior.clone_drive_id}; '
        f"`clone_drive_id` is {asked}. The drive and its data stay as they are.\n\nTo make it "
        "anew from the other source, run terraform apply -replace with its address.",
        "clone_drive_id",
    )


ALL: Final = (
    cannot_shrink,
    storage_type_may_differ,
    storage_type_is_offered,
    size_is_within_limits,
    iops_can_be_chosen,
    clone_source_fits,
    tags_exist,
    running_servers_refuse,
    source_is_kept,
)

"""Truth at plan time for drives: what the API would refuse, said before anything is touched.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from provider.bridge import DiagnosticError, known
from provider.checks.asking import OR_DESTROY, asking_the_api
from provider.checks.refusals import named, running_servers
from provider.definition import RESTRICTED, SETTABLE, same_size, stored_size, whole_steps

BEYOND: Final = 2**63  # bytes


def replaced_by(prior: Any, plan: Any) -> bool:
    """The plan is for another drive, not for the present one."""
    return prior is None or prior.storage_type not in {None, plan.storage_type}


def cannot_shrink(_: Any, prior: Any, plan: Any) -> None:
    """A drive is not made smaller."""
    if replaced_by(prior, plan) or prior.size is None:
        return
    if stored_size(plan.size) >= stored_size(prior.size):
        return
    raise DiagnosticError(
        "Drive cannot shrink",
        f'The drive "{prior.name}" ({prior.uuid}) has {prior.size} bytes and the plan asks for '
        f"{plan.size}. CloudSigma only grows drives.\n\nKeep the size, or create another drive of "
        "the smaller size and copy the data. To make this one anew, without its data, run "
        "terraform taint with its address, then terraform apply; a plan is not told of -replace. "
        f"{OR_DESTROY}",
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
            f"{', '.join(sorted(offered))}.\n\nChoose one of these. {OR_DESTROY}",
            "storage_type",
        )


@asking_the_api
def size_is_within_limits(ctx: Any, prior: Any, plan: Any) -> None:
    """The storage type allows the size."""
    if is_clone(prior, plan):
        return  # its source decides
    if prior is None or replaced_by(prior, plan) or not same_size(prior.size, plan.size):
        refuse_size(ctx, plan, planned_type(ctx, plan, ctx.api.capabilities()))


@asking_the_api
def iops_can_be_chosen(ctx: Any, prior: Any, plan: Any) -> None:
    """The storage type lets one choose, and within its limits."""
    if not is_clone(prior, plan) and (prior is None or prior.iops != plan.iops):
        refuse_iops(ctx, plan, planned_type(ctx, plan, ctx.api.capabilities()))


@asking_the_api
def clone_fits(ctx: Any, prior: Any, plan: Any) -> None:
    """The source of a clone exists, and is not larger than it; its storage type allows the rest."""
    if not is_clone(prior, plan):
        return
    source = ctx.api.drives.find(str(plan.clone_drive_id))
    if source is None:
        raise DiagnosticError(
            "Clone source does not exist",
            f"There is no drive and no library drive {plan.clone_drive_id} in this location.\n\n"
            f"Name an existing one. {OR_DESTROY}",
            "clone_drive_id",
        )
    kind = planned_type(ctx, plan, source)
    refuse_iops(ctx, plan, kind)
    least = source.get("size", 0)
    if plan.size < least:
        raise DiagnosticError(
            "Clone is smaller than its source",
            f'The source "{source.get("name")}" has {sized(least)}; the plan asks for '
            f"{sized(plan.size)}.\n\nSet `size` to at least {least}, or leave it out.",
            "size",
        )
    if plan.size != least:  # exactly the source's own size is always accepted
        refuse_size(ctx, plan, kind)


def is_clone(prior: Any, plan: Any) -> bool:
    """The plan is to clone a drive."""
    return prior is None and plan.clone_drive_id is not None


def planned_type(ctx: Any, plan: Any, otherwise: Mapping[str, Any]) -> str | None:
    """The storage type of the plan, or the one that is used without, if anybody says which."""
    if ctx.config.storage_type is not None:  # it may be unknown, which puts the check off
        return str(ctx.config.storage_type)
    kept = plan.storage_type if known(plan.storage_type) else None
    return kept or otherwise.get("storage_type") or otherwise.get("default_storage_type")


def limits(ctx: Any, kind: str | None, of: str) -> tuple[Any, Any]:
    """The least and the most of something that a storage type allows, null where unlimited."""
    found = ctx.api.capabilities().get("drives", {}).get(kind, {}).get(of, {})
    return found.get("min"), found.get("max")


def refuse_size(ctx: Any, plan: Any, kind: str | None) -> None:
    """Stop a size that the storage type does not allow.

    The API rounds sizes up. Just below the maximum it cannot: it would make another size than
    was asked for.
    """
    low, high = limits(ctx, kind, "size")
    least = 0 if low is None else int(low)
    most = stored_size(plan.size) if high is None else whole_steps(int(high))
    if plan.size < least or stored_size(plan.size) > most:
        raise DiagnosticError(
            "Drive size is outside the limits",
            f"A drive on {kind} has {sized(least)} to {sized(most)}; the plan asks for "
            f"{sized(plan.size)}.\n\nSet `size` within these limits. {OR_DESTROY}",
            "size",
        )


def refuse_iops(ctx: Any, plan: Any, kind: str | None) -> None:
    """Stop a choice that the storage type does not offer."""
    if kind is None or not known(plan.iops) or plan.iops is None:
        return
    low, high = (int(end or 0) for end in limits(ctx, kind, "iops"))
    if not low <= plan.iops <= high:
        offer = f"{low} to {high}" if high else "no choice"
        raise DiagnosticError(
            "Drive IOPS cannot be had",
            f"{kind} offers {offer}; the plan asks for {plan.iops}.\n\nSet `iops` within these "
            "limits, or leave it out.",
            "iops",
        )


def sized(size: int) -> str:
    """A size for people; one that nobody can have is not spelled out."""
    if size >= BEYOND:
        return f"{Decimal(size):.4g} bytes"
    return f"{size} bytes ({size / 1024**3:,.2f} GiB)"


@asking_the_api
def tags_exist(ctx: Any, prior: Any, plan: Any) -> None:
    """The tags that are added exist."""
    present = frozenset() if prior is None else prior.tags_all or frozenset()
    wanted = {tag for tags in (plan.tags, plan.tags_all) if known(tags) for tag in tags or ()}
    added = [tag for tag in wanted if known(tag) and tag not in present]
    missing = [tag for tag in added if ctx.api.collection("tags").find(tag) is None]
    if not missing:
        return
    error = DiagnosticError(
        "Tag does not exist",
        f"There is no tag {', '.join(sorted(missing))}. Drives are tagged by UUID.\n\n"
        f"Create the tag first, or correct its UUID. {OR_DESTROY}",
        "tags",
    )
    if prior is None or any(vars(prior)[n] != vars(plan)[n] for n in SETTABLE if n != "tags"):
        raise error
    # Somebody has deleted the tag, which must not keep the drive from being destroyed.
    ctx.warn(error.summary, error.detail, error.path)


@asking_the_api
def running_servers_refuse(ctx: Any, prior: Any, plan: Any) -> None:
    """Warn of a change that running servers will make the API refuse."""
    changed = [] if replaced_by(prior, plan) else kept_while_running(prior, plan)
    if not changed or not prior.mounted_on:
        return
    running = running_servers(ctx.api, prior.uuid)
    if running:
        ctx.warn(
            "Drive is used by a running server",
            f'The drive "{prior.name}" ({prior.uuid}) is mounted on {named(running)}. CloudSigma '
            f"will refuse to change {', '.join(changed)} while the server runs.\n\nStop the "
            "server before you apply.",
            changed[0],
        )


def kept_while_running(prior: Any, plan: Any) -> list[str]:
    """What of a change a running server does not allow."""
    before, after = vars(prior), vars(plan)
    names = {n for n in RESTRICTED if known(after[n]) and before[n] != after[n]}
    if "size" in names and same_size(prior.size, plan.size):
        names.remove("size")
    return sorted(names)


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
    clone_fits,
    tags_exist,
    running_servers_refuse,
    source_is_kept,
)

"""What is asked of a drive, how it differs from what the API has, and what to send.

Only what the configuration sets, or no longer sets, is asked for: everything else stays as
anybody else has made it.
API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar

from provider.adoption import TOKEN_KEY
from provider.bridge import Model, from_json, known
from provider.defaults import MERGED, all_meta, own_meta, own_tags

if TYPE_CHECKING:
    from provider.api.records import DriveJSON

M = TypeVar("M", bound=Model)

SETTABLE: Final = (
    "name",
    "media",
    "size",
    "storage_type",
    "meta",
    "tags",
    "allow_multimount",
    "affinities",
    "iops",
)
# What a drive on a running server silently keeps when it is edited. The resize action refuses.
RESTRICTED: Final = frozenset({"media", "size", "affinities", "iops"})

SIZE_STEP: Final = 16 * 1024
NEWEST_JOBS: Final = 5


def stored_size(size: int) -> int:
    """The size the API stores for a size asked for: the next multiple of 16 KiB."""
    return -(-size // SIZE_STEP) * SIZE_STEP


def whole_steps(size: int) -> int:
    """The largest size the API stores that is not above this one."""
    return size // SIZE_STEP * SIZE_STEP


def same_size(one: int, other: int) -> bool:
    """Both sizes come to the same drive."""
    return stored_size(one) == stored_size(other)


def asked(config: Any, prior: Any, plan: Any) -> dict[str, object]:
    """The values to ask the API for, in its form: those configured, and those taken back.

    Tags and notes are asked for together with the provider block's.
    """
    values = {name: getattr(plan, MERGED.get(name, name)) for name in SETTABLE}
    return {
        name: sorted(value) if name == "tags" else value
        for name, value in values.items()
        if known(value)
        and value is not None
        and (getattr(config, name) is not None or _changes(name, prior, value))
    }


def _changes(name: str, prior: Any, value: Any) -> bool:
    """The value is another one than before; a drive to create has defaults alone to ask for."""
    if prior is None:
        return name in MERGED
    return bool(getattr(prior, MERGED.get(name, name)) != value)


def differences(
    drive: DriveJSON, wanted: Mapping[str, Any], managed_meta: Collection[str] | None = None
) -> frozenset[str]:
    """The names of what is asked for and not so; `managed_meta` are keys that were set before."""
    return frozenset(
        name
        for name, value in wanted.items()
        if (
            _meta(drive, value, managed_meta) != drive.get("meta", {})
            if name == "meta"
            else not _equal(name, drive.get(name), value)
        )
    )


def _equal(name: str, present: Any, value: Any) -> bool:
    if name == "tags":
        return {tag["uuid"] for tag in present or ()} == set(value)
    if name == "size":
        return isinstance(present, int) and same_size(present, value)
    return bool(present == value)


def body(
    drive: DriveJSON,
    wanted: Mapping[str, Any],
    left: Collection[str],
    managed_meta: Collection[str] | None = None,
) -> dict[str, object]:
    """What to send so that nothing is left to do; `meta` keeps the keys that are not managed."""
    sent = {name: wanted[name] for name in left}
    if "meta" in sent:
        sent["meta"] = _meta(drive, wanted["meta"], managed_meta)
    return sent


def _meta(
    drive: DriveJSON, wanted: Mapping[str, str], managed: Collection[str] | None
) -> dict[str, str]:
    kept = {k: v for k, v in drive.get("meta", {}).items() if k not in (managed or ())}
    return kept | dict(wanted)


def drive_state(model: type[M], drive: DriveJSON, told: Any) -> M:
    """The state of a drive; `told`, a plan or a prior state, has what the API does not know."""
    tags = frozenset(tag["uuid"] for tag in drive.get("tags", []))
    return from_json(
        model,
        drive,
        id=drive["uuid"],
        tags=own_tags(tags, told),
        tags_all=tags,
        **_notes(drive.get("meta", {}), told),
        jobs=drive.get("jobs", [])[-NEWEST_JOBS:],
        clone_drive_id=told.clone_drive_id,
        avoid=told.avoid,
        deletion_protection=bool(told.deletion_protection),
        timeouts=told.timeouts,
    )


def _notes(meta: Mapping[str, str], told: Any) -> dict[str, dict[str, str]]:
    """The managed notes; of an imported drive, which has none yet, all that say something."""
    if told.name is not None:
        return {"meta": own_meta(meta, told), "meta_all": all_meta(meta, told)}
    visible = {k: v for k, v in meta.items() if v and k != TOKEN_KEY}
    default = told.meta_all or {}
    own = {k: v for k, v in visible.items() if default.get(k) != v}
    return {"meta": own, "meta_all": visible}

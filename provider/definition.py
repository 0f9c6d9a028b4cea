"""What is asked of a drive, how it differs from what the API has, and what to send.

Only what the configuration sets, or no longer sets, is asked for: everything else stays as
anybody else has made it.
API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from provider.adoption import TOKEN_KEY
from provider.bridge import Check, Model, from_json, known
from provider.bridge.values import wholly_known
from provider.defaults import MERGED, all_meta, own_meta, own_tags
from provider.notes import together

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
IMMUTABLE: Final = frozenset({"storage_type"})

SIZE_STEP: Final = 16 * 1024
ROUNDED_BY: Final = 64 * 1024 - 1  # what other storages than documented were seen to round by
NEWEST_JOBS: Final = 5


def _holds_no_null(values: Any) -> bool:
    return None not in (values.values() if isinstance(values, dict) else values)


NO_NULL: Final = Check("must not hold null", _holds_no_null)


def stored_size(size: int) -> int:
    """The size the API stores for a size asked for: the next multiple of 16 KiB."""
    return -(-size // SIZE_STEP) * SIZE_STEP


def whole_steps(size: int) -> int:
    """The largest size the API stores that is not above this one."""
    return size // SIZE_STEP * SIZE_STEP


def same_size(one: int | None, other: int | None) -> bool:
    """Both sizes come to the same drive."""
    if one is None or other is None:
        return one is other
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
    """The names of what is asked for and not so; `managed_meta` are keys it may remove."""
    return frozenset(
        name
        for name, value in wanted.items()
        if (name in drive or name not in IMMUTABLE)
        and (
            together(present := drive.get("meta", {}), value, managed_meta) != present
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
        sent["meta"] = together(drive.get("meta", {}), wanted["meta"], managed_meta)
    return sent


def as_told(drive: DriveJSON, told: Any) -> DriveJSON:
    """The drive, with what says no difference to `told`, a plan or a prior state, in its words.

    A key that an answer lacks says nothing. Nor does a size within what a storage may round by.
    """
    if told.name is None:
        return drive  # of which nothing is known yet
    words: dict[str, Any] = {
        name: value
        for name, value in vars(told).items()
        if name not in drive and name not in MERGED and value is not None and wholly_known(value)
    }
    if "tags" not in drive and "tags_all" in words:
        words["tags"] = [{"uuid": tag} for tag in words["tags_all"]]
    if "meta" not in drive and "meta_all" in words:
        words["meta"] = words["meta_all"]
    if "size" in drive and told.size is not None and known(told.size):
        near = abs(drive["size"] - told.size) <= ROUNDED_BY
        words |= {"size": told.size} if near else {}
    return cast("DriveJSON", {**drive, **words})


def unsaid(answer: DriveJSON, wanted: Mapping[str, Any]) -> frozenset[str]:
    """The names of what is asked for that an answer says nothing of."""
    return frozenset(wanted) - set(answer)


def drive_state(model: type[M], answer: DriveJSON, told: Any) -> M:
    """The state of a drive; `told`, a plan or a prior state, has what the API does not know."""
    drive = as_told(answer, told)
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

"""The tags and notes that the provider block gives every drive, beside the drive's own.

`tags` and `meta` are the drive's own; `tags_all` and `meta_all` hold the defaults, too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, TypeVar

from provider.bridge import UNKNOWN, Model, from_json, known, replaced
from provider.bridge.values import wholly_known

M = TypeVar("M", bound=Model)

# Where the own values and the defaults are together.
MERGED: Final = {"tags": "tags_all", "meta": "meta_all"}


def merged(ctx: Any, plan: M) -> M:
    """The plan with everything the drive will have, unknown as long as that is."""
    return replaced(
        plan,
        **{
            name_all: _together(
                getattr(plan, name), _default(ctx, name), unset=getattr(ctx.config, name) is None
            )
            for name, name_all in MERGED.items()
        },
    )


def _together(own: Any, default: Any, *, unset: bool) -> Any:
    if unset and own is UNKNOWN:
        own = None
    if not wholly_known(own) or not wholly_known(default):
        return UNKNOWN
    if own is None:
        return default or UNKNOWN  # without defaults, the drive has what the API gives it
    return default | own


def _default(ctx: Any, name: str) -> Any:
    """What the provider block says, which may be unknown; nothing is an empty value."""
    value = getattr(ctx.settings, f"default_{name}", None)
    if value is None:
        return {} if name == "meta" else frozenset()
    return value


def unseen(model: type[M], ctx: Any) -> M:
    """What is told of a drive that no state knows: the defaults it would have."""
    defaults = {name: _default(ctx, name) for name in MERGED}
    told = {MERGED[name]: value for name, value in defaults.items() if wholly_known(value)}
    return from_json(model, {}, **told)


def own_tags(present: frozenset[str], told: Any) -> frozenset[str]:
    """The tags that the drive does not have from the defaults alone."""
    return present - (_known_set(told.tags_all) - _known_set(told.tags))


def _known_set(tags: Any) -> frozenset[str]:
    return frozenset(tags) if known(tags) and tags else frozenset()


def own_meta(present: Mapping[str, str], told: Any) -> dict[str, str]:
    """The managed notes that are the drive's own."""
    return _only(present, told.meta)


def all_meta(present: Mapping[str, str], told: Any) -> dict[str, str]:
    """The managed notes."""
    return _only(present, told.meta if told.meta_all is None else told.meta_all)


def _only(present: Mapping[str, str], managed: Any) -> dict[str, str]:
    return {
        key: present[key] for key in (managed if known(managed) else None) or () if key in present
    }

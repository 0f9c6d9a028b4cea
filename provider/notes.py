"""Which notes on an object, its `meta`, are managed: those the configuration sets, no others.

The state of an imported object shows all of its notes. They were found, not set: a configuration
that names some of them for the first time keeps the rest.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

FOUND: Final = "notes_found"  # kept in private until the change is made


def remember_found(ctx: Any) -> None:
    """Keep, while planning, that the notes in the state were not set by a configuration."""
    if ctx.config.meta is not None and "meta" not in ctx.formerly_set:
        ctx.private[FOUND] = True


def forget_found(ctx: Any) -> None:
    """From here on the notes in the state are those that were set."""
    ctx.private.pop(FOUND, None)


def managed(ctx: Any, own: Collection[str], every: Collection[str]) -> frozenset[str]:
    """The keys in the state that a change may remove; `own` are there apart from defaults."""
    return frozenset(every or ()) - (frozenset(own or ()) if FOUND in ctx.private else frozenset())


def together(
    present: Mapping[str, str], wanted: Mapping[str, str], managed: Collection[str] | None
) -> dict[str, str]:
    """What the notes have to become: those wanted, and those that nobody manages."""
    return {k: v for k, v in present.items() if k not in (managed or ())} | dict(wanted)

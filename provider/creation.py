"""What the creates of all resources share beside the journal: a look for leftovers, and an end.

An entry of the journal says that an earlier create may have had its effect; a create ends when the
next refresh will find what it made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from provider.api import errors, retry

if TYPE_CHECKING:
    from collections.abc import Callable

    from provider.api.collection import Collection
    from provider.journal import Entry

T = TypeVar("T")


def left(entry: Entry, look: Callable[[], T | None], pause: Callable[[float], object]) -> T | None:
    """What an earlier create left, by the first entry that has something; `look` asks for that.

    The request of a process that has just ended may be on its way, so each entry is looked for
    twice.
    """
    while entry.inherited:
        found = look()
        if found is None:
            pause(retry.LOOK_SETTLES)
            found = look()
        if found is not None or not entry.take_next():
            return found
    return None


def confirm(collection: Collection[Any], uuid: str) -> None:
    """Return once the next refresh will find the created object, or nobody can tell."""
    try:
        shown = collection.find_new(uuid)
    except errors.ApiError:
        return
    if shown is None:
        raise errors.Vanished("The created object does not exist any more")


def seen(ctx: Any, collection: Collection[Any], uuid: str) -> Any:
    """The object of a state, or None when it is gone; an interrupted create may not show it yet."""
    found = collection.find(uuid)
    if found is None and ctx.unfinished:
        found = collection.find_new(uuid)
    if found is not None:
        ctx.unfinished = False  # what else is left to do shows as a difference
    return found

"""Lists: filters, paging and the choice of fields.

API: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from simulator.errors import Invalid, Problem
from simulator.world import World

Key = Callable[[World, Any], Any]
Filter = Callable[[World, Any, str], bool]

CONTROLS = frozenset({"limit", "offset", "fields", "format"})


class View(NamedTuple):
    """How objects of one kind are shown: their keys, those of the short list, the filters."""

    keys: Callable[[World], Mapping[str, Key]]
    short: tuple[str, ...]
    filters: Mapping[str, Filter]

    @property
    def parameters(self) -> frozenset[str]:
        """The query parameters that a list of these objects knows."""
        return frozenset(self.filters) | CONTROLS


def exact(attribute: str) -> Filter:
    """The value equals the attribute."""
    # assumed: exact filters are case-sensitive
    return lambda _, row, value: bool(getattr(row, attribute) == value)


def contains(attribute: str) -> Filter:
    """The attribute holds the value, in any case."""
    # documented: contains is a case-insensitive substring
    return lambda _, row, value: value.lower() in getattr(row, attribute).lower()


def tagged(_: World, row: Any, value: str) -> bool:
    """The object has the tag with this uuid."""
    # observed: the filter tag takes a uuid
    return value in row.tags


def tagged_by_name(world: World, row: Any, value: str) -> bool:
    """The object has a tag of this name."""
    # documented: the general chapter filters by tag__name
    return any(world.tags.get(uuid).name == value for uuid in row.tags)


NAMED: Mapping[str, Filter] = {
    "name": exact("name"),
    "name__contains": contains("name"),
    "uuid": exact("uuid"),
    "tag": tagged,
    "tag__name": tagged_by_name,
}


def alternatives(value: str) -> list[str]:
    """The values that one filter parameter allows.

    A comma separates them unless an odd number of backslashes stands before it; of
    backslashes before a comma every second is dropped, all others are ordinary.
    """
    # documented: commas are alternatives, `\,` is a comma, `\\` before a comma a backslash
    found = [""]
    for run, text in re.findall(r"(\\*,)|([^\\,]+|\\+)", value):
        if not run:
            found[-1] += text
            continue
        slashes = len(run) - 1
        found[-1] += "\\" * (slashes // 2)
        if slashes % 2:
            found[-1] += ","
        else:
            found.append("")
    return found


def selected(world: World, rows: Any, view: View, query: Sequence[tuple[str, str]]) -> list[Any]:
    """The rows that pass every filter of the query."""
    tests = [(name, alternatives(value)) for name, value in query if name in view.filters]
    found = list(rows)
    # documented: several parameters are ANDed, also the same one twice
    for name, values in tests:
        passes = view.filters[name]
        found = [row for row in found if any(passes(world, row, value) for value in values)]
    return found


def page(
    world: World, rows: Any, view: View, query: Sequence[tuple[str, str]], *, detail: bool
) -> tuple[dict[str, Any], list[Any]]:
    """One page of a list as the API writes it, and the rows on it."""
    found = selected(world, rows, view, query)
    settings = dict(query)
    limit = _number(settings, "limit", world.switches.page_size)
    offset = _number(settings, "offset", 0)
    # documented: limit=0 means all
    shown = found[offset : offset + limit if limit else None]
    keys = view.keys(world)
    if "fields" in settings:
        # assumed: unknown names in fields are ignored
        names = [name for name in settings["fields"].split(",") if name in keys]
    else:
        names = list(keys if detail else view.short)
    chosen = [(name, keys[name]) for name in names]
    objects = [{name: key(world, row) for name, key in chosen} for row in shown]
    # documented: meta.limit echoes the request, total_count counts all matches
    meta = {"limit": limit, "offset": offset, "total_count": len(found)}
    return {"meta": meta, "objects": objects}, shown


def _number(settings: Mapping[str, str], name: str, default: int) -> int:
    text = settings.get(name, str(default))
    # assumed: an invalid limit or offset answers 400
    if not re.fullmatch(r"[0-9]{1,15}", text):
        raise Invalid(Problem("Enter a whole number", name))
    return int(text)


def shown(world: World, row: Any, view: View) -> dict[str, Any]:
    """One object in full."""
    return {name: key(world, row) for name, key in view.keys(world).items()}


def references(kind: str, uuids: Sequence[str]) -> list[dict[str, str]]:
    """Pointers to several objects."""
    return list(map(reference, itertools.repeat(kind), uuids))


def reference(kind: str, uuid: str) -> dict[str, str]:
    """A pointer to an object."""
    return {"resource_uri": f"/api/2.0/{kind}/{uuid}/", "uuid": uuid}

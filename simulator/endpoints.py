"""The shapes that addresses share: how a rule's result becomes an answer.

The API wraps some objects in `objects` and leaves others bare; `routes` says which.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import errors, listing
from simulator.exchange import HTML, Answer, Call, Serve
from simulator.fields import Field, cleaned, listed, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from simulator.listing import View
    from simulator.records import Drive
    from simulator.world import World

Avoid = list[list["Drive"]]


def listed_rows(rows: Callable[[Call], Iterable[Any]], view: View, *, detail: bool) -> Serve:
    """One page of a collection."""

    def serve(call: Call) -> Answer:
        body, shown = listing.page(call.world, rows(call), view, call.query, detail=detail)
        return Answer(body, shown=[row.uuid for row in shown])

    return serve


def shown_row(find: Callable[[World, str], Any], view: View) -> Serve:
    """One object, bare."""

    def serve(call: Call) -> Answer:
        row = find(call.world, call.ids["uuid"])
        return Answer(listing.shown(call.world, row, view), shown=[row.uuid])

    return serve


def created(make: Callable[[Call], Sequence[Any]], view: View) -> Serve:
    """New objects: 201, wrapped, with the address of the first one."""

    def serve(call: Call) -> Answer:
        objects = [listing.shown(call.world, row, view) for row in make(call)]
        # documented: 201 has the new object's Location
        location = objects[0].get("resource_uri") or objects[0]["drive"]["resource_uri"]
        return Answer({"objects": objects}, 201, headers={"Location": location})

    return serve


def edited(change: Callable[[World, str, Any], Any], view: View, *, wrapped: bool = False) -> Serve:
    """A changed object: 200, bare unless `wrapped`."""

    def serve(call: Call) -> Answer:
        row = change(call.world, call.ids["uuid"], call.body)
        body = listing.shown(call.world, row, view)
        return Answer({"objects": [body]} if wrapped else body)

    return serve


def accepted(act: Callable[[Call], Any], view: View) -> Serve:
    """An object with work under way: 202, wrapped."""

    def serve(call: Call) -> Answer:
        return Answer({"objects": [listing.shown(call.world, act(call), view)]}, 202)

    return serve


def deleted(remove: Callable[[World, str], None], content_type: str = HTML) -> Serve:
    """An object less: 204."""

    def serve(call: Call) -> Answer:
        remove(call.world, call.ids["uuid"])
        # documented: deletions answer 204 without a body
        return Answer(None, 204, content_type=content_type)

    return serve


def deleted_many(remove: Callable[[World, Sequence[str]], None]) -> Serve:
    """All objects less that the body names: 204."""
    key = {"uuid": Field(reference, required=True)}

    def serve(call: Call) -> Answer:
        # assumed: a collection is never deleted without naming its objects
        if not isinstance(call.body, dict) or not call.body.get("objects"):
            raise errors.Invalid(errors.required("objects"))
        remove(call.world, [cleaned(item, key)["uuid"] for item in listed(call.body)])
        return Answer(None, 204, content_type=None)

    return serve


def actions(known: Mapping[str, Serve]) -> Serve:
    """The action that the query names."""

    def serve(call: Call) -> Answer:
        chosen = known.get(call.parameter("do") or "")
        if chosen is None:
            # assumed: an unknown or missing action answers 400
            raise errors.Invalid(errors.Problem("Unknown action", "do"))
        return chosen(call)

    return serve


def avoided(call: Call) -> Avoid:
    """The drives to keep away from, in the order of their priority."""
    world, groups = call.world, []
    for uuid in filter(None, (call.parameter("avoid") or "").split(",")):
        if server := world.servers.find(uuid):
            # documented: in avoid a server stands for all its drives
            groups.append([world.any_drive(entry["drive"]) for entry in server.drives])
        elif drive := world.drives.find(uuid):
            groups.append([drive])
        else:
            # assumed: an unknown uuid in avoid answers 400
            raise errors.Invalid(errors.Problem(f"Object {uuid} does not exist", "avoid"))
    return groups

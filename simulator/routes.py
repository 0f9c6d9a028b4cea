"""The API's addresses: which function answers which verb, and in which envelope.

Chapters 5 to 8 of the contract.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from simulator import (
    account,
    cloning,
    drives,
    errors,
    listing,
    rds_drives,
    servers,
    snapshots,
    storage,
    tags,
    views,
)
from simulator.exchange import JSON, Answer, Call, Route, created, deleted
from simulator.fields import Field, cleaned, listed, reference

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.listing import View
    from simulator.records import Drive


def list_rows(
    rows: Callable[[Call], Iterable[Any]], view: View, detail: bool, call: Call
) -> Answer:
    """One page of a collection."""
    body, shown = listing.page(call.world, rows(call), view, call.query, detail=detail)
    return Answer(body, shown=[row.uuid for row in shown])


def show(find: Callable[[Call], Any], view: View, call: Call) -> Answer:
    """One object, bare."""
    row = find(call)
    return Answer(listing.shown(call.world, row, view), shown=[row.uuid])


def one(table: str) -> Callable[[Call], Any]:
    """The object whose uuid is in the address."""
    return lambda call: getattr(call.world, table).get(call.ids["uuid"])


def collection(name: str, table: str, view: View, *, detail: bool = True) -> list[Route]:
    """The reading routes that all collections share."""

    def rows(call: Call) -> Iterable[Any]:
        return call.world.tables[table]

    lists = [Route("GET", f"{name}/", partial(list_rows, rows, view, False), None)]
    if detail:
        lists.append(Route("GET", f"{name}/detail/", partial(list_rows, rows, view, True), None))
    return [*lists, Route("GET", f"{name}/{{uuid}}/", partial(show, one(table), view))]


def avoided(call: Call) -> list[list[Drive]]:
    """The drives to keep away from, in the order of their priority."""
    world, groups = call.world, []
    for uuid in filter(None, (call.parameter("avoid") or "").split(",")):
        if server := world.servers.find(uuid):
            # documented: a server stands for all its drives
            groups.append([world.any_drive(entry["drive"]) for entry in server.drives])
        elif drive := world.drives.find(uuid):
            groups.append([drive])
        else:
            # assumed: an unknown uuid in avoid answers 400
            raise errors.Invalid(errors.Problem(f"Object {uuid} does not exist", "avoid"))
    return groups


def _drive_json(call: Call, drive: Drive) -> dict[str, Any]:
    return listing.shown(call.world, drive, views.DRIVES)


def _visible_drives(call: Call) -> Iterable[Drive]:
    # documented: lists hold own drives and those shared with LIST, and no library drives
    owner = call.world.owner
    return (d for d in call.world.drives if d.owner == owner or "LIST" in d.permissions)


def create_drives(call: Call) -> Answer:
    """D5."""
    made = drives.create(call.world, call.body, avoided(call))
    return created([_drive_json(call, drive) for drive in made])


def edit_drive(call: Call) -> Answer:
    """D6: bare."""
    return Answer(_drive_json(call, drives.edit(call.world, call.ids["uuid"], call.body)))


def resize_drive(call: Call) -> Answer:
    """D7: wrapped."""
    drive = drives.resize(call.world, call.ids["uuid"], call.body)
    return Answer({"objects": [_drive_json(call, drive)]}, 202)


def clone_drive(call: Call) -> Answer:
    """D8: wrapped."""
    drive = cloning.clone(call.world, call.ids["uuid"], call.body, avoided(call))
    return Answer({"objects": [_drive_json(call, drive)]}, 202)


def delete_drive(call: Call) -> Answer:
    """D9."""
    drives.delete(call.world, [call.ids["uuid"]])
    return deleted()


def _uuids(call: Call) -> list[str]:
    # assumed: a collection is never deleted without naming its objects
    if not isinstance(call.body, dict) or not call.body.get("objects"):
        raise errors.Invalid(errors.required("objects"))
    key = {"uuid": Field(reference, required=True)}
    return [cleaned(item, key)["uuid"] for item in listed(call.body)]


def delete_drives(call: Call) -> Answer:
    """D10."""
    drives.delete(call.world, _uuids(call))
    return deleted(None)


def _actions(actions: dict[str, Callable[[Call], Answer]]) -> Callable[[Call], Answer]:
    def act(call: Call) -> Answer:
        chosen = actions.get(call.parameter("do") or "")
        if chosen is None:
            # assumed: an unknown or missing action answers 400
            raise errors.Invalid(errors.Problem("Unknown action", "do"))
        return chosen(call)

    return act


def drive_groups(call: Call) -> Answer:
    """D11."""
    return Answer(storage.groups(call.world.drives))


def drive_group(call: Call) -> Answer:
    """D12."""
    drive = call.world.drives.get(call.ids["uuid"])
    return Answer(next(g for g in storage.groups(call.world.drives) if drive.uuid in g))


def _running_groups(call: Call) -> list[list[str]]:
    # documented: only running servers appear in availability groups
    running = [server for server in call.world.servers if server.status == "running"]
    hosts = dict.fromkeys(server.host for server in running)
    return [[server.uuid for server in running if server.host == host] for host in hosts]


def server_groups(call: Call) -> Answer:
    """Running servers that share a host."""
    return Answer(_running_groups(call))


def server_group(call: Call) -> Answer:
    """The servers that share this one's host; none for a stopped server."""
    uuid = call.world.servers.get(call.ids["uuid"]).uuid
    return Answer(next((group for group in _running_groups(call) if uuid in group), []))


def create_records(call: Call) -> Answer:
    """R3."""
    made = rds_drives.create(call.world, call.body)
    return created([listing.shown(call.world, row, views.RDS_RECORDS) for row in made])


def edit_record(call: Call) -> Answer:
    """R4: wrapped, unlike a drive."""
    row = rds_drives.edit(call.world, call.ids["uuid"], call.body)
    return Answer({"objects": [listing.shown(call.world, row, views.RDS_RECORDS)]})


def delete_record(call: Call) -> Answer:
    """R5."""
    rds_drives.delete(call.world, call.ids["uuid"])
    return deleted(JSON)


def create_tags(call: Call) -> Answer:
    """New tags."""
    made = tags.create(call.world, call.body)
    return created([listing.shown(call.world, row, views.TAGS) for row in made])


def edit_tag(call: Call) -> Answer:
    """A changed tag, bare."""
    row = tags.edit(call.world, call.ids["uuid"], call.body)
    return Answer(listing.shown(call.world, row, views.TAGS))


def delete_tag(call: Call) -> Answer:
    """A tag less."""
    tags.delete(call.world, call.ids["uuid"])
    return deleted()


def _tagged(kind: str) -> Callable[[Call], Iterable[Any]]:
    def rows(call: Call) -> Iterable[Any]:
        tag = call.world.tags.get(call.ids["uuid"])
        table = getattr(call.world, kind)
        return [table.get(uuid) for uuid in tag.resources if uuid in table]

    return rows


def create_servers(call: Call) -> Answer:
    """New servers, stopped."""
    made = servers.create(call.world, call.body)
    return created([listing.shown(call.world, row, views.SERVERS) for row in made])


def edit_server(call: Call) -> Answer:
    """A changed server, bare."""
    row = servers.edit(call.world, call.ids["uuid"], call.body)
    return Answer(listing.shown(call.world, row, views.SERVERS))


def delete_server(call: Call) -> Answer:
    """A server less."""
    recurse = call.parameter("recurse")
    if recurse is not None and recurse not in servers.RECURSE:
        raise errors.Invalid(errors.Problem("Unknown value", "recurse"))
    servers.delete(call.world, call.ids["uuid"], recurse)
    return deleted()


def _server_action(action: str) -> Callable[[Call], Answer]:
    def act(call: Call) -> Answer:
        avoided(call)
        cleaned(call.body, {})
        servers.act(call.world, call.ids["uuid"], action)
        # documented: the answer to a server action
        done = {"action": action, "result": "success", "uuid": call.ids["uuid"]}
        return Answer(done, 202)

    return act


def create_snapshots(call: Call) -> Answer:
    """New snapshots."""
    made = snapshots.create(call.world, call.body)
    return created([listing.shown(call.world, row, views.SNAPSHOTS) for row in made])


def edit_snapshot(call: Call) -> Answer:
    """A changed snapshot, bare."""
    row = snapshots.edit(call.world, call.ids["uuid"], call.body)
    return Answer(listing.shown(call.world, row, views.SNAPSHOTS))


def delete_snapshot(call: Call) -> Answer:
    """A snapshot less."""
    snapshots.delete(call.world, [call.ids["uuid"]])
    return deleted()


def delete_snapshots(call: Call) -> Answer:
    """Several snapshots less."""
    snapshots.delete(call.world, _uuids(call))
    return deleted(None)


def clone_snapshot(call: Call) -> Answer:
    """A drive from a snapshot: bare, and its address is a reference."""
    drive = snapshots.clone(call.world, call.ids["uuid"], call.body, avoided(call))
    # documented: a snapshot's clone is bare and its resource_uri is an object
    shown = _drive_json(call, drive)
    return Answer(shown | {"resource_uri": listing.reference("drives", drive.uuid)}, 202)


DO = frozenset({"do", "avoid"})
AVOID = frozenset({"avoid"})
CLONE: dict[str, Callable[[Call], Answer]] = {"clone": clone_drive}

ROUTES = (
    Route("GET", "drives/schema/", account.drive_schema),
    Route("GET", "drives/availability_groups/", drive_groups),
    Route("GET", "drives/availability_groups/{uuid}/", drive_group),
    Route("GET", "drives/", partial(list_rows, _visible_drives, views.DRIVES, False), None),
    Route("GET", "drives/detail/", partial(list_rows, _visible_drives, views.DRIVES, True), None),
    Route("POST", "drives/", create_drives, AVOID, True),
    Route("DELETE", "drives/", delete_drives, has_body=True),
    Route(
        "GET",
        "drives/{uuid}/",
        partial(show, lambda call: call.world.any_drive(call.ids["uuid"]), views.DRIVES),
    ),
    Route("PUT", "drives/{uuid}/", edit_drive, has_body=True),
    Route("DELETE", "drives/{uuid}/", delete_drive),
    Route("POST", "drives/{uuid}/action/", _actions({"resize": resize_drive, **CLONE}), DO, True),
    *collection("driveusers", "rds_records", views.RDS_RECORDS, detail=False),
    Route("POST", "driveusers/", create_records, has_body=True),
    Route("PUT", "driveusers/{uuid}/", edit_record, has_body=True),
    Route("DELETE", "driveusers/{uuid}/", delete_record),
    *collection("tags", "tags", views.TAGS),
    Route("POST", "tags/", create_tags, has_body=True),
    Route("PUT", "tags/{uuid}/", edit_tag, has_body=True),
    Route("DELETE", "tags/{uuid}/", delete_tag),
    *(
        Route("GET", f"tags/{{uuid}}/{kind}/", partial(list_rows, _tagged(kind), view, True), None)
        for kind, view in (("drives", views.DRIVES), ("servers", views.SERVERS))
    ),
    *collection("libdrives", "library", views.LIBRARY),
    Route("POST", "libdrives/{uuid}/action/", _actions(CLONE), DO, True),
    *collection("jobs", "jobs", views.JOBS, detail=False),
    *collection("snapshots", "snapshots", views.SNAPSHOTS),
    Route("POST", "snapshots/", create_snapshots, has_body=True),
    Route("DELETE", "snapshots/", delete_snapshots, has_body=True),
    Route("PUT", "snapshots/{uuid}/", edit_snapshot, has_body=True),
    Route("DELETE", "snapshots/{uuid}/", delete_snapshot),
    Route("POST", "snapshots/{uuid}/action/", _actions({"clone": clone_snapshot}), DO, True),
    *collection("servers", "servers", views.SERVERS),
    Route("GET", "servers/availability_groups/", server_groups),
    Route("GET", "servers/availability_groups/{uuid}/", server_group),
    Route("POST", "servers/", create_servers, AVOID, True),
    Route("PUT", "servers/{uuid}/", edit_server, has_body=True),
    Route("DELETE", "servers/{uuid}/", delete_server, frozenset({"recurse"})),
    Route(
        "POST",
        "servers/{uuid}/action/",
        _actions({action: _server_action(action) for action in servers.ACTIONS}),
        DO,
        True,
    ),
    Route("GET", "profile/", account.profile),
    Route("PUT", "profile/", account.edit_profile, has_body=True),
    Route("GET", "capabilities/", account.capabilities),
    Route("GET", "licenses/", account.licenses, None),
    Route("GET", "locations/", account.locations, None),
)

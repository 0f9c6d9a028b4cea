"""The API's addresses: which rule answers which verb, and in which envelope.

API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""

from __future__ import annotations

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
)
from simulator.endpoints import (
    accepted,
    actions,
    avoided,
    created,
    deleted,
    deleted_many,
    edited,
    listed_rows,
    shown_row,
)
from simulator.exchange import JSON, Answer, Call, Route, Serve
from simulator.fields import cleaned
from simulator.listing import CONTROLS
from simulator.views import DRIVES, JOBS, LIBRARY, RDS_RECORDS, SERVERS, SNAPSHOTS, TAGS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from simulator.listing import View
    from simulator.records import Drive


def _collection(
    name: str, view: View, rows: Callable[[Call], Iterable[Any]], *, detail: bool = True
) -> list[Route]:
    known = view.parameters
    lists = [Route("GET", f"{name}/", listed_rows(rows, view, detail=False), known)]
    if detail:
        full = listed_rows(rows, view, detail=True)
        lists.append(Route("GET", f"{name}/detail/", full, known))
    return lists


def _object(name: str, view: View, table: str) -> Route:
    return Route("GET", f"{name}/{{uuid}}/", shown_row(lambda w, u: w.tables[table].get(u), view))


def _table(name: str, view: View, table: str, *, detail: bool = True) -> list[Route]:
    rows = _collection(name, view, lambda call: call.world.tables[table], detail=detail)
    return [*rows, _object(name, view, table)]


def _visible_drives(call: Call) -> Iterable[Drive]:
    # documented: lists hold own drives and those shared with LIST, and no library drives
    owner = call.world.owner
    return (d for d in call.world.drives if d.owner == owner or "LIST" in d.permissions)


def _drive_groups(call: Call) -> Answer:
    return Answer(storage.groups(call.world.drives))


def _drive_group(call: Call) -> Answer:
    drive = call.world.drives.get(call.ids["uuid"])
    return Answer(next(g for g in storage.groups(call.world.drives) if drive.uuid in g))


def _server_groups(call: Call) -> Answer:
    return Answer(servers.groups(call.world))


def _server_group(call: Call) -> Answer:
    uuid = call.world.servers.get(call.ids["uuid"]).uuid
    # documented: the availability group of a stopped server is empty
    return Answer(next((g for g in servers.groups(call.world) if uuid in g), []))


def _tagged(kind: str) -> Callable[[Call], Iterable[Any]]:
    def rows(call: Call) -> Iterable[Any]:
        tag = call.world.tags.get(call.ids["uuid"])
        table = call.world.tables[kind]
        return [table.get(uuid) for uuid in tag.resources if uuid in table]

    return rows


def _delete_server(call: Call) -> Answer:
    recurse = call.parameter("recurse")
    if recurse is not None and recurse not in servers.RECURSE:
        raise errors.Invalid(errors.Problem("Unknown value", "recurse"))
    servers.delete(call.world, call.ids["uuid"], recurse)
    return Answer(None, 204)


def _server_action(action: str) -> Serve:
    def serve(call: Call) -> Answer:
        avoided(call)
        cleaned(call.body, {})
        servers.act(call.world, call.ids["uuid"], action)
        # documented: a server action answers with action, result and uuid
        done = {"action": action, "result": "success", "uuid": call.ids["uuid"]}
        return Answer(done, 202)

    return serve


def _clone_snapshot(call: Call) -> Answer:
    drive = snapshots.clone(call.world, call.ids["uuid"], call.body, avoided(call))
    # documented: a snapshot's clone is bare and its resource_uri is an object
    uri = {"resource_uri": listing.reference("drives", drive.uuid)}
    return Answer(listing.shown(call.world, drive, DRIVES) | uri, 202)


CLONE = accepted(
    lambda call: cloning.clone(call.world, call.ids["uuid"], call.body, avoided(call)), DRIVES
)
RESIZE = accepted(lambda call: drives.resize(call.world, call.ids["uuid"], call.body), DRIVES)
ACTION, AVOID, RECURSE = frozenset({"do", "avoid"}), frozenset({"avoid"}), frozenset({"recurse"})

ROUTES = (
    *_collection("drives", DRIVES, _visible_drives),
    Route(
        "POST",
        "drives/",
        created(lambda call: drives.create(call.world, call.body, avoided(call)), DRIVES),
        AVOID,
        has_body=True,
    ),
    Route("DELETE", "drives/", deleted_many(drives.delete), has_body=True),
    Route("GET", "drives/schema/", account.drive_schema),
    Route("GET", "drives/availability_groups/", _drive_groups),
    Route("GET", "drives/availability_groups/{uuid}/", _drive_group),
    Route("GET", "drives/{uuid}/", shown_row(lambda w, u: w.any_drive(u), DRIVES)),
    Route("PUT", "drives/{uuid}/", edited(drives.edit, DRIVES), has_body=True),
    Route("DELETE", "drives/{uuid}/", deleted(lambda w, u: drives.delete(w, [u]))),
    Route(
        "POST",
        "drives/{uuid}/action/",
        actions({"resize": RESIZE, "clone": CLONE}),
        ACTION,
        has_body=True,
    ),
    *_table("libdrives", LIBRARY, "library"),
    Route("POST", "libdrives/{uuid}/action/", actions({"clone": CLONE}), ACTION, has_body=True),
    *_table("driveusers", RDS_RECORDS, "rds_records", detail=False),
    Route(
        "POST",
        "driveusers/",
        created(lambda call: rds_drives.create(call.world, call.body), RDS_RECORDS),
        has_body=True,
    ),
    Route(
        "PUT",
        "driveusers/{uuid}/",
        edited(rds_drives.edit, RDS_RECORDS, wrapped=True),
        has_body=True,
    ),
    Route("DELETE", "driveusers/{uuid}/", deleted(rds_drives.delete, JSON)),
    *_table("tags", TAGS, "tags"),
    Route(
        "POST",
        "tags/",
        created(lambda call: tags.create(call.world, call.body), TAGS),
        has_body=True,
    ),
    Route("PUT", "tags/{uuid}/", edited(tags.edit, TAGS), has_body=True),
    Route("DELETE", "tags/{uuid}/", deleted(tags.delete)),
    *_collection("tags/{uuid}/drives", DRIVES, _tagged("drives"), detail=False),
    *_collection("tags/{uuid}/servers", SERVERS, _tagged("servers"), detail=False),
    *_table("jobs", JOBS, "jobs", detail=False),
    *_table("snapshots", SNAPSHOTS, "snapshots"),
    Route(
        "POST",
        "snapshots/",
        created(lambda call: snapshots.create(call.world, call.body), SNAPSHOTS),
        has_body=True,
    ),
    Route("DELETE", "snapshots/", deleted_many(snapshots.delete), has_body=True),
    Route("PUT", "snapshots/{uuid}/", edited(snapshots.edit, SNAPSHOTS), has_body=True),
    Route("DELETE", "snapshots/{uuid}/", deleted(lambda w, u: snapshots.delete(w, [u]))),
    Route(
        "POST",
        "snapshots/{uuid}/action/",
        actions({"clone": _clone_snapshot}),
        ACTION,
        has_body=True,
    ),
    *_table("servers", SERVERS, "servers"),
    Route("GET", "servers/availability_groups/", _server_groups),
    Route("GET", "servers/availability_groups/{uuid}/", _server_group),
    Route(
        "POST",
        "servers/",
        created(lambda call: servers.create(call.world, call.body), SERVERS),
        has_body=True,
    ),
    Route("PUT", "servers/{uuid}/", edited(servers.edit, SERVERS), has_body=True),
    Route("DELETE", "servers/{uuid}/", _delete_server, RECURSE),
    Route(
        "POST",
        "servers/{uuid}/action/",
        actions({action: _server_action(action) for action in servers.ACTIONS}),
        ACTION,
        has_body=True,
    ),
    Route("GET", "profile/", account.profile),
    Route("PUT", "profile/", account.edit_profile, has_body=True),
    Route("GET", "capabilities/", account.capabilities),
    Route("GET", "licenses/", account.licenses, CONTROLS),
    Route("GET", "locations/", account.locations, CONTROLS),
)

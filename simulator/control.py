"""The control surface beside the API: what tests and demonstrations do to the simulated world.

It needs no credentials, and no fault touches it.
"""

from __future__ import annotations

import copy
import itertools
from collections import Counter, deque
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aiohttp import web

from simulator import encoding, fates, mounts, storage, tags
from simulator.clock import Clock
from simulator.errors import ApiError
from simulator.records import Drive, Server, fresh_uuid

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.http import Service

PREFIX = "/_control/"
PAGE = Path(__file__).parent / "data" / "page.html"
SHOWN = 40


def _newest(rows: Any) -> list[dict[str, Any]]:
    kept = deque(rows, maxlen=SHOWN)
    return [vars(row) for row in reversed(kept)]


class Control:
    """The functions behind `/_control/`."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.world = service.world

    def add_routes(self, app: web.Application) -> None:
        """Serve the control surface."""
        for path, function in (
            ("reset", self.reset),
            ("clock", self.set_clock),
            ("switches", self.set_switches),
            ("servers", self.make_server),
            ("drives", self.make_drives),
            ("faults", self.add_faults),
        ):
            app.router.add_post(PREFIX + path, self._post(function))
        app.router.add_post(PREFIX + "drives/{uuid}", self._edit_drive)
        app.router.add_get(PREFIX + "requests", self._requests)
        app.router.add_delete(PREFIX + "requests", self._clear_requests)
        app.router.add_get(PREFIX + "faults", self._faults)
        app.router.add_get(PREFIX + "state", self._state)
        app.router.add_get(PREFIX, self._page)
        app.router.add_delete(PREFIX + "faults", self._clear_faults)

    def _post(self, function: Callable[[Any], Any]) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            raw = await request.read()
            return self._done(lambda: function(encoding.decode(raw, request.headers)))

        return serve

    def _done(self, work: Callable[[], Any]) -> web.Response:
        """The result of some work, or what was wrong with the request."""
        try:
            result = work()
            self.service.save()
            return web.json_response(result)
        except ApiError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    def reset(self, _: Any) -> Any:
        """Start over with an empty account."""
        self.world.reset()
        self.service.faults.clear()
        self.service.requests.clear()
        self.service.counts.clear()
        return {}

    def set_clock(self, body: Any) -> Any:
        """Let operations that begin from here on take another time."""
        self.world.clock = Clock.parse(body["clock"])
        return {"clock": str(self.world.clock)}

    def set_switches(self, body: Any) -> Any:
        """Behave otherwise where the sources disagree."""
        self.world.switches.change(body)
        return asdict(self.world.switches)

    def make_server(self, body: Any) -> Any:
        """A server with drives mounted on it, running or stopped."""
        name, status = body.get("name", "server"), body.get("status", "stopped")
        if status not in {"running", "stopped"}:
            raise ValueError("status is running or stopped")
        attached = [self.world.any_drive(uuid).uuid for uuid in body.get("drives", [])]
        password = fresh_uuid()
        server = Server(name, 1000, 2**30, password, self.world.owner, status=status)
        self.world.servers.put(server)
        for number, uuid in enumerate(attached):
            channel = f"{number // 4}:{number % 4}"
            entry = {"drive": uuid, "dev_channel": channel, "device": "virtio"}
            mounts.attach(self.world, server, entry)
        return {"uuid": server.uuid, "name": name, "status": status}

    def make_drives(self, body: Any) -> Any:
        """Drives that are ready at once: `count` times the given fields, named in a row."""
        count = body.pop("count", 1)
        pattern: dict[str, Any] = {
            "name": "seed",
            "media": "disk",
            "size": 2**30,
            "storage_type": "dssd",
        }
        pattern |= {"owner": self.world.owner, "status": "unmounted"} | body
        tagged = pattern.pop("tags", [])
        made = []
        for number in itertools.islice(itertools.count(len(self.world.drives)), count):
            name = pattern["name"] if count == 1 else f"{pattern['name']}-{number:06d}"
            fields = copy.deepcopy(pattern) | {"name": name, "host": number % storage.HOSTS}
            drive = Drive(**fields)
            tags.assign(self.world, self.world.drives.put(drive), tagged)
            made.append(drive.uuid)
        return {"uuids": made}

    def add_faults(self, body: Any) -> Any:
        """Let requests go wrong: one rule, or a list of them."""
        self.service.faults.add(body if isinstance(body, list) else [body])
        return self.service.faults.shown()

    async def _faults(self, _: web.Request) -> web.Response:
        return web.json_response(self.service.faults.shown())

    async def _clear_faults(self, _: web.Request) -> web.Response:
        self.service.faults.clear()
        return web.json_response([])

    async def _edit_drive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        uuid = request.match_info["uuid"]
        return self._done(lambda: self._set(uuid, encoding.decode(raw, request.headers)))

    def _set(self, uuid: str, changes: dict[str, Any]) -> Any:
        """Give a drive any status or field, whatever the rules say; `"gone"` removes it."""
        drive = self.world.drives.get(uuid)
        if changes.get("status") == "gone":
            fates.forget(self.world, drive)
        else:
            fates.overwrite(self.world, drive, changes)
        return {"uuid": uuid, **changes}

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return web.FileResponse(PAGE)

    async def _state(self, _: web.Request) -> web.Response:
        """What the page shows: the newest objects and requests, newest first."""
        world, service = self.world, self.service
        return web.json_response(
            {
                "clock": str(world.clock),
                "location": world.settings.location,
                "counts": {name: len(table) for name, table in world.tables.items()},
                "names": {server.uuid: server.name for server in world.servers},
                "drives": _newest(world.drives),
                "servers": _newest(world.servers),
                "records": _newest(world.rds_records),
                "requests": _newest(service.requests),
                "faults": service.faults.shown(),
                "total": sum(service.counts.values()),
            }
        )

    async def _requests(self, _: web.Request) -> web.Response:
        kept = [asdict(record) for record in self.service.requests]
        statuses = Counter(str(record["status"]) for record in kept)
        counts = {"total": sum(self.service.counts.values()), **self.service.counts}
        return web.json_response({"requests": kept, "counts": counts, "statuses": statuses})

    async def _clear_requests(self, _: web.Request) -> web.Response:
        self.service.requests.clear()
        self.service.counts.clear()
        return web.json_response({})

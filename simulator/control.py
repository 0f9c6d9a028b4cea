"""The control surface beside the API: what tests and demonstrations do to the simulated world.

It needs no credentials, and no fault touches it.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from aiohttp import web

from simulator import catalog, encoding, mounts, tags
from simulator.clock import Clock
from simulator.errors import ApiError
from simulator.records import Drive, Server, fresh_uuid

if TYPE_CHECKING:
    from collections.abc import Callable

    from simulator.http import Service

PREFIX = "/_control/"


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
        ):
            app.router.add_post(PREFIX + path, self._post(function))
        app.router.add_post(PREFIX + "drives/{uuid}", self._edit_drive)
        app.router.add_get(PREFIX + "requests", self._requests)
        app.router.add_delete(PREFIX + "requests", self._clear_requests)

    def _post(self, function: Callable[[Any], Any]) -> Callable[[web.Request], Any]:
        async def serve(request: web.Request) -> web.Response:
            raw = await request.read()
            return self._done(lambda: function(encoding.decode(raw, request.headers)))

        return serve

    def _done(self, work: Callable[[], Any]) -> web.Response:
        """The result of some work, or what was wrong with the request."""
        try:
            return web.json_response(work())
        except ApiError as error:
            return web.json_response({"error": str(error)}, status=error.status)
        except (KeyError, TypeError, ValueError) as error:
            return web.json_response({"error": f"{type(error).__name__}: {error}"}, status=400)

    def reset(self, _: Any) -> Any:
        """Start over with an empty account."""
        self.world.clear()
        for image in catalog.library("unmounted"):
            self.world.library.put(image)
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
            drive = Drive(**{**pattern, "name": name, "host": number % 3})
            tags.assign(self.world, self.world.drives.put(drive), tagged)
            made.append(drive.uuid)
        return {"uuids": made}

    async def _edit_drive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        uuid = request.match_info["uuid"]
        return self._done(lambda: self._set(uuid, encoding.decode(raw, request.headers)))

    def _set(self, uuid: str, changes: dict[str, Any]) -> Any:
        """Give a drive any status or field, whatever the rules say; `"gone"` removes it."""
        drive = self.world.drives.get(uuid)
        if changes.get("status") == "gone":
            self.world.drives.remove(uuid)
            return {}
        unknown = changes.keys() - vars(drive).keys()
        if unknown:
            raise ValueError(f"a drive has no {sorted(unknown)}")
        vars(drive).update(changes)
        self.world.drives.put(drive)
        return {"uuid": uuid, **changes}

    async def _requests(self, _: web.Request) -> web.Response:
        kept = [asdict(record) for record in self.service.requests]
        statuses = Counter(str(record["status"]) for record in kept)
        counts = {"total": sum(self.service.counts.values()), **self.service.counts}
        return web.json_response({"requests": kept, "counts": counts, "statuses": statuses})

    async def _clear_requests(self, _: web.Request) -> web.Response:
        self.service.requests.clear()
        self.service.counts.clear()
        return web.json_response({})

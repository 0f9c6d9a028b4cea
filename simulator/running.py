"""A simulator that listens: its sockets, its file, its end."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, cast

from aiohttp import web

from simulator.control import Control
from simulator.database import Database
from simulator.http import API, LARGEST_BODY, Service
from simulator.world import World

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from simulator.http import Handler
    from simulator.settings import Settings


class Running:
    """One simulator inside an event loop."""

    def __init__(self, settings: Settings, host: str = "127.0.0.1", port: int = 0) -> None:
        self.settings = settings
        self.world = World(settings)
        self.database = Database(settings.db) if settings.db else None
        self.service = Service(self.world, self.save, self.refuse)
        self.service.faults.add(settings.faults)
        self.control = Control(self.service)
        if self.database is None or not self.database.load(self.world.tables):
            self.world.reset()
        missing = max(0, settings.seed_drives - len(self.world.drives))
        self.control.make_drives({"count": missing})
        self.save()
        self.host, self.port = host, port
        self._reopening: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """The API's base URL."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{API}"

    def save(self) -> None:
        """Keep what changed, when there is a file to keep it in."""
        if self.database:
            self.database.save(self.world.tables)
        for table in self.world.tables.values():
            table.changed.clear()

    async def start(self) -> None:
        """Listen; afterwards `port` is the real one."""
        app = web.Application(middlewares=[self._middleware], client_max_size=LARGEST_BODY)
        self.service.add_routes(app)
        self.control.add_routes(app)
        self.runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self.runner.setup()
        self._server = cast("web.Server", self.runner.server)
        # Bound and never listening: it keeps the port while connections are refused.
        self._keeper = _bound(self.host, self.port)
        self.port = self._keeper.getsockname()[1]
        await self._listen()

    async def _listen(self) -> None:
        listener = _bound(self.host, self.port)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._server, sock=listener, backlog=1024)

    def refuse(self, seconds: float) -> None:
        """Refuse connections for a while, and end those that are idle."""
        self._listener.close()
        if self._reopening:
            self._reopening.cancel()
        for connection in self._server.connections:
            connection.close()
        self._reopening = asyncio.get_running_loop().create_task(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self._listen()

    @web.middleware
    async def _middleware(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        if request.path.startswith(API):
            # below the prefix every handler is one of the service's
            return await self.service.respond(request, cast("Handler", handler))
        return await handler(request)

    async def stop(self) -> None:
        """Close every connection and the file."""
        if self._reopening:
            self._reopening.cancel()
        self._listener.close()
        self._keeper.close()
        await self.runner.cleanup()
        if self.database:
            self.database.close()


def _bound(host: str, port: int) -> socket.socket:
    bound = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((host, port))
    return bound

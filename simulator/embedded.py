"""A simulator inside a test: on a thread of its own, with its requests at hand."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self

from simulator.control import PREFIX
from simulator.http import API, Record
from simulator.running import Running
from simulator.settings import Settings

if TYPE_CHECKING:
    from types import TracebackType


class Simulator:
    """A simulator in this process, on a thread of its own.

    Any number can run at once. Settings are those of `Settings`:

        with Simulator(clock="reads:2") as simulator:
            requests.get(simulator.url + "drives/", auth=simulator.credentials)
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        **changes: Any,
    ) -> None:
        self.settings = replace(settings or Settings(), **changes)
        self._running = Running(self.settings, host, port)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """The API's base URL."""
        return self._running.url

    @property
    def control_url(self) -> str:
        """The base URL of the control surface."""
        return self.url.replace(API, PREFIX)

    @property
    def credentials(self) -> tuple[str, str]:
        """User and password."""
        return self.settings.user, self.settings.password

    @property
    def requests(self) -> list[Record]:
        """The API requests received so far."""
        return list(self._running.service.requests)

    def clear_requests(self) -> None:
        """Forget the requests received so far."""
        self._running.service.requests.clear()
        self._running.service.counts.clear()

    def start(self) -> None:
        """Serve; returns when the port is open."""
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._running.start(), self._loop).result()

    def stop(self) -> None:
        """Close every connection and end the thread."""
        asyncio.run_coroutine_threadsafe(self._running.stop(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Call the control surface: GET without a body, POST with one."""
        connection = http.client.HTTPConnection(self._running.host, self._running.port)
        verb = method or ("GET" if body is None else "POST")
        content = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        try:
            connection.request(verb, PREFIX + path, content, headers)
            answer = connection.getresponse()
            result = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status != 200:
            raise ValueError(result["error"])
        return result

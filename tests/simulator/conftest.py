"""Simulators to talk to, and a terse way of talking."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import pytest
import requests

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

GIB = 2**30


class Api:
    """Calls one simulator with its credentials."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.auth = simulator.credentials

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> requests.Response:
        options.setdefault("timeout", 10)
        return self.session.request(method, self.simulator.url + path, json=body, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        return self.send("GET", path, **options)

    def post(self, path: str, body: Any) -> requests.Response:
        return self.send("POST", path, body)

    def put(self, path: str, body: Any) -> requests.Response:
        return self.send("PUT", path, body)

    def delete(self, path: str, body: Any = None) -> requests.Response:
        return self.send("DELETE", path, body)

    def control(self, path: str, body: Any = None) -> Any:
        return self.simulator.control(path, body)

    def seeded(self, **fields: Any) -> str:
        """The uuid of a drive that is ready."""
        return str(self.control("drives", fields)["uuids"][0])

    def mounted(self, uuid: str, status: str = "running") -> str:
        """The uuid of a server that has the drive."""
        server = {"name": "web", "drives": [uuid], "status": status}
        return str(self.control("servers", server)["uuid"])

    def tag(self, name: str = "tag", resources: tuple[str, ...] = ()) -> str:
        made = self.post("tags/", {"name": name, "resources": list(resources)})
        return str(made.json()["objects"][0]["uuid"])

    def drive(self, uuid: str) -> dict[str, Any]:
        """The drive as one read shows it."""
        found: dict[str, Any] = self.get(f"drives/{uuid}/").json()
        return found

    def settled(self, uuid: str) -> dict[str, Any]:
        """The drive when its work is done."""
        return next(
            drive
            for drive in (self.drive(uuid) for _ in range(10))
            if drive["status"] in {"mounted", "unmounted", "unavailable"}
        )


def definition(**changes: Any) -> dict[str, Any]:
    """A drive to be created."""
    return {"name": "a", "media": "disk", "size": GIB, **changes}


@pytest.fixture
def start() -> Iterator[Callable[..., Api]]:
    """Starts a simulator with settings; it ends with the test."""
    with ExitStack() as stack:
        yield lambda **settings: Api(stack.enter_context(Simulator(**settings)))


@pytest.fixture
def api(start: Callable[..., Api]) -> Api:
    """A simulator with the default settings."""
    return start()


@pytest.fixture
def new() -> Callable[..., dict[str, Any]]:
    """Definitions of drives."""
    return definition

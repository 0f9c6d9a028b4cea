"""The simulated cloud as a practitioner's colleague uses it: beside Terraform, over HTTP."""

from __future__ import annotations

import base64
import json
from typing import Any, Protocol
from urllib.request import Request, urlopen

GIB = 1024**3


class Served(Protocol):
    """A simulator, in this process or in one of its own."""

    @property
    def url(self) -> str:
        """The API's base URL."""


class Cloud:
    """What exists, and what somebody else does to it."""

    def __init__(self, simulator: Served) -> None:
        self.simulator = simulator
        self._root = simulator.url.removesuffix("api/2.0/")
        pair = base64.b64encode(b"demo@example.com:demo-password").decode()
        self._headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: object = None) -> Any:
        """The decoded answer of the API, or of the control surface below `_control/`."""
        base = self._root if path.startswith("_control/") else self.simulator.url
        data = None if body is None else json.dumps(body).encode()
        request = Request(base + path, data, self._headers, method=method)
        with urlopen(request) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def drives(self) -> list[dict[str, Any]]:
        """All drives in full."""
        found: list[dict[str, Any]] = self.call("GET", "drives/detail/?limit=0")["objects"]
        return found

    def drive(self, uuid: str) -> dict[str, Any]:
        """One drive in full."""
        found: dict[str, Any] = self.call("GET", f"drives/{uuid}/")
        return found

    def uuids(self) -> set[str]:
        """The UUIDs of all drives."""
        return {drive["uuid"] for drive in self.drives()}

    def make_drive(self, **fields: Any) -> str:
        """A drive nobody manages."""
        (uuid,) = self.call("POST", "_control/drives", fields)["uuids"]
        return str(uuid)

    def edit(self, uuid: str, **changes: Any) -> None:
        """Somebody else changes a drive."""
        present = self.drive(uuid)
        keys = ("name", "media", "size", "meta", "allow_multimount")
        body = {key: present[key] for key in keys} | {"tags": [t["uuid"] for t in present["tags"]]}
        self.call("PUT", f"drives/{uuid}/", body | changes)

    def force(self, uuid: str, **fields: Any) -> None:
        """The drive is in this condition from here on, whatever the rules say."""
        self.call("POST", f"_control/drives/{uuid}", fields)

    def remove(self, uuid: str) -> None:
        """Somebody else deletes a drive."""
        self.force(uuid, status="gone")

    def server(self, *drives: str, running: bool, name: str = "web") -> str:
        """A server with these drives mounted on it."""
        status = "running" if running else "stopped"
        body = {"name": name, "drives": list(drives), "status": status}
        return str(self.call("POST", "_control/servers", body)["uuid"])

    def stop(self, server: str) -> None:
        """Power a server off."""
        self.call("POST", f"servers/{server}/action/?do=stop", {})

    def tag(self, name: str) -> str:
        """A tag."""
        return str(self.call("POST", "tags/", {"objects": [{"name": name}]})["objects"][0]["uuid"])

    def requests(self) -> list[dict[str, Any]]:
        """Every request to the API so far."""
        found: list[dict[str, Any]] = self.call("GET", "_control/requests")["requests"]
        return found

    def forget_requests(self) -> None:
        """Start counting anew."""
        self.call("DELETE", "_control/requests")

    def sent(self, method: str) -> list[str]:
        """The paths that were called with a method."""
        return [r["path"] for r in self.requests() if r["method"] == method]

    def faults(self, *rules: dict[str, Any]) -> None:
        """Let requests go wrong."""
        self.call("POST", "_control/faults", list(rules))

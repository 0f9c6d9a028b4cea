"""The provider's client: where the sources disagree, and against docs/openapi.yaml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import jsonschema
import pytest
import yaml

from provider.api.client import Client
from provider.api.settings import Settings
from provider.api.transport import Transport
from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
DESCRIPTION = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
GIB = 2**30
NEWER = ["backup_scheduler", "iops", "remote_snapshots", "is_downloadable", "is_ephemeral"]
POSITIONS: list[dict[str, Any]] = [
    {},
    {"strict_put": True},
    {"windows_check": True},
    {"extra_keys": NEWER},
    {"missing_keys": ["grantees", "permissions"]},
    {"server_meta": True},
    {"page_size": 1},
]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def client(simulator: Simulator) -> Iterator[Client]:
    user, password = simulator.credentials
    transport = Transport(Settings(base_url=simulator.url, username=user, password=password))
    yield Client(transport, delays=lambda: iter([0.0] * 1000))
    transport.close()


def live(client: Client) -> list[dict[str, Any]]:
    """Every kind of call on a drive, its clone, its tag and its record; the drive as it went."""
    drives = client.drives
    tag = client.collection("tags").create({"name": "t"})["uuid"]
    body = {"name": "a", "media": "disk", "size": GIB, "meta": {"os": "windows"}, "tags": [tag]}
    uuid = drives.create(body)["uuid"]
    seen = [drives.wait_until_ready(uuid)]
    drives.edit(uuid, {"name": "b"})
    seen.append(drives.wait_until_ready(uuid))
    drives.resize(uuid, {"size": 2 * GIB})
    seen.append(drives.wait_until_ready(uuid))
    clone = drives.clone(uuid, {"name": "c"}, avoid=[uuid])["uuid"]
    drives.wait_until_ready(clone)
    records = client.collection("driveusers")
    records.create({"drive": uuid, "amount": 2})
    records.edit(uuid, {"amount": 3})
    records.delete(uuid)
    client.collection("tags").edit(tag, {"name": "u"})
    assert {drive["uuid"] for drive in drives.list(fields=["uuid"])} == {uuid, clone}
    assert [drive["uuid"] for drive in drives.list(name="b")] == [uuid]
    client.capabilities()
    client.get("profile/")
    for doomed in (clone, uuid):
        drives.wait_until_ready(doomed)
        drives.delete(doomed)
        drives.wait_until_gone(doomed)
    client.collection("tags").delete(tag)
    return [dict(drive) for drive in seen]


@pytest.mark.parametrize("position", POSITIONS, ids=str)
def test_the_client_works_in_every_position(
    simulator: Simulator, client: Client, position: dict[str, Any]
) -> None:
    simulator.control("switches", position)

    seen = live(client)

    kept = [(d["name"], d["size"], d["meta"]["os"], len(d["tags"])) for d in seen]
    assert kept == [
        ("a", GIB, "windows", 1),
        ("b", GIB, "windows", 1),
        ("b", 2 * GIB, "windows", 1),
    ]


def operation(method: str, path: str) -> dict[str, Any]:
    """The description of the operation at an address, its path's own parameters included."""
    for template, item in DESCRIPTION["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
            found: dict[str, Any] = item[method.lower()]
            return found
    raise AssertionError(f"{method} {path} is not described")


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """A part of the description, looked up if it is a reference."""
    if "$ref" not in part:
        return part
    found: dict[str, Any] = DESCRIPTION
    for name in part["$ref"].split("/")[1:]:
        found = found[name]
    return found


def test_every_request_of_the_client_is_described(simulator: Simulator, client: Client) -> None:
    live(client)

    for record in simulator.requests:
        address = urlsplit(record.path.removeprefix("/api/2.0"))
        described = operation(record.method, address.path)
        known = {resolved(p)["name"] for p in described.get("parameters", [])}
        assert set(parse_qs(address.query)) <= known, record.path
        if record.body is not None:
            content = described["requestBody"]["content"]["application/json"]["schema"]
            schema = {**content, "components": DESCRIPTION["components"]}
            jsonschema.validate(record.body, schema)

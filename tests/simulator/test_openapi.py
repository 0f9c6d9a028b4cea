"""The simulator and docs/openapi.yaml, checked against each other in both directions."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests
import schemathesis
import yaml
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi import checks

from simulator import Simulator
from simulator.routes import ROUTES

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = Path(__file__).parents[2] / "docs" / "openapi.yaml"
DESCRIPTION = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
GIB = 2**30
DRIVE = {"name": "a", "media": "disk", "size": GIB}

# credentials are always sent here: what happens without them is in test_transport
OPEN = {key: value for key, value in DESCRIPTION.items() if key != "security"}
schema = schemathesis.openapi.from_dict(OPEN)
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.unsupported_method,
]


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DESCRIPTION["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield method.upper(), path, operation


@pytest.fixture(scope="module")
def shared() -> Iterator[Simulator]:
    """One simulator for all generated requests, with an object of every kind."""
    with Simulator(rate_limits={}, clock="immediate") as simulator:
        yield simulator


def furnish(simulator: Simulator) -> dict[str, str]:
    """The uuid of an object for each collection."""
    simulator.control("reset", {})
    drive, taken = simulator.control("drives", {"count": 2})["uuids"]

    def make(collection: str, body: Any) -> str:
        url = simulator.url + collection
        answer = requests.post(url, json=body, auth=simulator.credentials, timeout=10)
        found = answer.json()["objects"][0]
        return str(found.get("uuid", taken))

    def first(collection: str) -> str:
        answer = requests.get(simulator.url + collection, auth=simulator.credentials, timeout=10)
        return str(answer.json()["objects"][0]["uuid"])

    make(f"drives/{taken}/action/?do=clone", {})
    return {
        "drives": drive,
        "driveusers": make("driveusers/", {"drive": taken, "amount": 1}),
        "tags": make("tags/", {"name": "t", "resources": [drive]}),
        "snapshots": make("snapshots/", {"drive": drive}),
        "servers": simulator.control("servers", {"drives": [taken]})["uuid"],
        "libdrives": first("libdrives/"),
        "jobs": first("jobs/"),
    }


def test_both_name_the_same_addresses() -> None:
    described = {(method, path) for method, path, _ in operations()}

    assert described == {(route.method, "/" + route.path) for route in ROUTES}


def explore(simulator: Simulator, method: str, path: str, examples: int) -> None:
    """Send generated requests, well-formed and malformed, and check their answers."""
    operation, known = schema[path][method], furnish(simulator)
    options: dict[str, Any] = {"auth": simulator.credentials, "timeout": 60, "checks": CHECKS}

    def check(case: schemathesis.Case) -> None:
        uuid = case.path_parameters.get("uuid") if case.path_parameters else None
        if isinstance(uuid, str) and re.fullmatch(r"[0-9a-f-]{35}[02468ace]", uuid):
            # half of the well-formed identifiers become one of an object that exists
            case.path_parameters["uuid"] = known[path.split("/")[1]]
        case.call_and_validate(base_url=simulator.url.rstrip("/"), **options)

    described = DESCRIPTION["paths"][path][method.lower()]
    fixed = "{" not in path and not described.keys() & {"parameters", "requestBody"}
    # what takes no input cannot be asked in a malformed way
    for mode in [GenerationMode.POSITIVE] if fixed else GenerationMode:
        relaxed = settings(
            max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck)
        )
        relaxed(given(operation.as_strategy(generation_mode=mode))(check))()


ADDRESSES = [pytest.param(m, p, id=f"{m} {p}") for m, p, _ in operations()]


@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_no_answer_is_undocumented(shared: Simulator, method: str, path: str) -> None:
    explore(shared, method, path, examples=8)


@pytest.mark.slow
@pytest.mark.parametrize(("method", "path"), ADDRESSES)
def test_none_of_many_answers_is_undocumented(shared: Simulator, method: str, path: str) -> None:
    explore(shared, method, path, examples=100)


NOBODY = "00000000-0000-4000-8000-000000000000"
SERVER = {"name": "web", "cpu": 1000, "mem": GIB, "vnc_password": "secret"}


class Witness:
    """Sends requests to described addresses, checks the answers and remembers their statuses."""

    def __init__(self, api: Any) -> None:
        self.api = api
        self.seen: set[tuple[str, str, int]] = set()

    def __call__(
        self, method: str, path: str, body: Any = None, uuid: str = "", **options: Any
    ) -> Any:
        bare, _, query = path.partition("?")
        address = bare.lstrip("/").replace("{uuid}", uuid) + (query and f"?{query}")
        answer = self.api.send(method, address, body, **options)
        schema[bare][method].validate_response(answer)
        self.seen.add((method, bare, answer.status_code))
        return answer.json() if answer.content else None

    def make(self, path: str, body: Any) -> str:
        found = self("POST", path, body)["objects"][0]
        return str(found.get("uuid", ""))


def example(operation: dict[str, Any]) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


def query_of(operation: dict[str, Any]) -> str:
    """The query that an operation cannot do without."""
    needed = [p for p in operation.get("parameters", []) if p.get("required")]
    return "".join(f"?{p['name']}={p['schema']['enum'][0]}" for p in needed)


def test_every_answer_that_all_addresses_share_is_given(start: Any) -> None:
    api, limited = Witness(start()), Witness(start(rate_limits=dict.fromkeys(VERBS, 0)))
    stranger = Witness(start())
    stranger.api.session.auth = None

    for method, path, operation in operations():
        body, query = example(operation), query_of(operation)
        api(method, f"{path}?color=red", body, NOBODY)
        api(method, path + query, body, NOBODY, headers={"Accept": "text/html"})
        stranger(method, path + query, body, NOBODY)
        limited(method, path + query, body, NOBODY)
        if "404" in operation["responses"]:
            api(method, path + query, body, NOBODY)

    seen = api.seen | stranger.seen | limited.seen
    shared = {400, 401, 404, 406, 429}
    assert {entry for entry in documented() if entry[2] in shared} <= seen


def test_every_verb_that_is_not_described_answers_405(api: Any) -> None:
    tried = {(verb, path) for path in DESCRIPTION["paths"] for verb in (*VERBS, "PATCH")}
    undescribed = tried - {(method, path) for method, path, _ in operations()}

    statuses = {
        api.send(verb, path.lstrip("/").replace("{uuid}", NOBODY), {}).status_code
        for verb, path in undescribed
    }

    assert statuses == {405}


VERBS = ("GET", "POST", "PUT", "DELETE")


def documented() -> set[tuple[str, str, int]]:
    return {(m, p, int(status)) for m, p, o in operations() for status in o["responses"]}


def test_every_other_documented_answer_is_given(start: Any) -> None:
    call = Witness(start(location="crk"))
    read_everything(call)
    change_drives(call)
    change_neighbors(call)

    missing = {entry for entry in documented() if entry[2] in {200, 201, 202, 204, 403, 503}}
    assert missing - call.seen == set()


def read_everything(call: Witness) -> None:
    """Every GET, on an object that exists."""
    known = furnish(call.api.simulator)
    for method, path, _ in operations():
        if method == "GET":
            call(method, path, uuid=known.get(path.split("/")[1], ""))


def change_drives(call: Witness) -> None:
    """Every change of drives, done and refused."""
    api, drive, action = call.api, "/drives/{uuid}/", "/drives/{uuid}/action/"
    uuid, running, busy = api.seeded(), api.seeded(), call.make("/drives/", DRIVE)
    api.mounted(running)
    api.control("clock", {"clock": "reads:9"})
    call("POST", "/drives/", {**DRIVE, "storage_type": "nvme"})
    call("PUT", drive, DRIVE, uuid)
    call("PUT", drive, DRIVE, api.seeded(status="unavailable"))
    call("PUT", drive, DRIVE, busy)
    call("POST", action + "?do=resize", {**DRIVE, "size": 2 * GIB}, running)
    call("POST", action + "?do=resize", DRIVE, uuid)
    call("POST", action + "?do=clone", {}, busy)
    for doomed in (running, busy, api.seeded()):
        call("DELETE", drive, uuid=doomed)
    for doomed in (running, busy, api.seeded(), NOBODY):
        call("DELETE", "/drives/", {"objects": [{"uuid": doomed}]})
    image = api.get("libdrives/").json()["objects"][0]["uuid"]
    for kind in ("nvme", "dssd"):
        call("POST", "/libdrives/{uuid}/action/?do=clone", {"storage_type": kind}, image)


def change_neighbors(call: Witness) -> None:
    """Every change of what surrounds drives, done and refused."""
    api = call.api
    call("PUT", "/profile/", {"clone_naming": "NONE"})
    tag = call.make("/tags/", {"name": "a"})
    call("PUT", "/tags/{uuid}/", {"name": "b"}, tag)
    call("DELETE", "/tags/{uuid}/", uuid=tag)

    drive, theirs = api.seeded(), api.seeded(owner="other")
    busy = call.make("/drives/", DRIVE)
    call.make("/driveusers/", {"drive": drive, "amount": 1})
    call("POST", "/driveusers/", {"drive": theirs, "amount": 1})
    call("PUT", "/driveusers/{uuid}/", {"amount": 2}, drive)

    snapshots = [call.make("/snapshots/", {"drive": drive}) for _ in range(2)]
    for refused in (theirs, busy):
        call("POST", "/snapshots/", {"drive": refused})
    call("PUT", "/snapshots/{uuid}/", {"drive": drive}, snapshots[0])
    call("POST", "/snapshots/{uuid}/action/?do=clone", {}, snapshots[0])
    call("DELETE", "/snapshots/{uuid}/", uuid=snapshots[0])
    call("DELETE", "/snapshots/", {"objects": [{"uuid": snapshots[1]}]})

    image = api.get("libdrives/?name=Debian 13").json()["objects"][0]["uuid"]
    server = call.make("/servers/", SERVER)
    for attached in (drive, image):
        entry = {"drive": attached, "dev_channel": "0:0", "device": "ide"}
        call("PUT", "/servers/{uuid}/", {**SERVER, "drives": [entry]}, server)
        call("POST", "/servers/", {**SERVER, "drives": [entry]})
    call("DELETE", "/driveusers/{uuid}/", uuid=drive)
    for action in ("stop", "start"):
        call("POST", f"/servers/{{uuid}}/action/?do={action}", {}, server)
    call("DELETE", "/servers/{uuid}/", uuid=server)
    entry = {"drive": busy, "dev_channel": "0:0", "device": "ide"}
    call("DELETE", "/servers/{uuid}/", uuid=call.make("/servers/", SERVER))
    other = call.make("/servers/", {**SERVER, "drives": [entry]})
    call("DELETE", "/servers/{uuid}/?recurse=disks", uuid=other)
    other = call.api.seeded()
    call.make("/driveusers/", {"drive": other, "amount": 1})
    call("DELETE", "/driveusers/{uuid}/", uuid=other)

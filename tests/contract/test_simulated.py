"""The client against the simulator: a drive's life, and its faults survived."""

from __future__ import annotations

import pytest

from provider.api import errors
from provider.api.client import Client
from provider.api.drives import avoiding, definition
from provider.api.settings import Settings
from provider.api.transport import Transport
from simulator import Simulator
from tests.contract.scripted import Recorder

GIB = 2**30
FAULTS = [
    "reset_before",
    "reset_after",
    "truncate",
    "html",
    "empty",
    "wrong_type",
    "429",
    "500",
    "502",
    "503_concurrency",
    "503_capacity",
    "504",
    "skew",
]


@pytest.fixture
def sim():
    with Simulator(clock="reads:1") as simulator:
        yield simulator


@pytest.fixture(params=[0.0, 5.0], ids=["single", "joined"])
def client(request, sim):
    user, password = sim.credentials
    settings = Settings(
        base_url=sim.url, username=user, password=password, read_window=request.param
    )
    transport = Transport(settings)
    yield Client(transport, random=lambda: 0.5).during(Recorder(time=3600.0))
    transport.close()


@pytest.fixture
def drives(client):
    return client.drives


def body(**others):
    return {"name": "data", "media": "disk", "size": GIB, **others}


@pytest.fixture
def drive(drives):
    created = drives.create(body(meta={"a": "b"}))
    return drives.wait_until_ready(created["uuid"])


def named(drives, name):
    """A look for a drive by its name, which these tests keep unique."""
    return lambda: next(iter(drives.list(name=name)), None)


def test_a_drive_lives_from_creation_to_deletion(drives):
    created = drives.create(body())
    ready = drives.wait_until_ready(created["uuid"])
    drives.resize(ready["uuid"], {"size": 2 * GIB})
    grown = drives.wait_until_ready(ready["uuid"], expect=lambda drive: drive["size"] == 2 * GIB)
    drives.delete(ready["uuid"])
    drives.wait_until_gone(ready["uuid"])

    assert (created["status"], ready["status"], grown["status"]) == (
        "creating",
        "unmounted",
        "unmounted",
    )
    assert drives.list() == []


def test_a_change_keeps_everything_it_does_not_name(sim, client, drives, drive):
    sim.control("switches", {"strict_put": True})
    tag = client.collection("tags").create({"objects": [{"name": "t"}]})
    drives.edit(drive["uuid"], {"tags": [tag["uuid"]], "allow_multimount": True})

    edited = drives.edit(drive["uuid"], {"name": "renamed"})

    assert edited["name"] == "renamed"
    assert edited["meta"] == {"a": "b"}
    assert edited["allow_multimount"] is True
    assert [ref["uuid"] for ref in edited["tags"]] == [tag["uuid"]]
    assert definition(edited) == {**definition(drive), "name": "renamed", "tags": [tag["uuid"]]} | {
        "allow_multimount": True
    }


def test_a_change_of_a_drive_that_is_gone_says_so(drives):
    with pytest.raises(errors.Vanished):
        drives.edit("0ddba11", {"name": "x"})


def test_a_drive_on_a_running_server_is_not_resized(sim, drives, drive):
    server = sim.control("servers", {"name": "web", "drives": [drive["uuid"]], "status": "running"})

    with pytest.raises(errors.PermissionDenied):
        drives.resize(drive["uuid"], {"size": 2 * GIB})

    mounted = drives.find(drive["uuid"])
    found = [(s["uuid"], s["name"], s["status"]) for s in drives.servers_of(mounted)]
    assert found == [(server["uuid"], "web", "running")]


def test_a_server_that_is_gone_is_none_of_the_drives_servers(drives, drive):
    assert drives.servers_of({**drive, "mounted_on": [{"uuid": "0ddba11"}]}) == []


def test_a_clone_becomes_a_drive_of_its_own(sim, drives, drive):
    clone = drives.clone(drive["uuid"], {"name": "copy"}, avoid=[drive["uuid"]])
    ready = drives.wait_until_ready(clone["uuid"])

    assert clone["status"] == "cloning_dst"
    assert (ready["name"], ready["size"]) == ("copy", drive["size"])
    assert f"action/?do=clone&avoid={drive['uuid']}" in " ".join(r.path for r in sim.requests)


def test_nothing_to_avoid_is_not_mentioned():
    assert avoiding([]) == {}
    assert avoiding(["b", "a"]) == {"avoid": "b,a"}


@pytest.mark.parametrize("name", ["../../x?y", "a,b", "back\\,slash\\", "é & ü=%"])
def test_an_odd_name_is_found_by_itself_alone(drives, name):
    drives.create(body(name="a"))
    created = drives.create(body(name=name))

    assert [found["uuid"] for found in drives.list(name=name)] == [created["uuid"]]


def test_a_list_gives_the_fields_asked_for_of_all_drives(sim, drives):
    sim.control("drives", {"count": 25})

    found = drives.list(fields=["uuid", "status"])

    assert len(found) == 25
    assert found[0].keys() == {"uuid", "status"}
    assert len(sim.requests) == 1


def test_a_record_without_a_uuid_of_its_own_is_a_collection_like_others(client, drive):
    records = client.collection("driveusers")
    records.create({"drive": drive["uuid"], "amount": 5})

    assert records.edit(drive["uuid"], {"amount": 7})["amount"] == 7
    assert records.find(drive["uuid"])["amount"] == 7
    assert [record["amount"] for record in records.list(detail=False)] == [7]
    records.delete(drive["uuid"])
    assert records.find(drive["uuid"]) is None


def test_capabilities_name_the_storage_types(client):
    assert "dssd" in client.capabilities()["drives"]


def test_wrong_credentials_are_told_apart(sim):
    transport = Transport(Settings(base_url=sim.url, token="wrong"))

    with pytest.raises(errors.Unauthorized):
        Client(transport).get("capabilities/")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_creation_makes_one_drive_whatever_happens(sim, drives, fault):
    sim.control("faults", {"method": "POST", "fault": fault})

    created = drives.create(body(), look=named(drives, "data"))

    assert [drive["uuid"] for drive in drives.list()] == [created["uuid"]]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_clone_makes_one_drive_whatever_happens(sim, drives, drive, fault):
    sim.control("faults", {"method": "POST", "fault": fault})

    clone = drives.clone(drive["uuid"], {"name": "copy"}, look=named(drives, "copy"))

    assert {found["uuid"] for found in drives.list()} == {drive["uuid"], clone["uuid"]}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("change", "method"), [("resize", "POST"), ("edit", "PUT")])
def test_a_drive_grows_whatever_happens(sim, drives, drive, change, method, fault):
    sim.control("faults", {"method": method, "fault": fault})

    getattr(drives, change)(drive["uuid"], {"size": 2 * GIB})

    assert drives.wait_until_ready(drive["uuid"])["size"] == 2 * GIB


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_edit_ends_as_asked_whatever_happens(sim, drives, drive, method, fault):
    sim.control("faults", {"method": method, "fault": fault})

    drives.edit(drive["uuid"], {"name": "renamed"})

    assert drives.find(drive["uuid"])["name"] == "renamed"


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_deletion_ends_in_absence_whatever_happens(sim, drives, drive, method, fault):
    sim.control("faults", {"method": method, "fault": fault})

    drives.delete(drive["uuid"])
    drives.wait_until_gone(drive["uuid"])

    assert drives.list() == []


@pytest.mark.parametrize("fault", [*FAULTS, "unknown_status", "eventual"])
def test_a_wait_survives_what_passes(sim, drives, fault):
    method = "POST" if fault == "eventual" else "GET"
    sim.control("faults", {"method": method, "fault": fault, "times": 3, "reads": 2})
    created = drives.create(body())

    assert drives.wait_until_ready(created["uuid"])["status"] == "unmounted"


def test_a_drive_that_is_unavailable_for_a_while_is_waited_for(sim, drives, drive):
    sim.control("faults", {"method": "GET", "fault": "unavailable", "reads": 2})

    assert drives.wait_until_ready(drive["uuid"])["status"] == "unmounted"


def test_a_drive_that_vanishes_during_a_wait_is_reported(sim, drives):
    created = drives.create(body())
    sim.control("faults", {"method": "GET", "fault": "vanish", "skip": 1})
    sim.control("clock", {"clock": "reads:9"})

    with pytest.raises(errors.Vanished):
        drives.wait_until_ready(created["uuid"], expect=lambda _: False)


def test_a_stuck_drive_is_named_by_its_status(sim, drives):
    sim.control("faults", {"method": "POST", "fault": "stuck"})
    created = drives.create(body())

    with pytest.raises(errors.WaitTimeout) as caught:
        drives.wait_until_ready(created["uuid"])

    assert caught.value.last_status == "creating"

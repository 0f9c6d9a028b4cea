"""How many requests reads and waits take, counted by the simulator. Times are not tested."""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor

import pytest

from provider.api import errors
from provider.api.client import Client
from provider.api.settings import Settings
from provider.api.transport import Transport
from simulator import Simulator

GIB = 2**30


@pytest.fixture
def simulator():
    with Simulator(clock="immediate") as running:
        yield running


@pytest.fixture
def client(simulator):
    transport = Transport(Settings(base_url=simulator.url, token=simulator.settings.token))
    yield Client(transport)
    transport.close()


@pytest.fixture
def timeless(client):
    """A client for which no time passes: a slow machine would list again after a window."""
    return Client(client._transport, now=lambda: 0.0)


def made(simulator, count):
    return simulator.control("drives", {"count": count, "name": "data"})["uuids"]


def together(work, uuids, threads=10):
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(work, uuids))


def asked(simulator):
    return [r.path.removeprefix("/api/2.0/") for r in simulator.requests if r.method == "GET"]


def statuses(simulator):
    return [path for path in asked(simulator) if "fields=uuid,status" in path]


def singles(simulator):
    return [path for path in asked(simulator) if "?" not in path]


def test_a_thousand_drives_are_read_with_ten_lists_at_most(simulator, timeless):
    uuids = made(simulator, 1000)

    found = together(timeless.drives.read, uuids)

    assert [drive["uuid"] for drive in found] == uuids
    assert singles(simulator) == []
    assert len(asked(simulator)) <= 10


def test_one_drive_of_ten_thousand_takes_one_request(simulator, client):
    uuid = made(simulator, 10_000)[5_000]

    assert client.drives.read(uuid)["uuid"] == uuid
    assert asked(simulator) == [f"drives/detail/?limit=0&uuid={uuid}"]


def test_a_drive_that_is_gone_takes_a_second_request_to_be_sure(simulator, client):
    gone = "0ddba110-0000-4000-8000-000000000000"

    assert client.drives.read(gone) is None
    assert singles(simulator) == [f"drives/{gone}/"]


def test_a_read_never_shows_a_drive_as_it_was_before_our_change(simulator, client):
    uuids = made(simulator, 30)
    together(client.drives.read, uuids[:20])

    client.drives.edit(uuids[25], {"name": "renamed"})

    assert client.drives.read(uuids[25])["name"] == "renamed"


def test_drives_that_wait_together_share_their_looks(simulator, client):
    uuids = made(simulator, 40)
    simulator.control("clock", {"clock": "reads:3"})
    for uuid in uuids:
        client.drives.resize(uuid, {"size": 2 * GIB})
    simulator.clear_requests()

    ready = together(client.drives.wait_until_ready, uuids, threads=40)

    assert {drive["size"] for drive in ready} == {2 * GIB}
    assert singles(simulator) == []
    # Three looks until they are ready, each a little more than one request; then their lists.
    assert len(statuses(simulator)) <= 8
    assert len(asked(simulator)) - len(statuses(simulator)) <= 8


def test_more_drives_than_an_address_holds_are_looked_at_in_one_list(simulator, client):
    uuids = made(simulator, 120)
    simulator.control("clock", {"clock": "reads:2"})
    for uuid in uuids:
        client.drives.resize(uuid, {"size": 2 * GIB})

    together(client.drives.wait_until_ready, uuids, threads=120)

    assert "drives/?limit=0&fields=uuid,status" in statuses(simulator)


def test_drives_that_go_together_are_confirmed_gone_one_by_one(simulator, client):
    uuids = made(simulator, 20)
    simulator.control("clock", {"clock": "reads:3"})
    together(client.drives.delete, uuids)
    simulator.clear_requests()

    together(client.drives.wait_until_gone, uuids, threads=20)

    assert sorted(singles(simulator)) == sorted(f"drives/{uuid}/" for uuid in uuids)
    assert len(statuses(simulator)) <= 8


def test_a_failed_look_is_one_missed_tick_for_all(simulator, client):
    uuids = made(simulator, 5)
    simulator.control("clock", {"clock": "reads:2"})
    for uuid in uuids:
        client.drives.resize(uuid, {"size": 2 * GIB})
    simulator.control("faults", {"method": "GET", "path": "drives/.fields.*", "fault": "500"})

    ready = together(client.drives.wait_until_ready, uuids)

    assert {drive["status"] for drive in ready} == {"unmounted"}


def test_a_look_that_is_refused_ends_the_wait(simulator, client):
    uuid = made(simulator, 1)[0]
    simulator.control("faults", {"method": "GET", "fault": "401", "times": 1})

    with pytest.raises(errors.Unauthorized):
        client.drives.wait_until_ready(uuid)


class Ending:
    """An operation that is told to stop in its first pause."""

    def pause(self, seconds):
        raise InterruptedError

    def remaining(self):
        return math.inf


def test_a_wait_that_is_stopped_does_not_stop_the_others(simulator, client):
    uuids = made(simulator, 2)
    stopped = client.during(Ending())

    with pytest.raises(InterruptedError):
        stopped.drives.wait_until_ready(uuids[0])

    assert client.drives.wait_until_ready(uuids[1])["uuid"] == uuids[1]
    assert all(uuids[0] not in path for path in asked(simulator))

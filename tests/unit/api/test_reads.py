"""Joined reads: what a list tells, and what only a drive's own GET does."""

from __future__ import annotations

import pytest

from provider.api import errors, watch
from provider.api.client import Client
from provider.api.reads import MANY
from tests.unit.api.answering import NOW, Answering, drive, listing

A, B = "aaaaaaaa", "bbbbbbbb"


@pytest.fixture
def api():
    return Answering()


@pytest.fixture
def clock():
    return [NOW]


@pytest.fixture
def client(api, clock):
    return Client(api, now=lambda: clock[0], random=lambda: 0.0)


def test_a_read_asks_a_list(api, client):
    api.answers(listing(drive(A)))

    assert client.drives.read(A.upper())["uuid"] == A
    assert api.asked == [f"drives/detail/?limit=0&uuid={A}"]


def test_absence_from_a_list_is_confirmed_by_the_drives_own_get(api, client):
    api.answers(listing(), errors.NotFound("no"))

    assert client.drives.read(A) is None
    assert api.asked[1:] == [f"drives/{A}/"]


@pytest.mark.parametrize(
    "answer",
    [
        listing(),
        listing(drive(A, size="large")),
        listing({"uuid": A}),
        errors.ServerFault("down"),
        errors.ValidationFailed("no such filter"),
    ],
)
def test_what_a_list_does_not_tell_well_the_drive_does(api, client, answer):
    api.answers(answer, drive(A))

    assert client.drives.read(A)["status"] == "unmounted"
    assert api.asked[1:] == [f"drives/{A}/"]


def test_a_record_serves_one_read(api, client):
    api.answers(listing(drive(A, name="old")), listing(drive(A, name="new")))

    names = [client.drives.read(A)["name"] for _ in range(2)]

    assert names == ["old", "new"]


def walked(api, client, clock, account, many=MANY + 1):
    """The client after it has read so many drives that it lists the rest."""
    for number in range(many - 1):
        api.answers(listing(drive(f"d{number}")))
        client.drives.read(f"d{number}")
    api.answers({"meta": {"total_count": account}, "objects": []})
    api.answers(listing(drive(A), drive(B)))
    client.drives.read(A)
    api.asked.clear()


def test_a_walk_over_many_drives_lists_them_once(api, client, clock):
    walked(api, client, clock, account=2)

    assert client.drives.read(B)["uuid"] == B
    assert api.asked == []


def test_a_listed_drive_is_asked_for_again_after_our_own_change(api, client, clock):
    walked(api, client, clock, account=2)
    clock[0] += 1.0
    client.reads.changed(B.upper())
    api.answers(listing(drive(B, name="changed")))
    clock[0] += 1.0

    assert client.drives.read(B)["name"] == "changed"


def test_a_listed_drive_is_asked_for_again_after_the_window(api, client, clock):
    walked(api, client, clock, account=2)
    clock[0] += 5.1
    api.answers(listing(drive(B, name="later")))

    assert client.drives.read(B)["name"] == "later"
    assert api.asked == [f"drives/detail/?limit=0&uuid={B}"]


def test_a_walk_goes_on_listing_after_the_window(api, client, clock):
    walked(api, client, clock, account=2)
    clock[0] += 3.0
    api.answers(listing(drive("c")))
    client.drives.read("c")
    clock[0] += 3.0
    api.answers(listing(drive(B)))
    client.drives.read(B)

    assert api.asked == ["drives/detail/?limit=1000"] * 2


def test_a_large_account_is_not_listed_for_a_few_drives(api, client, clock):
    walked(api, client, clock, account=5000)
    api.answers(listing(drive("c")))

    assert client.drives.read("c")["uuid"] == "c"
    assert api.asked == ["drives/detail/?limit=0&uuid=c"]


def test_many_uuids_take_several_requests(api, client):
    uuids = [f"d{number}" for number in range(150)]
    api.answers(listing(drive("d0")), listing(drive("d149")))

    from provider.api.reads import listed

    assert set(listed(client, uuids)) == {"d0", "d149"}
    assert [path.count(",") for path in api.asked] == [99, 49]


def test_a_change_of_any_kind_is_remembered(api, client):
    changed = []
    client.reads.changed = changed.append
    api.answers(
        drive("made"), drive("clone"), drive(A), drive(A), drive(A), drive(A), errors.NotFound("no")
    )

    client.drives.create({})
    client.drives.clone("source", {})
    client.drives.resize(A, {})
    client.drives.edit(A, {})
    client.drives.delete(B)

    assert changed == ["made", "clone", "source", A, A, A, A, A, B, B]


def test_ticks_are_moments_of_a_grid_that_grows_coarser():
    clock = [1000.03]
    ticks, moments = watch.ticks(lambda: clock[0]), []
    for _ in range(60):
        clock[0] += next(ticks)
        moments.append(round(clock[0], 3))

    assert moments[:2] == [1000.1, 1000.2]
    assert moments[-1] - moments[-2] == pytest.approx(3.2)
    assert moments[-1] / 3.2 == pytest.approx(round(moments[-1] / 3.2))


def test_no_wait_looks_before_the_server_allows_it(api, client, clock):
    busy = errors.RateLimited("x", retry_after=60.0)
    api.answers(busy, listing(drive(A)), listing(drive(A)))
    ready = frozenset({"unmounted"})

    with client.watch.waiting(client, A, ready) as look:
        clock[0] += 1.0
        with pytest.raises(errors.RateLimited):
            look()
        with client.watch.waiting(client, B, ready) as other:
            clock[0] += 20.0
            for either in (look, other):
                with pytest.raises(errors.RateLimited) as caught:
                    either()
        assert caught.value.retry_after == 40.0
        assert len(api.asked) == 1
        clock[0] += 40.0
        assert look()["uuid"] == A


def test_nothing_is_joined_without_a_window(clock):
    api = Answering(read_window=0.0)
    client = Client(api, now=lambda: clock[0])
    api.answers(drive(A), drive(A))

    client.drives.read(A)
    client.drives.wait_until_ready(A)

    assert api.asked == [f"drives/{A}/"] * 2


@pytest.mark.parametrize("window", [-0.1, 61.0, float("nan")])
def test_a_window_is_short(window):
    with pytest.raises(ValueError, match="READ_WINDOW"):
        Answering(read_window=window)

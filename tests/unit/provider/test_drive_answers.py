"""Answers that lack a key or round otherwise say no difference: nothing is replaced or refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from provider.bridge.testing import Harness, Managed, Refused
from provider.definition import ROUNDED_BY, as_told
from provider.resources.drive import Drive, DriveResource
from simulator import storage, views
from tests.e2e.cloud import GIB, Cloud

ALWAYS_THERE = {"uuid", "status"}
KEYS = sorted(views._DRIVE.keys() - ALWAYS_THERE)
SET: dict[str, Any] = {
    "name": "data",
    "media": "disk",
    "size": GIB,
    "storage_type": "dssd",
    "meta": {"a": "1"},
    "allow_multimount": True,
    "affinities": ["ssd"],
}


@pytest.fixture
def lacking(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From here on, answers lack these keys."""

    def lack(*keys: str) -> None:
        view: Mapping[str, Any] = {k: v for k, v in views._DRIVE.items() if k not in keys}
        monkeypatch.setattr(views, "_DRIVE", view)

    return lack


@pytest.fixture
def drive(harness: Harness) -> Managed[Drive]:
    return harness.resource(DriveResource)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_absent_from_a_refresh_is_no_difference(
    drive: Managed[Drive], cloud: Cloud, lacking: Callable[..., None], key: str
) -> None:
    tag = cloud.tag("red")
    before = drive.apply(**SET, tags=[tag])

    lacking(key)
    after = drive.refresh()

    assert after == before
    plan = drive.plan(**SET, tags=[tag])
    assert (plan.state, plan.replacements) == (drive.tree, [])


@pytest.mark.parametrize("key", KEYS)
def test_with_a_key_absent_a_drive_is_created_changed_and_destroyed(
    drive: Managed[Drive], cloud: Cloud, lacking: Callable[..., None], key: str
) -> None:
    lacking(key)

    drive.apply(**SET)
    drive.apply(**SET | {"size": 2 * GIB})

    (made,) = cloud.call("GET", "_control/state")["drives"]
    assert made["size"] == 2 * GIB
    assert made["meta"]["a"] == "1"
    drive.destroy()


@pytest.mark.parametrize("key", KEYS)
def test_with_a_key_absent_a_drive_is_imported_and_not_replaced(
    drive: Managed[Drive], cloud: Cloud, lacking: Callable[..., None], key: str
) -> None:
    if key == "owner":
        pytest.skip("a drive without an owner is the library's")
    uuid = cloud.make_drive(name="data", size=GIB)
    lacking(key)

    drive.import_state(uuid)
    if key == "storage_type":
        with pytest.raises(Refused, match="Storage type of the drive is not told"):
            drive.plan(**SET)
    after = drive.apply(**SET | ({"storage_type": None} if key == "storage_type" else {}))

    assert after.uuid == uuid


def test_a_clone_is_named_and_annotated_although_answers_lack_the_keys(
    drive: Managed[Drive], cloud: Cloud, lacking: Callable[..., None]
) -> None:
    source = cloud.make_drive(name="golden", size=GIB)
    lacking("name", "meta")

    made = drive.apply(**SET, clone_drive_id=source)

    found = {d["uuid"]: d for d in cloud.call("GET", "_control/state")["drives"]}[made.uuid]
    assert (found["name"], found["meta"]["a"]) == ("data", "1")


def test_what_cannot_be_confirmed_is_kept(drive: Managed[Drive]) -> None:
    made = drive.apply(**SET, iops=5000)  # the simulator's answers have no iops

    assert made.iops == 5000
    assert drive.refresh() == made
    assert drive.plan(**SET, iops=5000).state == drive.tree


@pytest.mark.parametrize(
    "rounded", [lambda s: s // 65536 * 65536, lambda s: -(-s // 65536) * 65536]
)
@pytest.mark.parametrize("cloned", [False, True])
def test_a_storage_that_rounds_otherwise_leaves_nothing_to_do(
    drive: Managed[Drive],
    cloud: Cloud,
    monkeypatch: pytest.MonkeyPatch,
    rounded: Callable[[int], int],
    cloned: bool,
) -> None:
    source = cloud.make_drive(name="golden", size=GIB // 2) if cloned else None
    monkeypatch.setattr(storage, "rounded", lambda size, _: rounded(size))

    first = drive.apply(**SET | {"size": 1_000_000_000}, clone_drive_id=source)
    renamed = drive.apply(**SET | {"size": 1_000_000_000, "name": "other"})
    grown = drive.apply(**SET | {"size": 1_000_040_000})

    assert [d.size for d in (first, renamed, grown)] == [*[1_000_000_000] * 2, 1_000_040_000]
    assert first.uuid == grown.uuid
    assert cloud.drive(grown.uuid)["size"] == rounded(1_000_040_000)
    assert sum("do=resize" in path for path in cloud.sent("POST")) == 1


@pytest.mark.parametrize(("more", "size"), [(ROUNDED_BY, GIB), (ROUNDED_BY + 1, GIB + 65536)])
def test_a_size_that_is_further_away_is_another_one(more: int, size: int) -> None:
    told = Drive(**dict.fromkeys(Drive._declared) | {"name": "data", "size": GIB})
    answer: Any = {"uuid": "u", "status": "unmounted", "size": GIB + more}

    assert as_told(answer, told)["size"] == size

"""Laws of a drive's life, for any history: what is configured is so, what is not is untouched."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.bridge.testing import Harness, Refused
from provider.cloudsigma import CloudSigma
from provider.resources.drive import DriveResource
from simulator import Simulator
from tests.e2e.cloud import GIB, Cloud

OUTSIDE = ("name", "media", "size", "meta", "tags", "allow_multimount", "affinities")


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(clock="immediate") as running:
        yield running


@pytest.fixture(scope="module")
def harness(simulator: Simulator) -> Harness:
    return Harness(CloudSigma(), base_url=simulator.url, token="demo-token")


@pytest.fixture(scope="module")
def cloud(simulator: Simulator) -> Cloud:
    return Cloud(simulator)


@pytest.fixture(scope="module")
def tags(cloud: Cloud) -> list[str]:
    return [cloud.tag(name) for name in ("red", "green", "blue")]


KEYS = st.sampled_from(["a", "b", "c", "description"])
META = st.dictionaries(KEYS, st.text("xyz", max_size=2), max_size=3)
COLORS = st.lists(st.integers(0, 2), unique=True, max_size=3)


def options(**strategies: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Any choice of these arguments."""
    return st.fixed_dictionaries({}, optional=strategies)


CONFIG = options(
    meta=META,
    tags=COLORS,
    allow_multimount=st.booleans(),
    affinities=st.sampled_from([[], ["ssd"]]),
    media=st.sampled_from(["disk", "cdrom"]),
    size=st.sampled_from([GIB, GIB + 1, 2 * GIB]),
    name=st.text("mn", min_size=1, max_size=2),
)
EDIT = options(
    meta=META,
    tags=COLORS,
    allow_multimount=st.booleans(),
    name=st.text("mn", min_size=1, max_size=2),
)


def with_tags(values: dict[str, Any], tags: list[str]) -> dict[str, Any]:
    """The same with UUIDs for the numbers of tags."""
    return values | ({"tags": [tags[n] for n in values["tags"]]} if "tags" in values else {})


def seen(drive: dict[str, Any]) -> dict[str, Any]:
    """What of a drive can be set, comparable."""
    shown = {key: drive[key] for key in OUTSIDE}
    return shown | {"tags": {tag["uuid"] for tag in drive["tags"]}}


def same(name: str, present: Any, wanted: Any) -> bool:
    """A value is the one asked for; `meta` may hold keys of others besides."""
    if name == "size":
        return bool(present == -(-wanted // 16384) * 16384)
    if name == "tags":
        return present == set(wanted)
    if name == "meta":
        return all(present.get(key) == value for key, value in wanted.items())
    return bool(present == wanted)


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(first=CONFIG, edit=EDIT, second=CONFIG)
def test_an_update_changes_what_is_configured_and_nothing_else(
    harness: Harness,
    cloud: Cloud,
    tags: list[str],
    first: dict[str, Any],
    edit: dict[str, Any],
    second: dict[str, Any],
) -> None:
    base = {"name": "n", "media": "disk", "size": GIB}
    first, second = base | with_tags(first, tags), base | with_tags(second, tags)
    second["size"] = max(first["size"], second["size"])
    drive = harness.resource(DriveResource)
    uuid = drive.apply(**first).uuid
    cloud.edit(uuid, **with_tags(edit, tags))
    drive.refresh()
    before = seen(cloud.drive(uuid))

    drive.apply(**second)

    after = seen(cloud.drive(uuid))
    for name, value in second.items():
        assert same(name, after[name], value), name
    for name in set(OUTSIDE) - second.keys() - first.keys():
        assert after[name] == before[name], name
    ours = set(first.get("meta", {})) | set(second.get("meta", {}))
    assert {k: v for k, v in after["meta"].items() if k not in ours} == {
        k: v for k, v in before["meta"].items() if k not in ours
    }
    drive.destroy()
    assert cloud.drives() == []


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("apply"), CONFIG),
            st.tuples(st.just("edit"), EDIT),
            st.tuples(st.just("remove"), st.none()),
            st.tuples(st.just("mount"), st.booleans()),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_after_any_history_an_apply_makes_one_drive_as_configured(
    harness: Harness, cloud: Cloud, tags: list[str], steps: list[tuple[str, Any]]
) -> None:
    drive = harness.resource(DriveResource)
    size = GIB
    for kind, value in steps:
        present = drive.refresh() if drive.tree is not None else None
        if kind == "apply":
            size = max(size, value.get("size", GIB))
            wanted = {"name": "n", "media": "disk"} | with_tags(value, tags) | {"size": size}
            try:
                drive.apply(**wanted)
            except Refused as refusal:
                assert "running server" in str(refusal)
        elif present is not None and kind == "edit":
            cloud.edit(present.uuid, **with_tags(value, tags))
        elif present is not None and kind == "remove":
            cloud.remove(present.uuid)
        elif present is not None and not present.mounted_on:
            cloud.server(present.uuid, running=value)
    stop_everything(cloud)
    if drive.tree is not None:
        drive.refresh()

    final = drive.apply(name="final", media="disk", size=size, tags=[tags[0]])

    assert [d["uuid"] for d in cloud.drives()] == [final.uuid]
    assert seen(cloud.drive(final.uuid))["tags"] == {tags[0]}
    assert cloud.drive(final.uuid)["name"] == "final"
    drive.destroy()
    assert cloud.drives() == []


def stop_everything(cloud: Cloud) -> None:
    for server in cloud.call("GET", "servers/detail/?limit=0")["objects"]:
        if server["status"] == "running":
            cloud.stop(server["uuid"])
            cloud.call("GET", f"servers/{server['uuid']}/")

"""What a plan asks the API and what it leaves alone: only what changes is held against it."""

from __future__ import annotations

from typing import Any

import pytest

from provider.bridge.testing import Harness, Managed, Refused
from provider.cloudsigma import CloudSigma
from provider.resources.drive import Drive, DriveResource
from simulator import Simulator
from tests.e2e.cloud import GIB, Cloud

MIB = 1024**2
DRIVE: dict[str, Any] = {"name": "data", "media": "disk", "size": GIB}
NOBODY = "11111111-2222-3333-4444-555555555555"
RUNNING = "Drive is used by a running server"
UNCHECKED = "Plan not checked against the API"


@pytest.fixture
def drive(harness: Harness) -> Managed[Drive]:
    return harness.resource(DriveResource)


@pytest.fixture
def made(drive: Managed[Drive]) -> str:
    """The UUID of the drive, which exists."""
    return drive.apply(**DRIVE).uuid


def refused(drive: Managed[Drive], **arguments: Any) -> tuple[str, list[str]]:
    """The summary and the attribute of the one error of an apply."""
    with pytest.raises(Refused) as refusal:
        drive.apply(**DRIVE | arguments)
    (error,) = refusal.value.diagnostics
    return error.summary, [step.attribute_name for step in error.attribute.steps]


def test_a_clone_whose_source_is_gone_is_renamed(drive: Managed[Drive], cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=GIB)
    clone = drive.apply(**DRIVE, clone_drive_id=source)
    cloud.remove(source)

    renamed = drive.apply(**DRIVE | {"name": "other"}, clone_drive_id=source)

    assert renamed.uuid == clone.uuid
    assert cloud.drive(clone.uuid)["name"] == "other"


@pytest.mark.parametrize("size", [300 * MIB, 20_000_000_008_192])
def test_a_drive_outside_the_limits_of_today_is_renamed(
    drive: Managed[Drive], cloud: Cloud, size: int
) -> None:
    uuid = cloud.make_drive(name="old", size=size)
    drive.import_state(uuid)

    drive.apply(**DRIVE | {"size": size, "name": "other"})

    assert (cloud.drive(uuid)["name"], cloud.drive(uuid)["size"]) == ("other", size)


def test_a_drive_with_iops_outside_the_limits_of_today_is_renamed(
    drive: Managed[Drive], cloud: Cloud
) -> None:
    cloud.call("POST", "_control/switches", {"extra_keys": ["iops"]})
    uuid = cloud.make_drive(name="old", size=GIB, iops=999_999)
    drive.import_state(uuid)

    drive.apply(**DRIVE | {"name": "other"}, iops=999_999)

    assert (cloud.drive(uuid)["name"], cloud.drive(uuid)["iops"]) == ("other", 999_999)


def test_a_smaller_size_on_other_storage_is_planned_as_a_replacement(
    drive: Managed[Drive],
) -> None:
    drive.apply(**DRIVE | {"size": 2 * GIB}, storage_type="dssd")

    plan = drive.plan(**DRIVE, storage_type="zadara")

    assert plan.replacements == ["storage_type"]


def test_tags_that_a_drive_has_are_not_asked_for_again(drive: Managed[Drive], cloud: Cloud) -> None:
    red, blue = cloud.tag("red"), cloud.tag("blue")
    drive.apply(**DRIVE, tags=[red])
    cloud.forget_requests()

    drive.plan(**DRIVE | {"name": "other"}, tags=[red])
    assert [path for path in cloud.sent("GET") if "tags/" in path] == []
    drive.plan(**DRIVE, tags=[red, blue])
    assert [path for path in cloud.sent("GET") if "tags/" in path] == [f"/api/2.0/tags/{blue}/"]


def test_a_tag_that_does_not_exist_is_refused_on_its_attribute(drive: Managed[Drive]) -> None:
    assert refused(drive, tags=[NOBODY]) == ("Tag does not exist", ["tags"])


@pytest.mark.parametrize(
    ("argument", "value"),
    [("size", 2 * GIB), ("media", "cdrom"), ("affinities", ["ssd"]), ("iops", 5000)],
)
def test_what_a_running_server_keeps_is_resized_and_refused_on_its_attribute(
    drive: Managed[Drive], made: str, cloud: Cloud, argument: str, value: Any
) -> None:
    cloud.server(made, running=True)
    drive.refresh()
    # The API's own refusal may blame another attribute; this one blames none.
    cloud.faults({"method": "POST", "path": "drives/*/action/*", "fault": "403"})
    cloud.forget_requests()

    assert refused(drive, **{argument: value}) == (RUNNING, [argument])

    assert cloud.sent("POST") == [f"/api/2.0/drives/{made}/action/?do=resize"]
    assert cloud.sent("PUT") == []


@pytest.mark.parametrize(("running", "action"), [(False, "start"), (True, "stop")])
def test_a_server_on_its_way_counts_as_running(
    drive: Managed[Drive], made: str, cloud: Cloud, running: bool, action: str
) -> None:
    server = cloud.server(made, running=running)
    drive.refresh()
    cloud.call("POST", "_control/clock", {"clock": "reads:9"})
    cloud.call("POST", f"servers/{server}/action/?do={action}", {})

    assert drive.plan(**DRIVE | {"size": 2 * GIB}).warnings == [RUNNING]


def test_wrong_credentials_stop_a_plan(simulator: Simulator) -> None:
    stranger = Harness(CloudSigma(), base_url=simulator.url, token="wrong", max_retries=0)

    with pytest.raises(Refused, match="status 401"):
        stranger.resource(DriveResource).plan(**DRIVE)


def test_an_api_that_is_down_is_asked_once_by_all_checks(harness: Harness, cloud: Cloud) -> None:
    cloud.faults({"method": "GET", "fault": "502", "times": None})
    arguments = {**DRIVE, "tags": [NOBODY], "storage_type": "dssd", "iops": 5000}

    plans = [harness.resource(DriveResource).plan(**arguments) for _ in range(10)]

    assert [warning for plan in plans for warning in plan.warnings] == [UNCHECKED]
    assert cloud.sent("GET") == ["/api/2.0/capabilities/"]


def test_no_retries_means_one_request(harness: Harness, cloud: Cloud) -> None:
    cloud.faults({"method": "GET", "fault": "500", "times": 1})

    plan = harness.resource(DriveResource).plan(**DRIVE)

    assert plan.warnings == [UNCHECKED]
    assert cloud.sent("GET") == ["/api/2.0/capabilities/"]


def test_a_name_that_a_library_drive_has_as_well_imports_the_own_drive(
    drive: Managed[Drive], cloud: Cloud
) -> None:
    library = cloud.make_drive(name="debian", size=GIB, owner=None, permissions=["LIST"])
    own = cloud.make_drive(name="debian", size=GIB)
    assert cloud.uuids() == {library, own}

    imported = drive.import_state("name:debian")

    assert imported is not None
    assert imported.uuid == own


def test_a_destroy_that_was_planned_before_the_protection_is_refused(
    drive: Managed[Drive], made: str, cloud: Cloud
) -> None:
    planned = drive._planned(None, drive.tree)
    drive.apply(**DRIVE, deletion_protection=True)

    with pytest.raises(Refused, match="Drive is protected"):
        drive._applied(planned, None)

    assert cloud.uuids() == {made}
    assert drive.state is not None
    assert drive.state.uuid == made

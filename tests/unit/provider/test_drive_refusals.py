"""What is said when the API refuses something about a drive, or does not tell this user."""

from __future__ import annotations

from typing import Any

import pytest

from provider.bridge.testing import Harness, Managed, Refused
from provider.resources.drive import Drive, DriveResource
from provider.resources.rds_drive import RdsDriveResource
from tests.e2e.cloud import GIB, Cloud

DRIVE: dict[str, Any] = {"name": "data", "media": "disk", "size": GIB}
RUNNING = "Drive is used by a running server"
UNCHECKED = "Plan not checked against the API"


@pytest.fixture
def drive(harness: Harness) -> Managed[Drive]:
    """A drive that a running server has mounted."""
    made = harness.resource(DriveResource)
    made.apply(**DRIVE)
    return made


@pytest.fixture
def in_use(drive: Managed[Drive], cloud: Cloud) -> Managed[Drive]:
    assert drive.state is not None
    cloud.server(drive.state.uuid, running=True, name="db")
    drive.refresh()
    return drive


def forbid(cloud: Cloud, method: str, path: str, times: int | None = None) -> None:
    cloud.faults({"fault": "403", "method": method, "path": path, "times": times})


def refusal(drive: Managed[Drive], **arguments: Any) -> tuple[str, str, list[str]]:
    """Summary, detail and attribute of the one error of an apply."""
    with pytest.raises(Refused) as refused:
        drive.apply(**DRIVE | arguments)
    (error,) = refused.value.diagnostics
    return error.summary, error.detail, [step.attribute_name for step in error.attribute.steps]


def test_a_refused_rename_is_not_blamed_on_the_server(in_use: Managed[Drive], cloud: Cloud) -> None:
    forbid(cloud, "PUT", "drives/*")

    summary, detail, _ = refusal(in_use, name="other")

    assert summary == "Drive could not be updated"
    assert "Stop the server" not in detail


@pytest.mark.parametrize(
    ("argument", "value"),
    [("size", 2 * GIB), ("media", "cdrom"), ("affinities", ["ssd"]), ("iops", 5000)],
)
def test_what_a_running_server_keeps_is_warned_of_and_refused_on_its_attribute(
    in_use: Managed[Drive], argument: str, value: Any
) -> None:
    assert RUNNING in in_use.plan(**DRIVE | {argument: value}).warnings

    summary, detail, attribute = refusal(in_use, **{argument: value})

    assert summary == RUNNING
    assert '"db"' in detail
    assert attribute in ([argument], ["size"])  # the API itself blames the size


def test_what_a_running_server_allows_is_not_warned_of(in_use: Managed[Drive]) -> None:
    assert in_use.plan(**DRIVE | {"name": "other", "meta": {"a": "1"}}).warnings == []


def test_a_refusal_stands_although_the_servers_are_secret(
    in_use: Managed[Drive], cloud: Cloud
) -> None:
    forbid(cloud, "GET", "servers/*")

    summary, detail, attribute = refusal(in_use, size=2 * GIB)

    assert summary == "Drive could not be updated"
    assert "do=resize" in detail
    assert attribute == ["size"]


def test_a_refused_record_stands_although_the_servers_are_secret(
    harness: Harness, cloud: Cloud
) -> None:
    uuid = cloud.make_drive(name="windows", size=GIB)
    record = harness.resource(RdsDriveResource)
    record.apply(drive=uuid, amount=3)
    cloud.server(uuid, running=True)
    forbid(cloud, "GET", "servers/*")

    with pytest.raises(Refused, match="DELETE driveusers/"):
        record.destroy()


@pytest.mark.parametrize("path", ["capabilities/", "tags/*", "drives/*"])
def test_a_user_who_may_not_see_something_plans_with_one_warning(
    harness: Harness, cloud: Cloud, path: str
) -> None:
    source = cloud.make_drive(name="golden", size=GIB)
    arguments = {**DRIVE, "tags": [cloud.tag("red")], "clone_drive_id": source}
    forbid(cloud, "GET", path)
    one, other = harness.resource(DriveResource), harness.resource(DriveResource)

    warnings = [*one.plan(**arguments).warnings, *other.plan(**arguments).warnings]

    assert warnings == [UNCHECKED]


def test_what_may_be_seen_is_still_checked(harness: Harness, cloud: Cloud) -> None:
    forbid(cloud, "GET", "capabilities/")
    nobody = "11111111-2222-3333-4444-555555555555"

    with pytest.raises(Refused, match="Tag does not exist"):
        harness.resource(DriveResource).plan(**DRIVE, tags=[nobody])

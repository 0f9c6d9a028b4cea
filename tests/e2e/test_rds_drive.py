"""The users of a Windows drive with the real Terraform: create, change, import, destroy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

ADDRESS = "cloudsigma_rds_drive.users"
NOBODY = "00000000-0000-4000-8000-000000000000"
WINDOWS = {
    "amount": 1,
    "license": {"name": "msft_p73_04837_core", "long_name": "Windows Server", "type": "instance"},
    "user": None,
}
DRIVE = f"""
resource "cloudsigma_drive" "windows" {{
  name         = "windows"
  media        = "disk"
  size         = {20 * GIB}
  storage_type = "dssd"
}}
"""


def users(drive: str, amount: object = 5) -> str:
    """A configuration with one record, of the drive an expression names."""
    return (
        f'resource "cloudsigma_rds_drive" "users" {{\n  drive = {drive}\n  amount = {amount}\n}}\n'
    )


def quoted(text: str) -> str:
    return f'"{text}"'


def records(cloud: Cloud) -> dict[str, int]:
    """The users of each drive that has a record."""
    found = cloud.call("GET", "driveusers/?limit=0")["objects"]
    return {record["drive"]["uuid"]: record["amount"] for record in found}


def record(cloud: Cloud, uuid: str, amount: int = 5) -> None:
    """Somebody else makes a record."""
    cloud.call("POST", "driveusers/", {"drive": uuid, "amount": amount})


@pytest.fixture
def windows(cloud: Cloud) -> str:
    """A drive with a Windows license that nobody manages."""
    return cloud.make_drive(name="windows", size=20 * GIB, licenses=[WINDOWS])


@pytest.fixture
def managed(workspace: Project, windows: str) -> Project:
    """A workspace that manages the record of the drive."""
    workspace.write(users(quoted(windows)))
    workspace.apply()
    return workspace


def test_a_created_record_is_as_asked_and_the_next_plan_is_empty(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    state = managed.state()[ADDRESS]

    assert records(cloud) == {windows: 5}
    assert (state["id"], state["drive"], state["amount"]) == (windows, windows, 5)
    assert state["drive_resource_uri"] == f"/api/2.0/drives/{windows}/"
    assert managed.plan_is_empty()


def test_a_drive_of_the_same_apply_comes_first_and_goes_last(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(DRIVE + users("cloudsigma_drive.windows.uuid"))

    workspace.apply()
    (uuid,) = cloud.uuids()
    assert records(cloud) == {uuid: 5}
    assert workspace.plan_is_empty()
    workspace.destroy()

    deleted = [path.removeprefix("/api/2.0/") for path in cloud.sent("DELETE")]
    assert deleted == [f"driveusers/{uuid}/", f"drives/{uuid}/"]
    assert (records(cloud), cloud.drives()) == ({}, [])


def test_another_amount_is_an_edit_of_the_record(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    managed.write(users(quoted(windows), 9))
    cloud.forget_requests()

    assert managed.actions() == {ADDRESS: ["update"]}
    managed.apply()

    assert records(cloud) == {windows: 9}
    assert cloud.sent("POST") == []
    assert managed.plan_is_empty()


def test_another_drive_is_another_record(managed: Project, cloud: Cloud, windows: str) -> None:
    other = cloud.make_drive(name="other", licenses=[WINDOWS])
    managed.write(users(quoted(other)))

    (planned,) = managed.plan()["resource_changes"]
    managed.apply()

    change = planned["change"]
    assert (change["actions"], change["after"]["id"]) == (["delete", "create"], other)
    assert records(cloud) == {other: 5}


def test_a_replaced_drive_takes_its_record_along(workspace: Project, cloud: Cloud) -> None:
    workspace.write(DRIVE + users("cloudsigma_drive.windows.uuid"))
    workspace.apply()
    workspace.write(DRIVE.replace("dssd", "nvme") + users("cloudsigma_drive.windows.uuid"))

    workspace.apply()

    (uuid,) = cloud.uuids()
    assert records(cloud) == {uuid: 5}
    assert workspace.plan_is_empty()


def test_a_record_deleted_by_somebody_else_is_planned_again(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    cloud.call("DELETE", f"driveusers/{windows}/")

    assert managed.actions() == {ADDRESS: ["create"]}


def test_an_amount_changed_by_somebody_else_is_planned_back(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    cloud.call("PUT", f"driveusers/{windows}/", {"amount": 50})

    assert managed.actions() == {ADDRESS: ["update"]}
    managed.apply()

    assert records(cloud) == {windows: 5}


def test_a_record_that_exists_already_is_shown_and_left_alone(
    workspace: Project, cloud: Cloud, windows: str
) -> None:
    record(cloud, windows, 50)
    workspace.write(users(quoted(windows)))
    cloud.forget_requests()

    said = workspace.fails("apply", "-auto-approve")

    assert "RDS drive record exists already" in said
    assert "record for 50 Remote Desktop user(s)" in said
    assert f"terraform import cloudsigma_rds_drive.NAME {windows}" in said
    assert cloud.sent("POST") == []
    assert (records(cloud), workspace.state()) == ({windows: 50}, {})


def test_a_created_record_whose_answer_is_lost_is_found(
    workspace: Project, cloud: Cloud, windows: str
) -> None:
    cloud.faults({"method": "POST", "path": "driveusers/", "fault": "reset_after"})
    workspace.write(users(quoted(windows)))

    workspace.apply()

    assert len(cloud.sent("POST")) == 1
    assert records(cloud) == {windows: 5}
    assert workspace.plan_is_empty()


def test_a_creation_that_never_arrived_is_sent_again(
    workspace: Project, cloud: Cloud, windows: str
) -> None:
    cloud.faults({"method": "POST", "path": "driveusers/", "fault": "reset_before"})
    workspace.write(users(quoted(windows)))

    workspace.apply()

    assert records(cloud) == {windows: 5}


def test_a_conflict_while_changing_the_amount_is_waited_out(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    cloud.faults({"method": "PUT", "fault": "503_concurrency"}, {"method": "PUT", "fault": "502"})
    managed.write(users(quoted(windows), 9))

    managed.apply()

    assert records(cloud) == {windows: 9}


def test_a_refused_creation_is_explained(workspace: Project, cloud: Cloud, windows: str) -> None:
    cloud.faults({"method": "POST", "path": "driveusers/", "fault": "403"})
    workspace.write(users(quoted(windows)))

    said = workspace.fails("apply", "-auto-approve")

    assert "RDS drive could not be created" in said
    assert "status 403" in said
    assert (records(cloud), workspace.state()) == ({}, {})


def test_the_record_of_a_mounted_drive_stays_and_says_why(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    server = cloud.server(windows, running=False, name="desktop")

    said = managed.fails("destroy", "-auto-approve")

    assert "RDS users of a mounted drive stay" in said
    assert f'"windows" ({windows})' in said
    assert f'"desktop" ({server}, stopped)' in said
    assert "Unmount the drive" in said
    assert list(managed.state()) == [ADDRESS]
    assert records(cloud) == {windows: 5}


def test_a_record_whose_drive_is_gone_is_destroyed_quietly(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    cloud.remove(windows)

    managed.destroy("-refresh=false")

    assert managed.state() == {}


def test_a_record_that_is_gone_already_is_destroyed_quietly(
    managed: Project, cloud: Cloud, windows: str
) -> None:
    cloud.call("DELETE", f"driveusers/{windows}/")

    managed.destroy("-refresh=false")

    assert managed.state() == {}


def test_a_drive_that_does_not_exist_is_refused_while_planning(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(users(quoted(NOBODY)))

    said = workspace.fails("plan")

    assert "Drive does not exist" in said
    assert "on main.tf line 2" in said
    assert records(cloud) == {}


def test_a_drive_without_a_windows_license_is_warned_of(workspace: Project, cloud: Cloud) -> None:
    workspace.write(users(quoted(cloud.make_drive(name="debian"))))

    run = workspace.succeeds("plan")

    assert "Drive has no Windows license" in run.stdout


def test_a_windows_drive_is_no_reason_to_warn(workspace: Project, windows: str) -> None:
    workspace.write(users(quoted(windows)))

    run = workspace.succeeds("plan")

    assert "Warning" not in run.stdout


def test_bad_input_is_an_error_on_the_attribute(workspace: Project) -> None:
    expected = [
        (quoted(NOBODY), 0, "`amount` must be at least 1; it is 0"),
        (quoted(NOBODY), -3, "`amount` must be at least 1; it is -3"),
        (quoted(NOBODY), 1.5, "A whole number is required, not a fraction"),
        (quoted(NOBODY), '"many"', "a number is required"),
        (quoted(NOBODY), "null", "`amount` must not be null"),
        ('""', 5, '`drive` must be a UUID; it is ""'),
        ('"windows"', 5, '`drive` must be a UUID; it is "windows"'),
        ("[]", 5, "string required"),
    ]
    blocks = [
        users(drive, amount).replace('"users"', f'"users_{number}"')
        for number, (drive, amount, _) in enumerate(expected)
    ]
    workspace.write("".join(blocks))

    said = workspace.fails("validate").lower()

    assert [words for _, _, words in expected if words.lower() not in said] == []


@pytest.mark.parametrize("by_name", [False, True], ids=["uuid", "name"])
def test_an_imported_record_needs_no_change(
    workspace: Project, cloud: Cloud, windows: str, by_name: bool
) -> None:
    record(cloud, windows)
    workspace.write(users(quoted(windows)))

    workspace.succeeds("import", ADDRESS, "name:windows" if by_name else windows)

    assert workspace.state()[ADDRESS]["amount"] == 5
    assert workspace.plan_is_empty()


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        (NOBODY, f'There is no RDS drive record "{NOBODY}"'),
        ("name:nobody", 'There is no drive "name:nobody"'),
        ("name:twin", "2 drives are named"),
        ("name:windows", 'There is no RDS drive record "name:windows"'),
    ],
)
def test_an_import_that_finds_not_exactly_one_says_why(
    workspace: Project, cloud: Cloud, windows: str, id_: str, words: str
) -> None:
    cloud.make_drive(name="twin")
    cloud.make_drive(name="twin")
    workspace.write(users(quoted(windows)))

    said = workspace.fails("import", ADDRESS, id_)

    assert words in said


def test_generated_configuration_describes_the_record(
    workspace: Project, cloud: Cloud, windows: str
) -> None:
    record(cloud, windows)
    block = f'import {{\n  to = {ADDRESS}\n  id = "{windows}"\n}}\n'
    workspace.write(block)

    workspace.succeeds("plan", "-generate-config-out=generated.tf")
    workspace.apply()

    assert workspace.state()[ADDRESS]["amount"] == 5
    assert workspace.plan_is_empty()


def test_an_identity_imports_the_record(workspace: Project, cloud: Cloud, windows: str) -> None:
    workspace.requires(1, 12)
    record(cloud, windows)
    block = f'import {{\n  to = {ADDRESS}\n  identity = {{ drive = "{windows}" }}\n}}\n'
    workspace.write(block + users(quoted(windows)))

    workspace.apply()

    assert workspace.plan_is_empty()


def test_a_query_lists_every_record(workspace: Project, cloud: Cloud, windows: str) -> None:
    workspace.requires(1, 14)
    record(cloud, windows)
    other = cloud.make_drive(name="other")
    record(cloud, other, 7)
    workspace.write(
        'list "cloudsigma_rds_drive" "all" {\n  provider = cloudsigma\n}\n', "all.tfquery.hcl"
    )

    run: Any = workspace.succeeds("query")

    assert f"5 RDS user(s) of drive {windows}" in run.stdout
    assert f"7 RDS user(s) of drive {other}" in run.stdout

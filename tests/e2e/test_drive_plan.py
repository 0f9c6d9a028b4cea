"""Truth while planning: what the API would refuse is said before anything is touched."""

from __future__ import annotations

import json

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project, said
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


def changing(cloud: Cloud) -> list[str]:
    """The methods of all requests that were no reads."""
    return [r["method"] for r in cloud.requests() if r["method"] != "GET"]


@pytest.mark.parametrize(
    ("size", "type_", "limit"),
    [
        (536870912, "zadara", "1073741824 bytes (1.00 GiB)"),
        (20_000_000_000_000, "dssd", "15492389421056 bytes"),
    ],
)
def test_a_size_outside_the_limits_is_an_error_with_the_limits(
    workspace: Project, cloud: Cloud, size: int, type_: str, limit: str
) -> None:
    workspace.write(drive(size=size, storage_type=f'"{type_}"'))

    words = workspace.fails("plan")

    assert "Drive size is outside the limits" in words
    assert limit in words
    assert changing(cloud) == []


def test_the_limits_are_asked_for_once_by_all_drives(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive().replace('" {', '" {\n  count = 5', 1))

    workspace.succeeds("plan")

    assert cloud.sent("GET").count("/api/2.0/capabilities/") == 1


def test_a_missing_clone_source_is_an_error(workspace: Project) -> None:
    workspace.write(drive(clone_drive_id='"11111111-2222-3333-4444-555555555555"'))

    assert "Clone source does not exist" in workspace.fails("plan")


def test_a_clone_smaller_than_its_source_is_an_error(workspace: Project, cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=4 * GIB)
    workspace.write(drive(clone_drive_id=f'"{source}"', size=2 * GIB))

    words = workspace.fails("plan")

    assert "Clone is smaller than its source" in words
    assert str(4 * GIB) in words


def test_a_tag_that_does_not_exist_is_an_error(workspace: Project) -> None:
    workspace.write(drive(tags='["11111111-2222-3333-4444-555555555555"]'))

    assert "Tag does not exist" in workspace.fails("plan")


def test_growing_on_a_running_server_is_warned_of(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    server = cloud.server(*cloud.uuids(), running=True, name="db")
    workspace.write(drive(size=2 * GIB))

    words = said(workspace.succeeds("plan"))

    assert "Warning: Drive is used by a running server" in words
    assert f'"db" ({server}, running)' in words


def test_growing_on_a_stopped_server_is_not_warned_of(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.server(*cloud.uuids(), running=False)
    workspace.write(drive(size=2 * GIB))

    assert "Warning" not in said(workspace.succeeds("plan"))


def test_replacing_a_mounted_drive_with_snapshots_warns_of_the_loss(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    server = cloud.server(uuid, running=False)
    cloud.call("POST", "snapshots/", {"objects": [{"drive": uuid, "name": "before"}]})
    workspace.write(drive(storage_type='"nvme"'))

    words = said(workspace.succeeds("plan"))

    assert "Warning: Replacement of a mounted drive" in words
    assert server in words
    assert "Warning: Replacement of a drive with snapshots" in words


def test_a_protected_drive_is_neither_destroyed_nor_replaced(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(deletion_protection="true"))
    workspace.apply()

    assert "Drive is protected" in workspace.fails("plan", "-destroy")
    assert "Drive is protected" in workspace.fails("destroy", "-auto-approve")
    workspace.write(drive(deletion_protection="true", storage_type='"nvme"'))
    assert "Drive is protected" in workspace.fails("plan")
    workspace.write("")
    assert "Drive is protected" in workspace.fails("apply", "-auto-approve")
    assert len(cloud.drives()) == 1


def test_protection_is_lifted_by_an_apply(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(deletion_protection="true"))
    workspace.apply()
    workspace.write(drive(deletion_protection="false"))

    workspace.apply()
    workspace.destroy()

    assert cloud.drives() == []


def before_destroy(protected: str) -> str:
    """A drive whose replacement is made first."""
    block = "  lifecycle {\n    create_before_destroy = true\n  }\n}\n"
    return drive(deletion_protection=protected).removesuffix("}\n") + block


def deposed(workspace: Project, cloud: Cloud) -> tuple[str, str]:
    """A protected drive that a forced replacement has left in the state, and the replacement."""
    workspace.write(before_destroy("true"))
    workspace.apply()
    (old,) = cloud.uuids()
    words = workspace.fails("apply", "-auto-approve", f"-replace={ADDRESS}")
    assert "Drive is protected" in words
    assert "delete it outside Terraform and run terraform apply" in words
    (new,) = cloud.uuids() - {old}
    return old, new


def test_a_deposed_drive_that_is_protected_goes_once_it_is_deleted_outside(
    workspace: Project, cloud: Cloud
) -> None:
    old, new = deposed(workspace, cloud)
    workspace.write(before_destroy("false"))
    assert "If Terraform calls it deposed" in workspace.fails("apply", "-auto-approve")

    cloud.remove(old)
    workspace.apply()

    assert cloud.uuids() == {new}
    assert workspace.plan_is_empty()


def test_a_deposed_drive_that_is_protected_is_kept_by_an_import_of_the_replacement(
    workspace: Project, cloud: Cloud
) -> None:
    old, new = deposed(workspace, cloud)

    workspace.succeeds("state", "rm", ADDRESS)
    workspace.succeeds("import", ADDRESS, new)
    workspace.apply()

    assert cloud.uuids() == {old, new}
    assert workspace.plan_is_empty()


def test_a_protected_drive_that_is_tainted_is_kept_by_an_untaint(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(deletion_protection="true"))
    workspace.apply()
    before = cloud.uuids()
    workspace.succeeds("taint", ADDRESS)
    assert "terraform untaint" in workspace.fails("apply", "-auto-approve")

    workspace.succeeds("untaint", ADDRESS)

    assert workspace.plan_is_empty()
    assert cloud.uuids() == before


@pytest.mark.parametrize("how", ["-replace", "taint"])
def test_terraforms_own_guard_refuses_a_forced_replacement_in_the_plan(
    workspace: Project, cloud: Cloud, how: str
) -> None:
    guarded = before_destroy("true").replace(
        "lifecycle {", "lifecycle {\n    prevent_destroy = true"
    )
    workspace.write(guarded)
    workspace.apply()
    before = cloud.uuids()
    if how == "taint":
        workspace.succeeds("taint", ADDRESS)

    forced = [] if how == "taint" else [f"-replace={ADDRESS}"]
    words = workspace.fails("plan", *forced)

    assert "Instance cannot be destroyed" in words
    assert cloud.uuids() == before


def test_values_that_are_not_known_yet_are_no_error(workspace: Project, cloud: Cloud) -> None:
    unknown = """
resource "terraform_data" "wish" {
  input = { size = 1073741824, type = "zadara" }
}
"""
    workspace.write(
        unknown
        + drive(
            size="terraform_data.wish.output.size", storage_type="terraform_data.wish.output.type"
        )
    )

    workspace.apply()

    assert cloud.drives()[0]["storage_type"] == "zadara"
    assert workspace.plan_is_empty()


def test_an_unknown_size_that_turns_out_wrong_is_refused_before_anything_is_made(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(
        'resource "terraform_data" "wish" {\n  input = 99999999999999\n}\n'
        + drive(size="terraform_data.wish.output")
    )

    words = workspace.fails("apply", "-auto-approve")

    assert "Drive size is outside the limits" in words
    assert cloud.drives() == []


def test_an_unknown_size_is_no_shrinking(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(size=GIB))
    workspace.apply()
    workspace.write(
        f'resource "terraform_data" "wish" {{\n  input = {2 * GIB}\n}}\n'
        + drive(size="terraform_data.wish.output")
    )

    workspace.apply()

    assert cloud.drives()[0]["size"] == 2 * GIB


def test_with_the_api_down_the_checks_are_skipped_with_a_warning(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_BASE_URL"] = "http://127.0.0.1:1/api/2.0/"
    several = drive(storage_type='"dssd"').replace('" {', '" {\n  count = 3', 1)
    workspace.write('provider "cloudsigma" {\n  max_retries = 0\n}\n' + several)

    words = said(workspace.succeeds("plan"))

    assert words.count("Warning: Plan not checked against the API") == 1
    assert "similar warning" not in words


def test_another_clone_source_keeps_the_drive_and_says_how_to_make_it_anew(
    workspace: Project, cloud: Cloud
) -> None:
    old, new = cloud.make_drive(name="old"), cloud.make_drive(name="new")
    workspace.write(drive(clone_drive_id=f'"{old}"'))
    workspace.apply()
    before = cloud.uuids()
    workspace.write(drive(clone_drive_id=f'"{new}"'))

    run = workspace.run("plan", "-detailed-exitcode")

    assert run.exit == 0
    assert "Warning: Drive keeps its clone source" in said(run)
    assert "terraform apply -replace" in said(run)
    workspace.apply()
    assert cloud.uuids() == before


def test_a_forced_replacement_uses_all_arguments(workspace: Project, cloud: Cloud) -> None:
    old, new = cloud.make_drive(name="old"), cloud.make_drive(name="new", size=2 * GIB)
    workspace.write(drive(clone_drive_id=f'"{old}"', size=2 * GIB))
    workspace.apply()
    workspace.write(drive(clone_drive_id=f'"{new}"', size=3 * GIB, storage_type='"nvme"'))

    workspace.apply(f"-replace={ADDRESS}")

    state = workspace.state()[ADDRESS]
    assert (state["clone_drive_id"], state["size"]) == (new, 3 * GIB)
    assert cloud.drive(state["uuid"])["storage_type"] == "nvme"


def test_a_volatile_value_makes_no_plan_show_a_change(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.force(uuid, status="unavailable")

    assert workspace.plan_is_empty()


def test_errors_are_placed_on_the_attribute(workspace: Project) -> None:
    workspace.write(drive(size=20_000_000_000_000))

    run = workspace.run("plan", "-json")

    lines = [json.loads(line) for line in run.stdout.splitlines()]
    (error,) = [line["diagnostic"] for line in lines if line.get("@level") == "error"]
    assert error["address"] == ADDRESS
    assert error["range"]["start"]["line"] == 4
    assert error["snippet"]["code"].strip().startswith("size")


@pytest.mark.parametrize("wanted", ["dssd", "zadara"])
def test_a_drive_is_not_destroyed_for_a_storage_type_that_is_not_known_yet(
    workspace: Project, cloud: Cloud, wanted: str
) -> None:
    workspace.write(drive(storage_type='"dssd"'))
    workspace.apply()
    (uuid,) = cloud.uuids()
    later = f'resource "terraform_data" "type" {{\n  input = "{wanted}"\n}}\n'
    workspace.write(later + drive(storage_type="terraform_data.type.output"))

    run = workspace.run("apply", "-auto-approve")

    assert "If it turns out to be another than dssd" in said(run)
    assert cloud.uuids() == {uuid}
    if wanted == "dssd":
        assert run.exit == 0
    else:
        assert "inconsistent final plan" in said(run)
        workspace.apply()
        assert cloud.uuids() != {uuid}
    assert workspace.plan_is_empty()

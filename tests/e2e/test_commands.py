"""Terraform's commands and blocks that pipelines and larger configurations are made of."""

from __future__ import annotations

import json
from typing import Any

import pytest

from simulator import Simulator
from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


def messages(workspace: Project, *arguments: str) -> list[dict[str, Any]]:
    """What a command says with -json, one document per line."""
    return [
        json.loads(line) for line in workspace.succeeds(*arguments, "-json").stdout.splitlines()
    ]


def named(cloud: Cloud) -> dict[str, int]:
    """The size of each drive in GiB, by name."""
    return {drive["name"]: drive["size"] // GIB for drive in cloud.drives()}


def test_a_plan_tells_programs_what_it_would_do(workspace: Project) -> None:
    workspace.write(drive())

    told = messages(workspace, "plan")

    (change,) = [m["change"] for m in told if m["type"] == "planned_change"]
    assert (change["resource"]["addr"], change["action"]) == (ADDRESS, "create")
    (summary,) = [m["changes"] for m in told if m["type"] == "change_summary"]
    assert (summary["add"], summary["change"], summary["remove"]) == (1, 0, 0)


def test_exit_codes_tell_changes_errors_and_nothing_apart(workspace: Project) -> None:
    workspace.write(drive())
    assert workspace.run("plan", "-detailed-exitcode").exit == 2
    workspace.apply()
    assert workspace.run("plan", "-detailed-exitcode").exit == 0

    workspace.write(drive(size=1))

    assert workspace.run("plan", "-detailed-exitcode").exit == 1


def test_a_saved_plan_is_applied_once_and_as_it_was_saved(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.succeeds("plan", "-out=saved.tfplan")
    workspace.write(drive(name='"later"'))

    workspace.succeeds("apply", "saved.tfplan")

    assert named(cloud) == {"data": 1}
    assert "Saved plan is stale" in workspace.fails("apply", "saved.tfplan")
    assert named(cloud) == {"data": 1}


TWO = drive() + drive(name='"other"').replace('"data" {', '"other" {')


def test_a_target_leaves_everything_else_alone(workspace: Project, cloud: Cloud) -> None:
    workspace.write(TWO)

    workspace.apply("-target=cloudsigma_drive.other")
    assert named(cloud) == {"other": 1}
    workspace.apply()
    workspace.destroy("-target=cloudsigma_drive.other")

    assert named(cloud) == {"data": 1}


def test_a_refresh_alone_takes_over_what_others_did_and_changes_nothing(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.edit(cloud.drives()[0]["uuid"], name="theirs")
    cloud.forget_requests()

    workspace.apply("-refresh-only")

    assert workspace.state()[ADDRESS]["name"] == "theirs"
    assert {request["method"] for request in cloud.requests()} == {"GET"}


def test_a_moved_drive_is_the_same_drive(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    before = cloud.uuids()
    moved = drive().replace('"data" {', '"renamed" {')
    workspace.write(f"moved {{\n  from = {ADDRESS}\n  to = cloudsigma_drive.renamed\n}}\n{moved}")

    workspace.apply()

    assert list(workspace.state()) == ["cloudsigma_drive.renamed"]
    assert cloud.uuids() == before


def test_a_removed_drive_is_forgotten_and_kept(workspace: Project, cloud: Cloud) -> None:
    workspace.requires(1, 7)
    workspace.write(drive())
    workspace.apply()
    lifecycle = "  lifecycle {\n    destroy = false\n  }\n"
    workspace.write(f"removed {{\n  from = {ADDRESS}\n{lifecycle}}}\n")

    workspace.apply()

    assert workspace.state() == {}
    assert named(cloud) == {"data": 1}


def test_keys_known_only_after_apply_can_be_created_in_two_steps(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(
        """
resource "cloudsigma_tag" "group" {
  name = "group"
}
resource "cloudsigma_drive" "member" {
  for_each = toset([cloudsigma_tag.group.uuid])
  name     = each.key
  media    = "disk"
  size     = 1024 * 1024 * 1024
  tags     = [each.key]
}
"""
    )

    assert "Invalid for_each argument" in workspace.fails("plan")
    workspace.apply("-target=cloudsigma_tag.group")
    workspace.apply()

    (made,) = cloud.drives()
    assert [made["name"]] == [tag["uuid"] for tag in made["tags"]]
    assert workspace.plan_is_empty()


def test_for_each_touches_only_the_drive_whose_values_change(
    workspace: Project, cloud: Cloud
) -> None:
    block = (
        'resource "cloudsigma_drive" "each" {{\n  for_each = {{ {} }}\n  name = each.key\n'
        '  media = "disk"\n  size = each.value * 1024 * 1024 * 1024\n}}\n'
    )
    workspace.write(block.format("a = 1, b = 1, c = 1"))
    workspace.apply()
    workspace.write(block.format("a = 1, b = 2, d = 1"))

    changed = {a: what for a, what in workspace.actions().items() if what != ["no-op"]}
    workspace.apply()

    assert changed == {
        'cloudsigma_drive.each["b"]': ["update"],
        'cloudsigma_drive.each["c"]': ["delete"],
        'cloudsigma_drive.each["d"]': ["create"],
    }
    assert named(cloud) == {"a": 1, "b": 2, "d": 1}


def test_workspaces_have_drives_of_their_own(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(name='"data-${terraform.workspace}"'))
    workspace.apply()

    workspace.succeeds("workspace", "new", "staging")
    workspace.apply()
    assert named(cloud) == {"data-default": 1, "data-staging": 1}
    workspace.destroy()

    workspace.succeeds("workspace", "select", "default")
    assert named(cloud) == {"data-default": 1}
    assert workspace.plan_is_empty()


def test_aliases_manage_two_locations_in_one_configuration(
    workspace: Project, cloud: Cloud
) -> None:
    with Simulator(clock="reads:1") as second:
        provider = 'provider "cloudsigma" {{\n  {}base_url = "{}"\n}}\n'
        here = provider.format("", cloud.simulator.url)
        there = provider.format('alias = "there"\n  ', second.url)
        other = TWO.replace('name = "other"', 'name = "other"\n  provider = cloudsigma.there')
        workspace.write(here + there + other)

        workspace.apply()

        assert named(cloud) == {"data": 1}
        assert named(Cloud(second)) == {"other": 1}
        assert workspace.plan_is_empty()
        workspace.destroy()
        assert cloud.drives() + Cloud(second).drives() == []

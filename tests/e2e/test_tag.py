"""A tag's life with the real Terraform, and the drives that carry it."""

from __future__ import annotations

from typing import Any

import pytest

from provider.adoption import TOKEN_KEY
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

ADDRESS = "cloudsigma_tag.red"
NOBODY = "00000000-0000-4000-8000-000000000000"
DRIVE = """
resource "cloudsigma_drive" "data" {
  name  = "data"
  media = "disk"
  size  = 1024 * 1024 * 1024
  tags  = [cloudsigma_tag.red.uuid]
}
"""


def tag(name: str = "red", meta: str = "") -> str:
    """A configuration with one tag."""
    notes = f"  meta = {meta}\n" if meta else ""
    return f'resource "cloudsigma_tag" "red" {{\n  name = "{name}"\n{notes}}}\n'


def tags(cloud: Cloud) -> dict[str, dict[str, Any]]:
    """All tags by name."""
    return {found["name"]: found for found in cloud.call("GET", "tags/?limit=0")["objects"]}


def test_a_tag_lives_from_creation_to_destruction(workspace: Project, cloud: Cloud) -> None:
    workspace.write(tag(meta='{ purpose = "test" }') + DRIVE)
    workspace.apply()
    red = tags(cloud)["red"]
    state = workspace.state()[ADDRESS]
    assert (state["uuid"], state["id"], state["name"]) == (red["uuid"], red["uuid"], "red")
    assert (state["meta"], state["resource_uri"]) == ({"purpose": "test"}, red["resource_uri"])
    assert [r["res_type"] for r in red["resources"]] == ["drives"]
    assert workspace.plan_is_empty()

    workspace.write(tag("crimson") + DRIVE)
    assert workspace.actions()[ADDRESS] == ["update"]
    workspace.apply()
    crimson = tags(cloud)["crimson"]
    assert (crimson["uuid"], crimson["meta"].keys()) == (red["uuid"], {TOKEN_KEY})
    assert len(crimson["resources"]) == 1
    assert workspace.plan_is_empty()

    workspace.destroy()
    assert (tags(cloud), cloud.drives()) == ({}, [])


def test_a_created_tag_whose_answer_is_lost_is_found_beside_its_namesake(
    workspace: Project, cloud: Cloud
) -> None:
    other = cloud.tag("red")
    cloud.faults({"method": "POST", "path": "tags/", "fault": "reset_after"})
    workspace.write(tag())

    workspace.apply()

    present = cloud.call("GET", "tags/?limit=0")["objects"]
    assert {t["uuid"] for t in present} == {other, workspace.state()[ADDRESS]["uuid"]}
    assert len(present) == 2


def test_a_tag_deleted_by_somebody_else_is_planned_again_and_destroyed_quietly(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(tag())
    workspace.apply()
    cloud.call("DELETE", f"tags/{tags(cloud)['red']['uuid']}/")

    assert workspace.actions() == {ADDRESS: ["create"]}
    workspace.destroy("-refresh=false")

    assert workspace.state() == {}


def test_a_tag_is_imported_by_its_name(workspace: Project, cloud: Cloud) -> None:
    uuid = cloud.tag("red")
    cloud.tag("twin")
    cloud.tag("twin")
    workspace.write(tag())

    assert "2 tags are named" in workspace.fails("import", ADDRESS, "name:twin")
    assert f'There is no tag "{NOBODY}"' in workspace.fails("import", ADDRESS, NOBODY)
    workspace.succeeds("import", ADDRESS, "name:red")

    assert workspace.state()[ADDRESS]["uuid"] == uuid
    assert workspace.plan_is_empty()


def test_generated_configuration_describes_the_tag(workspace: Project, cloud: Cloud) -> None:
    workspace.requires(1, 8)
    uuid = cloud.tag("red")
    workspace.write(f'import {{\n  to = {ADDRESS}\n  id = "{uuid}"\n}}\n')

    workspace.succeeds("plan", "-generate-config-out=generated.tf")
    workspace.apply()

    assert workspace.plan_is_empty()


def test_tags_are_queried_and_imported_by_identity(workspace: Project, cloud: Cloud) -> None:
    workspace.requires(1, 14)
    uuid = cloud.tag("red")
    cloud.tag("blue")
    query = 'list "cloudsigma_tag" "all" {\n  provider = cloudsigma\n'
    workspace.write(
        query + '}\nlist "cloudsigma_tag" "red" {\n  provider = cloudsigma\n  config {\n'
        '    name = "red"\n  }\n}\n',
        "all.tfquery.hcl",
    )

    listed = workspace.succeeds("query").stdout
    block = f'import {{\n  to = {ADDRESS}\n  identity = {{ uuid = "{uuid}" }}\n}}\n'
    workspace.write(block + tag())
    workspace.apply()

    assert [listed.count(name) for name in ("cloudsigma_tag.all", "cloudsigma_tag.red")] == [2, 1]
    assert workspace.plan_is_empty()


def test_bad_input_is_an_error_on_the_attribute(workspace: Project) -> None:
    workspace.write(tag(""))
    assert "`name` must not be empty" in workspace.fails("validate")

    workspace.write(tag(meta='["a"]'))
    assert 'Inappropriate value for attribute "meta"' in workspace.fails("validate")

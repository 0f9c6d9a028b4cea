"""What Terraform knows of a drive after an apply that failed, without asking the API again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

NEVER = {"clock": "seconds:3600"}  # what begins from here on does not end


def hurried(operation: str, **arguments: Any) -> str:
    """A configuration with one drive, which is waited for two seconds."""
    block = f'  timeouts {{\n    {operation} = "2s"\n  }}\n}}\n'
    return drive(**arguments).removesuffix("}\n") + block


def stored(workspace: Project) -> dict[str, Any]:
    """The drive's attributes in the state file."""
    state = json.loads((workspace.directory / "terraform.tfstate").read_text())
    ((instance,),) = (resource["instances"] for resource in state["resources"])
    found: dict[str, Any] = instance["attributes"]
    return found


def test_a_growth_out_of_time_is_stored_as_far_as_it_came(workspace: Project, cloud: Cloud) -> None:
    workspace.write(hurried("update"))
    workspace.apply()
    cloud.call("POST", "_control/clock", NEVER)
    workspace.write(hurried("update", name='"more"', size=2 * GIB))

    assert 'the last status was "resizing"' in workspace.fails("apply", "-auto-approve")

    state = stored(workspace)
    assert (state["name"], state["size"], state["status"]) == ("more", GIB, "resizing")


def test_a_create_out_of_time_that_is_untainted_is_finished_by_an_update(
    workspace: Project, cloud: Cloud
) -> None:
    cloud.call("POST", "_control/clock", NEVER)
    workspace.write(hurried("create"))
    workspace.fails("apply", "-auto-approve")
    before = cloud.uuids()
    workspace.succeeds("untaint", ADDRESS)

    assert workspace.actions() == {ADDRESS: ["update"]}

    cloud.force(*before, status="unmounted")
    workspace.apply()
    assert cloud.uuids() == before
    assert stored(workspace)["status"] == "unmounted"
    assert workspace.plan_is_empty()

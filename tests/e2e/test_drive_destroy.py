"""Destroying what has changed outside: Terraform plans as usual first, and how to get by that."""

from __future__ import annotations

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project, said
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

OTHER = (
    'resource "cloudsigma_drive" "other" {\n  name = "other"\n  media = "disk"\n  size = 1e9\n}\n'
)


def destroyed_without_refresh(workspace: Project, words: str) -> bool:
    """A destroy is refused with these words, and with the exit that they name it is not."""
    refused = workspace.fails("destroy", "-auto-approve")
    assert words in refused
    assert "terraform destroy -refresh=false" in refused
    workspace.destroy("-refresh=false")
    return workspace.state() == {}


def test_a_drive_that_somebody_has_grown(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.force(uuid, size=2 * GIB)

    assert destroyed_without_refresh(workspace, "Drive cannot shrink")
    assert cloud.drives() == []


def test_a_clone_that_is_gone_with_its_source(workspace: Project, cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=GIB)
    workspace.write(drive(clone_drive_id=f'"{source}"', size=None) + OTHER)
    workspace.apply()
    cloud.remove(workspace.state()[ADDRESS]["uuid"])
    cloud.remove(source)

    assert destroyed_without_refresh(workspace, "Clone source does not exist")
    assert cloud.drives() == []


def test_a_record_that_is_gone_with_its_drive(workspace: Project, cloud: Cloud) -> None:
    uuid = cloud.make_drive(name="windows", size=GIB)
    record = 'resource "cloudsigma_rds_drive" "users" {\n  drive = "%s"\n  amount = 3\n}\n'
    workspace.write(record % uuid + OTHER)
    workspace.apply()
    cloud.remove(uuid)

    assert destroyed_without_refresh(workspace, "Drive does not exist")
    assert cloud.drives() == []


def test_a_drive_whose_tag_is_gone_is_destroyed_with_a_warning(
    workspace: Project, cloud: Cloud
) -> None:
    tag = cloud.tag("red")
    workspace.write(drive(tags=f'["{tag}"]'))
    workspace.apply()
    cloud.call("DELETE", f"tags/{tag}/")

    assert "Warning: Tag does not exist" in said(workspace.succeeds("plan"))
    workspace.destroy()

    assert cloud.drives() == []


def test_a_smaller_size_makes_a_tainted_drive_anew(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(size=2 * GIB))
    workspace.apply()
    workspace.write(drive(size=GIB))
    words = workspace.fails("apply", "-auto-approve", f"-replace={ADDRESS}")
    assert "run terraform taint with its address" in words

    workspace.succeeds("taint", ADDRESS)
    workspace.apply()

    assert [made["size"] for made in cloud.drives()] == [GIB]

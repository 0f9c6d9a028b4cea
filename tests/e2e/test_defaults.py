"""Default tags and notes of the provider block: on every drive, visible, and never a perpetual
difference."""

from __future__ import annotations

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

ADDRESS = "cloudsigma_drive.data"
NOBODY = "00000000-0000-4000-8000-000000000000"


def configuration(block: str, drive: str = "") -> str:
    """A provider block with defaults, and a drive with what it has of its own."""
    return (
        f'provider "cloudsigma" {{\n{block}\n}}\n'
        f'resource "cloudsigma_drive" "data" {{\n  name = "data"\n  media = "disk"\n'
        f"  size = {GIB}\n{drive}\n}}\n"
    )


def tags_of(cloud: Cloud) -> set[str]:
    (drive,) = cloud.drives()
    return {tag["uuid"] for tag in drive["tags"]}


def notes_of(cloud: Cloud) -> dict[str, str]:
    """The notes of the only drive, without the one that marks it as made by Terraform."""
    (drive,) = cloud.drives()
    return {key: text for key, text in drive["meta"].items() if key != "terraform-token"}


def test_defaults_come_change_and_go_with_the_provider_block(
    workspace: Project, cloud: Cloud
) -> None:
    red, blue, own = cloud.tag("red"), cloud.tag("blue"), cloud.tag("own")
    drive = f'  tags = ["{own}"]\n  meta = {{ purpose = "test", team = "own" }}\n'
    both = 'default_meta = { team = "all", zone = "a" }\n'

    workspace.write(configuration(f'default_tags = ["{red}"]\n{both}', drive))
    workspace.apply()
    state = workspace.state()[ADDRESS]
    assert tags_of(cloud) == {red, own} == set(state["tags_all"])
    assert state["tags"] == [own]
    assert state["meta"] == {"purpose": "test", "team": "own"}
    assert notes_of(cloud) == {"purpose": "test", "team": "own", "zone": "a"} == state["meta_all"]
    assert workspace.plan_is_empty()

    workspace.write(
        configuration(f'default_tags = ["{blue}"]\ndefault_meta = {{ zone = "b" }}\n', drive)
    )
    change = workspace.plan()["resource_changes"][0]["change"]
    assert (change["actions"], set(change["after"]["tags_all"])) == (["update"], {blue, own})
    workspace.apply()
    assert tags_of(cloud) == {blue, own}
    assert notes_of(cloud) == {"purpose": "test", "team": "own", "zone": "b"}
    assert workspace.plan_is_empty()

    workspace.write(configuration("", drive))
    workspace.apply()
    assert tags_of(cloud) == {own}
    assert notes_of(cloud) == {"purpose": "test", "team": "own"}
    assert workspace.plan_is_empty()


def test_a_drive_without_own_tags_and_notes_has_the_defaults_alone(
    workspace: Project, cloud: Cloud
) -> None:
    red, theirs = cloud.tag("red"), cloud.tag("theirs")
    block = f'default_tags = ["{red}"]\ndefault_meta = {{ team = "all" }}\n'
    workspace.write(configuration(block))

    workspace.apply()

    state = workspace.state()[ADDRESS]
    assert (state["tags"], state["meta"]) == ([], {})
    assert (state["tags_all"], state["meta_all"]) == ([red], {"team": "all"})
    assert workspace.plan_is_empty()
    cloud.edit(state["uuid"], tags=[theirs], meta={"theirs": "kept"})
    workspace.apply()
    assert tags_of(cloud) == {red, theirs}
    assert notes_of(cloud) == {"team": "all", "theirs": "kept"}
    assert workspace.plan_is_empty()


def test_a_value_that_is_own_and_default_stays_when_the_default_goes(
    workspace: Project, cloud: Cloud
) -> None:
    red = cloud.tag("red")
    drive = f'  tags = ["{red}"]\n  meta = {{ team = "all" }}\n'
    workspace.write(
        configuration(f'default_tags = ["{red}"]\ndefault_meta = {{ team = "all" }}', drive)
    )
    workspace.apply()
    workspace.write(configuration("", drive))

    assert workspace.plan_is_empty()


def test_an_imported_drive_shows_only_its_own_beside_the_defaults(
    workspace: Project, cloud: Cloud
) -> None:
    red, own = cloud.tag("red"), cloud.tag("own")
    meta = {"team": "all", "purpose": "test"}
    uuid = cloud.make_drive(name="data", size=GIB, tags=[red, own], meta=meta)
    block = f'default_tags = ["{red}"]\ndefault_meta = {{ team = "all" }}'
    drive = f'  tags = ["{own}"]\n  meta = {{ purpose = "test" }}\n'
    workspace.write(configuration(block, drive))

    workspace.succeeds("import", ADDRESS, uuid)

    assert workspace.state()[ADDRESS]["tags"] == [own]
    assert workspace.plan_is_empty()


def test_defaults_that_are_not_known_yet_are_known_after_apply(
    workspace: Project, cloud: Cloud
) -> None:
    red = cloud.tag("red")
    known = "".join(
        f'resource "terraform_data" "{name}" {{\n  input = "{text}"\n}}\n'
        for name, text in {"tag": red, "team": "all"}.items()
    )
    block = (
        "default_tags = [terraform_data.tag.output]\n"
        "default_meta = { team = terraform_data.team.output }\n"
    )
    workspace.write(configuration("", "") + known)
    workspace.apply("-target=cloudsigma_drive.data")
    workspace.write(configuration(block, "") + known)

    change = workspace.plan()["resource_changes"][0]["change"]
    workspace.apply()

    assert change["after_unknown"]["tags_all"] is True
    assert (tags_of(cloud), notes_of(cloud)) == ({red}, {"team": "all"})
    assert workspace.plan_is_empty()


def test_a_default_tag_that_does_not_exist_is_refused_while_planning(workspace: Project) -> None:
    workspace.write(configuration(f'default_tags = ["{NOBODY}"]'))
    assert f"There is no tag {NOBODY}" in workspace.fails("plan")

    workspace.write(configuration('default_tags = ["red"]'))
    assert "`default_tags` must have elements each of which must be a UUID" in workspace.fails(
        "validate"
    )

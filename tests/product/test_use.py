"""The package works where there is nothing but Terraform, and is never changed by its use."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from provider import __version__
from tests.product.conftest import DRIVE, required, settings_in_guide
from tests.product.test_package import folder_hash
from tools import archive
from tools.install import install, remove
from tools.mirror import ADDRESS, cli_config, executable_name, package_folder, platform_name
from tools.release import STEM

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.cloud import Cloud
    from tests.e2e.terraform import Project
    from tools.terraform import Terraform

NOBODY = 65534

pytestmark = pytest.mark.e2e


def test_a_zip_and_terraform_are_all_that_is_needed(
    built: Path, tmp_path: Path, terraform: Terraform, credentials: dict[str, str], cloud: Cloud
) -> None:
    """No home, no settings, no Python, nothing on PATH."""
    empty, home, project = (tmp_path / name for name in ("empty", "home", "project"))
    for folder in (empty, home, project):
        folder.mkdir()
    plugins = project / "terraform.d" / "plugins"
    archive.unpack(built / "release" / f"{STEM}_{platform_name()}.zip", package_folder(plugins))
    (project / "terraform.tf").write_text(required())
    (project / "main.tf").write_text(DRIVE)
    environment = {"HOME": str(home), "PATH": str(empty), "CHECKPOINT_DISABLE": "1"}
    # Without it, nothing on Windows can open a socket.
    environment |= {name: os.environ[name] for name in ("SYSTEMROOT",) if name in os.environ}

    def run(*arguments: str) -> str:
        finished = subprocess.run(
            [*terraform.command, *arguments],
            cwd=project,
            env=environment | credentials,
            capture_output=True,
            text=True,
            check=False,
        )
        assert finished.returncode == 0, finished.stdout + finished.stderr
        return finished.stdout

    run("init")
    assert "1 added" in run("apply", "-auto-approve")
    assert [drive["name"] for drive in cloud.drives()] == ["data"]
    assert "1 destroyed" in run("destroy", "-auto-approve")
    assert list(home.rglob("*.py*")) == []


def test_terraform_installs_from_the_packed_mirror_too(
    built: Path, tmp_path: Path, project: Callable[..., Project]
) -> None:
    zipped = f"{STEM}_{platform_name()}.zip"
    packed = tmp_path / "packed" / ADDRESS
    packed.mkdir(parents=True)
    (packed / zipped).symlink_to(built / "release" / zipped)
    workspace = project(tmp_path / "packed")

    workspace.init()

    workspace.validate()
    lock = (workspace.directory / ".terraform.lock.hcl").read_text()
    assert folder_hash(package_folder(built / "mirror")) in lock
    shutil.rmtree(workspace.directory / ".terraform")
    workspace.init("-lockfile=readonly")


def test_the_guides_settings_install_and_lock_from_a_shared_folder(
    built: Path, package: Path, project: Callable[..., Project]
) -> None:
    workspace = project(built / "mirror")
    mirror = str(built / "mirror")
    settings = settings_in_guide("a filesystem mirror")
    workspace.write(settings.replace("/opt/terraform/providers", mirror), "terraform.rc")
    workspace.variables["TF_CLI_CONFIG_FILE"] = str(workspace.directory / "terraform.rc")

    lock = ("providers", "lock", f"-fs-mirror={mirror}", f"-platform={platform_name()}")
    workspace.succeeds(*lock)

    workspace.init("-lockfile=readonly")
    assert folder_hash(package) in (workspace.directory / ".terraform.lock.hcl").read_text()


def test_two_terraforms_at_once_leave_the_package_as_it_was(
    built: Path, package: Path, project: Callable[..., Project], cloud: Cloud
) -> None:
    before = folder_hash(package)
    pair = [project(built / "mirror", name) for name in ("one", "two")]
    for workspace in pair:
        workspace.init()

    running = [workspace.start("apply", "-auto-approve") for workspace in pair]
    runs = [workspace.finish(run) for workspace, run in zip(pair, running, strict=True)]

    assert [run.exit for run in runs] == [0, 0]
    assert len(cloud.drives()) == 2
    assert folder_hash(package) == before
    assert before in (pair[0].directory / ".terraform.lock.hcl").read_text()


@pytest.mark.slow
def test_after_fifty_commands_the_lock_file_still_matches(
    built: Path, package: Path, project: Callable[..., Project]
) -> None:
    workspace = project(built / "mirror")
    workspace.init()

    for _ in range(10):
        workspace.validate()
        workspace.apply()
        workspace.succeeds("plan")
        workspace.succeeds("show", "-json")
        workspace.destroy()

    workspace.init("-lockfile=readonly")
    assert folder_hash(package) in (workspace.directory / ".terraform.lock.hcl").read_text()


def test_variables_meant_for_python_do_not_reach_the_plugin(
    built: Path, project: Callable[..., Project]
) -> None:
    workspace = project(built / "mirror")
    (workspace.directory / "json.py").write_text("raise SystemExit('shadowed')")
    workspace.variables |= {"PYTHONHOME": "/nowhere", "PYTHONPATH": str(workspace.directory)}
    workspace.init()

    workspace.validate()


def test_two_versions_stand_side_by_side(
    built: Path, package: Path, tmp_path: Path, project: Callable[..., Project]
) -> None:
    mirror = tmp_path / "mirror"
    platform = platform_name()
    for version in ("0.0.9", __version__):
        folder = mirror / ADDRESS / version / platform
        shutil.copytree(package, folder)
        name = executable_name()
        (folder / name).rename(folder / name.replace(__version__, version))

    chosen = {}
    for number, constraint in enumerate(("~> 0.0.1", ">= 0.0.1")):
        workspace = project(mirror, f"project{number}", constraint)
        workspace.init()
        workspace.validate()
        selections = workspace.json("version", "-json")["provider_selections"]
        chosen[constraint] = selections[ADDRESS]

    assert chosen == {"~> 0.0.1": "0.0.9", ">= 0.0.1": __version__}


def test_an_installed_package_is_found_without_settings_until_it_is_removed(
    built: Path, project: Callable[..., Project]
) -> None:
    workspace = project(built / "mirror")
    del workspace.variables["TF_CLI_CONFIG_FILE"]
    workspace.variables["CHECKPOINT_DISABLE"] = "1"
    plugins = Path(workspace.variables["HOME"]) / ".terraform.d" / "plugins"

    install(built / "mirror", plugins)
    install(built / "mirror", plugins)

    workspace.init()
    workspace.validate()
    remove(plugins)
    assert not plugins.exists()


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another user can enter, which those of pytest are not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.mark.skipif(
    getattr(os, "geteuid", lambda: 1)() != 0, reason="only root can become another user"
)
@pytest.mark.skipif(not shutil.which("terraform"), reason="the command is not on PATH")
def test_another_user_uses_a_package_nobody_can_write_to(
    package: Path, open_to_all: Path, credentials: dict[str, str], cloud: Cloud
) -> None:
    mirror, project = open_to_all / "mirror", open_to_all / "project"
    shutil.copytree(package, package_folder(mirror))
    for path in mirror.rglob("*"):
        path.chmod(path.stat().st_mode & ~0o222)
    project.mkdir()
    (project / "terraform.tf").write_text(required())
    (project / "main.tf").write_text(DRIVE)
    (project / "terraform.rc").write_text(cli_config(mirror))
    shutil.chown(project, NOBODY, NOBODY)
    environment = {"HOME": str(project), "TF_CLI_CONFIG_FILE": str(project / "terraform.rc")}

    for arguments in (["init"], ["apply", "-auto-approve"], ["init", "-lockfile=readonly"]):
        run = subprocess.run(
            ["terraform", *arguments],
            cwd=project,
            env={"PATH": os.environ["PATH"], **environment, **credentials},
            user=NOBODY,
            group=NOBODY,
            extra_groups=[],
            capture_output=True,
            text=True,
            check=False,
        )
        assert run.returncode == 0, run.stdout + run.stderr

    assert len(cloud.drives()) == 1
    assert folder_hash(package_folder(mirror)) == folder_hash(package)

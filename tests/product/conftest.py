"""The built package, made once, and Terraforms that know of nothing else."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PyInstaller.depend.bindepend import get_python_library_path
from PyInstaller.exceptions import PythonLibraryNotFoundError

from simulator import Simulator
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import REQUIREMENT, Project
from tools.build import build
from tools.mirror import ROOT, package_folder
from tools.terraform import Terraform, available

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `make build` leaves behind; parallel workers share it."""
    try:
        get_python_library_path()
    except PythonLibraryNotFoundError:
        pytest.skip("this Python comes without its shared library, which a package carries")
    own = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" not in os.environ:
        build(own / "built")
        return own / "built"
    import fcntl  # which Windows, where nothing runs in parallel, does not have

    target = own.parent / "built"
    with (own.parent / "built.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (target / "complete").exists():
            build(target)
            (target / "complete").touch()
    return target


@pytest.fixture
def package(built: Path) -> Path:
    return package_folder(built / "mirror")


@pytest.fixture(scope="session")
def terraform() -> Terraform:
    found = available()
    if not found:
        pytest.skip("there is no terraform: `make setup` brings one")
    return found[0]


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(clock="reads:1") as running:
        yield running


@pytest.fixture
def cloud(simulator: Simulator) -> Cloud:
    return Cloud(simulator)


@pytest.fixture
def credentials(simulator: Simulator) -> dict[str, str]:
    return {
        "CLOUDSIGMA_BASE_URL": simulator.url,
        "CLOUDSIGMA_USERNAME": "demo@example.com",
        "CLOUDSIGMA_PASSWORD": "demo-password",
    }


@pytest.fixture
def project(
    tmp_path: Path, terraform: Terraform, credentials: dict[str, str]
) -> Callable[..., Project]:
    """Makes directories that install from a mirror, each with a drive to manage."""

    def made(mirror: Path, name: str = "project", constraint: str = "") -> Project:
        directory = tmp_path / name
        directory.mkdir()
        found = Project(directory, terraform, mirror, credentials)
        found.write(required(constraint), "terraform.tf")
        found.write(DRIVE)
        return found

    return made


def settings_in_guide(subject: str) -> str:
    """The CLI configuration that the guide gives for a way to install."""
    guide = (ROOT / "docs" / "guides" / "installing.md").read_text()
    return guide.partition(f"<!-- test: {subject} -->\n```hcl\n")[2].partition("```")[0]


def required(constraint: str = "") -> str:
    """The requirement, with a version constraint if one is given."""
    if not constraint:
        return REQUIREMENT
    source = 'source = "terraform.local/cloudsigma/cloudsigma"'
    return REQUIREMENT.replace(source, f'{source}\n      version = "{constraint}"')


DRIVE = """
resource "cloudsigma_drive" "data" {
  name  = "data"
  media = "disk"
  size  = 1024 * 1024 * 1024
}
"""

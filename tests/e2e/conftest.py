"""Fixtures for tests that drive the real Terraform against the simulator."""

from __future__ import annotations

import shutil
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.e2e.attached import Attached
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import REQUIREMENT, Project
from tools import mirror
from tools.terraform import Terraform, available

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
TERRAFORMS = available() or [
    pytest.param(None, marks=pytest.mark.skip("there is no terraform: `make setup` brings one"))
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker("e2e")


@pytest.fixture(params=TERRAFORMS, ids=lambda terraform: terraform.name if terraform else "none")
def terraform(request: pytest.FixtureRequest) -> Terraform:
    found: Terraform = request.param
    return found


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(clock="reads:1") as running:
        yield running


@pytest.fixture
def cloud(simulator: Simulator) -> Cloud:
    return Cloud(simulator)


@pytest.fixture(scope="session")
def plugin() -> Path:
    return mirror.build()


@pytest.fixture(scope="session")
def initialized(
    plugin: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Terraform], Path]:
    """A directory in which `terraform init` has run, once for each Terraform."""

    @cache
    def directory(terraform: Terraform) -> Path:
        template = tmp_path_factory.mktemp(terraform.name)
        project = Project(template, terraform, mirror.MIRROR, {})
        project.write(REQUIREMENT, "terraform.tf")
        project.init()
        return template

    return directory


@pytest.fixture
def workspace(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    terraform: Terraform,
    simulator: Simulator,
    initialized: Callable[[Terraform], Path],
) -> Iterator[Project]:
    """A directory to write a configuration into, with credentials for the simulator.

    Tests marked `attached` (all, or only with the Terraforms named) share one plugin process per
    test; all others launch it anew for each command, as practitioners do.
    """
    directory = tmp_path / "project"
    shutil.copytree(initialized(terraform), directory, symlinks=True)
    variables = {
        "CLOUDSIGMA_BASE_URL": simulator.url,
        "CLOUDSIGMA_USERNAME": "demo@example.com",
        "CLOUDSIGMA_PASSWORD": "demo-password",
    }
    marker = request.node.get_closest_marker("attached")
    if marker is None or (marker.args and terraform.name not in marker.args):
        yield Project(directory, terraform, mirror.MIRROR, variables)
        return
    attached = Attached(directory, terraform, mirror.MIRROR, variables)
    try:
        yield attached
    finally:
        attached.detach()

"""Fixtures for tests of what is left behind when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator import Simulator
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import REQUIREMENT, Project
from tests.faults.site import Service, Site
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator(rate_limits={}) as running:  # pauses take no time, a minute's calls do not
        yield running


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Terraform's own directory, in which a plugin finds its journal."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """An initialized project with an empty configuration."""
    service = Service(tmp_path / "account.db")
    mirror.build()
    variables = {
        "CLOUDSIGMA_BASE_URL": service.url,
        "CLOUDSIGMA_USERNAME": "demo@example.com",
        "CLOUDSIGMA_PASSWORD": "demo-password",
    }
    project = Project(tmp_path / "project", available()[0], mirror.MIRROR, variables)
    project.write(REQUIREMENT, "terraform.tf")
    project.init()
    yield Site(project, Cloud(service), service)
    service.kill()

"""Terraform with the provider works in every position of the simulator's switches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from simulator import Switches
from tests.e2e.terraform import REQUIREMENT, Project
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    from pathlib import Path

GIB = 2**30
NEWER = ["backup_scheduler", "iops", "remote_snapshots", "is_downloadable", "is_ephemeral"]
POSITIONS: list[dict[str, Any]] = [
    {},
    {"strict_put": True},
    {"windows_check": True},
    {"extra_keys": NEWER},
    {"missing_keys": ["grantees", "permissions"]},
    {"server_meta": True},
    {"page_size": 1},
]
EVERYTHING = {name: value for position in POSITIONS for name, value in position.items()}
CONFIGURATION = """
resource "cloudsigma_drive" "data" {
  name  = "%s"
  media = "disk"
  size  = %d
  meta  = { os = "windows" }
}
"""


@pytest.mark.e2e
@pytest.mark.skipif(not available(), reason="there is no terraform: `make setup` brings one")
@pytest.mark.parametrize(
    "position",
    [EVERYTHING, *(pytest.param(position, marks=pytest.mark.slow) for position in POSITIONS)],
    ids=str,
)
def test_terraform_works_in_every_position(
    tmp_path: Path, start: Any, position: dict[str, Any]
) -> None:
    simulator = start(switches=Switches(**position)).simulator
    user, password = simulator.credentials
    environment = {
        "CLOUDSIGMA_BASE_URL": simulator.url,
        "CLOUDSIGMA_USERNAME": user,
        "CLOUDSIGMA_PASSWORD": password,
    }
    mirror.build()
    project = Project(tmp_path, available()[0], mirror.MIRROR, environment)
    project.write(REQUIREMENT, "terraform.tf")
    project.write(CONFIGURATION % ("a", GIB))
    project.init()

    project.apply()
    first = project.plan_is_empty()
    project.write(CONFIGURATION % ("b", 2 * GIB))
    project.apply()
    second = project.plan_is_empty()
    project.destroy()

    assert (first, second) == (True, True)
    assert simulator.control("state")["counts"]["drives"] == 0

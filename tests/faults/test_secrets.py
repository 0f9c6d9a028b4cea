"""Credentials and tokens are where Terraform needs them, and nowhere else."""

from __future__ import annotations

import base64
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.operations import GIB
from tests.faults.site import plugins_of
from tools.terraform import available

if TYPE_CHECKING:
    from tests.faults.site import Site

PASSWORD, TOKEN = "demo-password", "demo-token"
BLOB = base64.b64encode(f"demo@example.com:{PASSWORD}".encode()).decode()


@pytest.mark.e2e
@pytest.mark.skipif(not available(), reason="there is no terraform: `make setup` brings one")
@pytest.mark.parametrize("kind", ["password", "token"])
def test_no_log_plan_state_or_argument_holds_a_credential(site: Site, kind: str) -> None:
    project = site.project
    if kind == "token":
        del project.variables["CLOUDSIGMA_USERNAME"], project.variables["CLOUDSIGMA_PASSWORD"]
        project.variables["CLOUDSIGMA_TOKEN"] = TOKEN
    project.write(
        'resource "cloudsigma_drive" "data" {\n'
        f'  name  = "data"\n  media = "disk"\n  size  = {GIB}\n}}\n'
    )
    log = project.directory / "trace.log"
    project.variables |= {"TF_LOG": "trace", "TF_LOG_PATH": str(log)}
    project.succeeds("plan", "-out=saved")
    running = project.start("apply", "saved")
    site.until_changes(1)
    arguments = [Path(f"/proc/{pid}/cmdline").read_bytes() for pid in plugins_of(running)]
    run = project.finish(running)

    with zipfile.ZipFile(project.directory / "saved") as plan:
        parts = [plan.read(name) for name in plan.namelist()]
    written = b"".join([
        *(log.read_bytes(), run.stdout.encode(), run.stderr.encode()),
        *((project.directory / "terraform.tfstate").read_bytes(), *parts, *arguments),
    ])  # fmt: skip
    assert run.exit == 0
    assert b"HTTP exchange" in written
    assert arguments
    assert b"Bearer" not in written
    assert not [secret for secret in (PASSWORD, TOKEN, BLOB) if secret.encode() in written]

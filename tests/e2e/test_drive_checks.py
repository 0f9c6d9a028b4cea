"""What the checks of a plan say through the real Terraform."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

NOBODY = "11111111-2222-3333-4444-555555555555"
REFUSED: dict[str, dict[str, Any]] = {
    "tags": {"tags": f'["{NOBODY}"]'},
    "clone_drive_id": {"clone_drive_id": f'"{NOBODY}"'},
    "storage_type": {"storage_type": '"floppynet"'},
    "size": {"size": 20_000_000_000_000},
    "iops": {"storage_type": '"zadara"', "iops": 9000},
}


def test_each_refusal_is_placed_on_the_attribute_that_it_is_about(workspace: Project) -> None:
    workspace.write(
        "".join(
            drive(**arguments).replace('"data" {', f'"{name}" {{', 1)
            for name, arguments in REFUSED.items()
        )
    )

    run = workspace.run("plan", "-json")

    assert run.exit == 1
    lines = [json.loads(line) for line in run.stdout.splitlines()]
    errors = [line["diagnostic"] for line in lines if line.get("@level") == "error"]
    assert {e["address"]: e["snippet"]["code"].split()[0] for e in errors} == {
        f"cloudsigma_drive.{name}": name for name in REFUSED
    }


def test_wrong_credentials_stop_a_plan(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_PASSWORD"] = "wrong"
    workspace.write(drive())

    words = workspace.fails("plan")

    assert "status 401" in words
    assert "Plan not checked" not in words

"""An API that turns hostile under the real Terraform: errors, and a state that stays as it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.test_drive_lifecycle import drive
from tests.faults.test_hostile import LIES, lying, said

if TYPE_CHECKING:
    from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


RETRYING_NOTHING = 'provider "cloudsigma" {\n  max_retries = 0\n}\n'


@pytest.fixture
def stored(workspace: Project) -> str:
    """The state of a drive that was made while the API was honest."""
    workspace.write(drive())
    workspace.apply()
    return (workspace.directory / "terraform.tfstate").read_text()


def unchanged(workspace: Project, stored: str) -> bool:
    return (workspace.directory / "terraform.tfstate").read_text() == stored


@pytest.mark.parametrize("lie", ["larger than 64 MiB", "nested beyond any stack", "another drive"])
def test_a_lie_is_an_error_and_removes_nothing(workspace: Project, stored: str, lie: str) -> None:
    with lying(lambda *_: said(LIES[lie])) as liar:
        workspace.write(RETRYING_NOTHING + drive())
        workspace.variables["CLOUDSIGMA_BASE_URL"] = liar.url
        words = workspace.fails("apply", "-auto-approve")

    assert "Unexpected error" not in words
    assert "did not respond" not in words
    assert unchanged(workspace, stored)
    assert {method for method, *_ in liar.asked} == {"GET"}


def test_credentials_do_not_follow_a_redirect(workspace: Project, stored: str) -> None:
    with (
        lying(lambda *_: said({})) as elsewhere,
        lying(lambda _, path: (307, {"Location": f"{elsewhere.url}{path}"}, b"")) as liar,
    ):
        workspace.variables["CLOUDSIGMA_BASE_URL"] = liar.url
        words = workspace.fails("apply", "-auto-approve")

    assert "must be the API's own address" in words
    assert elsewhere.asked == []
    assert unchanged(workspace, stored)

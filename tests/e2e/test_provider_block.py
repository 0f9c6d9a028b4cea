"""Credentials and addresses: what is missing or wrong is said, and no secret is ever shown."""

from __future__ import annotations

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import drive

pytestmark = pytest.mark.e2e

CREDENTIALS = ("CLOUDSIGMA_USERNAME", "CLOUDSIGMA_PASSWORD", "CLOUDSIGMA_TOKEN")


@pytest.fixture
def without_credentials(workspace: Project) -> Project:
    for name in CREDENTIALS:
        workspace.variables.pop(name, None)
    return workspace


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("", "Missing CloudSigma credentials"),
        ('username = "a@b.c"', '"password" must be set'),
        ('password = "p"', '"username" must be set'),
        ('username = "a@b.c"\npassword = "p"\ntoken = "t"', "Ambiguous CloudSigma credentials"),
        ('token = "t"\nbase_url = "ftp://x"', "base_url must start with https://"),
    ],
)
def test_a_wrong_provider_block_is_explained(
    without_credentials: Project, block: str, words: str
) -> None:
    base_url = without_credentials.variables.pop("CLOUDSIGMA_BASE_URL")
    given = block if "base_url" in block else f'base_url = "{base_url}"\n{block}'
    without_credentials.write(f'provider "cloudsigma" {{\n{given}\n}}\n' + drive())

    said = without_credentials.fails("plan").replace("Base_url", "base_url")

    assert words in said


def test_a_wrong_password_is_explained(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_PASSWORD"] = "wrong-password"
    workspace.write(drive())

    said = workspace.fails("apply", "-auto-approve")

    assert "status 401" in said
    assert "Check `username` and `password`" in said
    assert "wrong-password" not in said


def test_an_api_that_is_not_there_is_explained(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_BASE_URL"] = "http://127.0.0.1:1/api/2.0/"
    workspace.write('provider "cloudsigma" {\n  max_retries = 0\n}\n' + drive())

    said = workspace.fails("apply", "-auto-approve")

    assert "No connection could be made" in said
    assert "Check `base_url`" in said


def test_a_token_is_enough(without_credentials: Project, cloud: Cloud) -> None:
    without_credentials.variables["CLOUDSIGMA_TOKEN"] = "demo-token"
    without_credentials.write(drive())

    without_credentials.apply()

    assert len(cloud.drives()) == 1


def test_the_debug_log_has_our_lines_and_no_secret(workspace: Project) -> None:
    workspace.variables["TF_LOG"] = "trace"
    workspace.write(drive())

    run = workspace.apply()

    assert "[DEBUG] provider.terraform-provider-cloudsigma" in run.stderr
    assert "HTTP exchange" in run.stderr
    assert "tf_rpc=ApplyResourceChange" in run.stderr
    ours = [line for line in run.stderr.splitlines() if "provider.terraform-provider" in line]
    assert not [line for line in ours if "demo-password" in line]
    assert "Basic " not in run.stderr


def test_a_provider_block_that_is_not_known_yet_waits(workspace: Project, cloud: Cloud) -> None:
    base_url = workspace.variables.pop("CLOUDSIGMA_BASE_URL")
    workspace.write(
        f"""
resource "terraform_data" "url" {{
  input = "{base_url}"
}}
provider "cloudsigma" {{
  base_url = terraform_data.url.output
}}
"""
        + drive()
    )

    workspace.apply()

    assert len(cloud.drives()) == 1

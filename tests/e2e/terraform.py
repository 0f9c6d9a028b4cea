"""Runs the real Terraform in a directory of its own and reads what it says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

import pytest

from tools.workspace import Run, Workspace

if TYPE_CHECKING:
    from pathlib import Path

REQUIREMENT = """\
terraform {
  required_providers {
    cloudsigma = {
      source = "terraform.local/cloudsigma/cloudsigma"
    }
  }
}
"""


class Project(Workspace):
    """An initialized directory: the verbs of Terraform, with the success of each asserted."""

    def write(self, hcl: str, name: str = "main.tf") -> Path:
        """Replace one file of the configuration."""
        path = self.directory / name
        path.write_text(hcl)
        return path

    def succeeds(self, *arguments: str) -> Run:
        """The outcome of a command that has to end with exit code 0."""
        run = self.run(*arguments)
        assert run.exit == 0, said(run)
        return run

    def fails(self, *arguments: str) -> str:
        """What a command says that has to end with exit code 1, as one line."""
        run = self.run(*arguments)
        assert run.exit == 1, said(run)
        return said(run)

    def requires(self, *version: int) -> None:
        """Skip the test with a Terraform older than the feature it is about."""
        present = self.json("version", "-json")["terraform_version"]
        if tuple(map(int, present.split(".")[:2])) < version:
            pytest.skip(f"Terraform {present} has no such feature")

    def init(self, *arguments: str) -> Run:
        return self.succeeds("init", *arguments)

    def validate(self, *arguments: str) -> Run:
        return self.succeeds("validate", *arguments)

    def apply(self, *arguments: str) -> Run:
        return self.succeeds("apply", "-auto-approve", *arguments)

    def destroy(self, *arguments: str) -> Run:
        return self.succeeds("destroy", "-auto-approve", *arguments)

    def plan(self, *arguments: str) -> dict[str, Any]:
        """The plan in Terraform's JSON form."""
        self.succeeds("plan", "-out=tfplan", *arguments)
        return self.json("show", "-json", "tfplan")

    def actions(self, *arguments: str) -> dict[str, list[str]]:
        """What a plan would do to each address, for example `["delete", "create"]`."""
        changes = self.plan(*arguments).get("resource_changes", [])
        return {change["address"]: change["change"]["actions"] for change in changes}

    def plan_is_empty(self, *arguments: str) -> bool:
        """Whether a plan finds nothing to do."""
        run = self.run("plan", "-detailed-exitcode", *arguments)
        assert run.exit in {0, 2}, said(run)
        return run.exit == 0

    def state(self) -> dict[str, dict[str, Any]]:
        """The attributes of each managed resource in the state, by address."""
        root = self.json("show", "-json").get("values", {}).get("root_module", {})
        return {
            resource["address"]: resource["values"]
            for resource in root.get("resources", [])
            if resource["mode"] == "managed"
        }

    def json(self, *arguments: str) -> dict[str, Any]:
        """The JSON document a command prints."""
        document: dict[str, Any] = json.loads(self.succeeds(*arguments).stdout)
        return document


def said(run: Run) -> str:
    """All a command wrote, on one line: without frames, and without the breaks that fit it
    to a terminal."""
    return re.sub(r"[\s│╷╵]+", " ", run.stdout + run.stderr).strip()

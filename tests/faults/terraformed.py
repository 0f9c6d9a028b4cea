"""The real Terraform in the place of `Core`: one resource in a directory of its own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, TypeVar

from tests.e2e.attached import Attached
from tests.e2e.terraform import REQUIREMENT, Project, said
from tests.faults.configuration import resource
from tests.faults.core import Told
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

    from tests.faults.operations import Operation

P = TypeVar("P", bound=Project)
LABEL = "it"
SILENCE = "silence"


class Hurrying(Attached):
    """A project whose plugin does not wait in earnest; the rest of it is the real one."""

    program = ("-m", "tests.faults.hurried")


class Terraformed:
    """One resource instance in the state of a real Terraform."""

    def __init__(self, project: Project, operation: Operation, silence: float = 10.0) -> None:
        self.project, self.operation = project, operation
        self.states = project.directory / "terraform.tfstate"
        (project.directory / SILENCE).write_text(str(silence))
        for path in project.directory.glob("terraform.tfstate*"):
            path.unlink()
        for path in (project.directory / ".terraform").glob("cloudsigma-creates/*"):
            path.unlink()

    def apply(self, arguments: Mapping[str, Any] | None) -> Told:
        """`terraform apply`; without arguments, of a configuration without the resource."""
        self.write(arguments)
        run = self.project.run("apply", "-auto-approve")
        return Told((said(run),) if run.exit else (), ())

    def start(self, arguments: Mapping[str, Any] | None) -> subprocess.Popen[str]:
        """A running `terraform apply`."""
        self.write(arguments)
        return self.project.start("apply", "-auto-approve")

    def changes(self, arguments: Mapping[str, Any] | None) -> bool:
        """Whether `terraform plan` finds something to do."""
        self.write(arguments)
        return not self.project.plan_is_empty()

    def untaint(self) -> None:
        """`terraform untaint`, where there is something to untaint."""
        if self._instance.get("status") == "tainted":
            self.project.succeeds("untaint", f"{self.operation.type_name}.{LABEL}")

    @property
    def state(self) -> dict[str, Any] | None:
        """What the state knows of the object."""
        found: dict[str, Any] | None = self._instance.get("attributes")
        return found

    @property
    def _instance(self) -> dict[str, Any]:
        if not self.states.exists():
            return {}
        resources = json.loads(self.states.read_text())["resources"]
        instances = [instance for held in resources for instance in held["instances"]]
        found: dict[str, Any] = instances[0] if instances else {}
        return found

    def write(self, arguments: Mapping[str, Any] | None) -> None:
        """Replace the configuration."""
        held = arguments is not None
        text = resource(self.operation.type_name, LABEL, arguments or {}) if held else ""
        self.project.write(text)


def prepared(kind: type[P], directory: Path, url: str) -> P:
    """An initialized directory for an account; the first directory for a mirror builds that."""
    variables = {
        "CLOUDSIGMA_BASE_URL": url,
        "CLOUDSIGMA_USERNAME": "demo@example.com",
        "CLOUDSIGMA_PASSWORD": "demo-password",
    }
    project = kind(directory, available()[0], mirror.MIRROR, variables)
    project.write(REQUIREMENT, "terraform.tf")
    (directory / ".terraform").mkdir(exist_ok=True)
    return project

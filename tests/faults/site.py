"""A project and the account it manages, in processes that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project


class Service:
    """The simulator as a process that can be killed, and that forgets nothing."""

    def __init__(self, database: Path) -> None:
        self._database = database
        self.url = ""
        self.start()

    def start(self) -> None:
        port = self.url.split(":")[2].split("/")[0] if self.url else "0"
        command = [sys.executable, "-m", "simulator", "--clock", "seconds:0.6", "--port", port]
        self._process = subprocess.Popen(
            [*command, "--db", str(self._database)], stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def kill(self) -> None:
        self._process.kill()
        self._process.communicate()


class Site(NamedTuple):
    """A project, the account it manages, and the service behind that."""

    project: Project
    cloud: Cloud
    service: Service

    def until_changes(self, number: int) -> None:
        """Return once the account has seen so many changes."""
        while len(self.changes()) < number:
            time.sleep(0.005)

    def changes(self) -> list[str]:
        return [r["path"] for r in self.cloud.requests() if r["method"] != "GET"]

    def managed(self) -> dict[str, str]:
        """The UUIDs in the state."""
        state = json.loads((self.project.directory / "terraform.tfstate").read_text())
        return {
            f"{resource['name']}{instance.get('index_key', '')}": instance["attributes"]["uuid"]
            for resource in state["resources"]
            for instance in resource["instances"]
        }


def plugins_of(terraform: subprocess.Popen[str]) -> list[int]:
    """The plugins that a running Terraform has started, the latest last."""
    children = Path(f"/proc/{terraform.pid}/task").glob("*/children")
    return sorted(int(pid) for path in children for pid in path.read_text().split())

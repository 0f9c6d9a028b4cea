"""A project and the account it manages, in processes that can be killed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from simulator.http import Record
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project

if TYPE_CHECKING:
    from collections.abc import Sequence


class Account(Protocol):
    """A simulator, in this process or in one of its own."""

    @property
    def url(self) -> str:
        """The API's base URL."""

    @property
    def requests(self) -> Sequence[Record]:
        """The API requests received so far."""

    def clear_requests(self) -> None:
        """Forget the requests received so far."""

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        """Call the control surface: GET without a body, POST with one."""


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

    @property
    def requests(self) -> list[Record]:
        return [Record(**kept) for kept in self.control("requests")["requests"]]

    def clear_requests(self) -> None:
        self.control("requests", method="DELETE")

    def control(self, path: str, body: Any = None, method: str = "") -> Any:
        verb = method or ("GET" if body is None else "POST")
        return Cloud(self).call(verb, f"_control/{path}", body)


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


def restore_state(project: Project) -> bool:
    """Take Terraform's own backup for a state file that it gave up while writing it."""
    state = project.directory / "terraform.tfstate"
    if not state.exists() or state.read_text().endswith("}\n"):
        return False
    backup = state.with_name("terraform.tfstate.backup")
    if backup.exists():
        state.write_text(backup.read_text())
    else:
        state.unlink()
    return True


def plugins_of(terraform: subprocess.Popen[str]) -> list[int]:
    """The plugins that a running Terraform has started, the latest last."""
    children = Path(f"/proc/{terraform.pid}/task").glob("*/children")
    return sorted(int(pid) for path in children for pid in path.read_text().split())

"""The real Terraform, cut short while it creates, clones, updates, grows, replaces and deletes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.e2e.cloud import Cloud
from tests.e2e.terraform import REQUIREMENT, Project
from tests.faults.operations import GIB, SOURCE
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(not available(), reason="there is no terraform: `make setup` brings one"),
]


def drive(label: str, **arguments: object) -> str:
    values = {"name": f'"{label}"', "media": '"disk"', "size": GIB} | arguments
    body = "".join(f"  {name} = {value}\n" for name, value in values.items())
    return f'resource "cloudsigma_drive" "{label}" {{\n{body}}}\n'


BEFORE = (
    drive("edited"), drive("grown"), drive("replaced", storage_type='"dssd"'), drive("ended")
)  # fmt: skip
AFTER = (
    drive("edited", meta='{ purpose = "more" }'),
    drive("grown", size=2 * GIB),
    drive("replaced", storage_type='"zadara"'),
    drive("twin", count=2),
    drive("copy", clone_drive_id=f'"{SOURCE}"'),
)
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
KEPT = {"edited", "grown"}
CHANGES = 7  # two creates, a clone, an edit, a growth, and two deletions


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


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    service = Service(tmp_path / "account.db")
    cloud = Cloud(service)
    mirror.build()
    variables = {
        "CLOUDSIGMA_BASE_URL": service.url,
        "CLOUDSIGMA_USERNAME": "demo@example.com",
        "CLOUDSIGMA_PASSWORD": "demo-password",
    }
    project = Project(tmp_path / "project", available()[0], mirror.MIRROR, variables)
    project.write(REQUIREMENT, "terraform.tf")
    project.init()
    project.write("".join(BEFORE))
    project.apply()
    cloud.make_drive(uuid=SOURCE, name="golden")
    cloud.forget_requests()
    yield Site(project, cloud, service)
    service.kill()


def plugin_of(terraform: subprocess.Popen[str]) -> int:
    """The plugin that a running Terraform has started last."""
    children = Path(f"/proc/{terraform.pid}/task").glob("*/children")
    return max(int(pid) for path in children for pid in path.read_text().split())


def interrupt(site: Site, running: subprocess.Popen[str]) -> None:
    """One SIGINT to Terraform."""
    os.kill(running.pid, signal.SIGINT)


def interrupt_group(site: Site, running: subprocess.Popen[str]) -> None:
    """One SIGINT to the process group, as Ctrl-C does."""
    os.killpg(running.pid, signal.SIGINT)


def interrupt_twice(site: Site, running: subprocess.Popen[str]) -> None:
    """Two SIGINTs to the process group."""
    os.killpg(running.pid, signal.SIGINT)
    time.sleep(0.1)
    os.killpg(running.pid, signal.SIGINT)


def terminate(site: Site, running: subprocess.Popen[str]) -> None:
    """SIGTERM to Terraform."""
    os.kill(running.pid, signal.SIGTERM)


def kill_terraform(site: Site, running: subprocess.Popen[str]) -> None:
    """SIGKILL to Terraform."""
    os.kill(running.pid, signal.SIGKILL)


def kill_plugin(site: Site, running: subprocess.Popen[str]) -> None:
    """SIGKILL to the plugin, after the answers to its POSTs."""
    os.kill(plugin_of(running), signal.SIGKILL)


def kill_both(site: Site, running: subprocess.Popen[str]) -> None:
    """SIGKILL to Terraform and the plugin."""
    os.killpg(running.pid, signal.SIGKILL)


def kill_service(site: Site, running: subprocess.Popen[str]) -> None:
    """SIGKILL to the simulator, which then starts again with what it had stored."""
    site.service.kill()
    site.service.start()


CUTS = (interrupt_group, kill_plugin, kill_service)
SLOW = (interrupt, interrupt_twice, terminate, kill_terraform, kill_both)


def test_the_document_names_every_cut() -> None:
    documented = DOCUMENT.read_text(encoding="utf-8").partition("<!-- cuts -->\n")[2]

    assert documented.startswith("".join(f"- {cut.__doc__}\n" for cut in CUTS + SLOW) + "\n")


@pytest.mark.parametrize(
    "cut",
    [*CUTS, *(pytest.param(cut, marks=pytest.mark.slow) for cut in SLOW)],
    ids=lambda cut: cut.__name__,
)
def test_the_next_apply_finishes_what_was_cut_short(
    site: Site, cut: Callable[[Site, subprocess.Popen[str]], None]
) -> None:
    first = site.managed()
    before = {name: first[name] for name in KEPT}
    ended = set(first.values()) - set(before.values())
    site.project.write("".join(AFTER))
    running = site.project.start("apply", "-auto-approve")
    site.until_changes(CHANGES - 1)

    cut(site, running)

    site.project.finish(running)
    site.project.apply()
    managed = site.managed()
    assert site.cloud.uuids() - {SOURCE} == set(managed.values())
    assert len(set(managed.values())) == len(managed) == 6
    assert {name: managed[name] for name in KEPT} == before
    assert {path.split("/")[4] for path in site.cloud.sent("DELETE")} <= ended
    made = [p for p in site.cloud.sent("POST") if p.endswith("drives/") or "do=clone" in p]
    assert len(made) <= 4
    assert site.project.plan_is_empty()

"""The real Terraform, cut short while it creates, clones, updates, grows, replaces and deletes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.faults.operations import GIB, SOURCE
from tests.faults.site import Site, plugins_of
from tools.terraform import available

if TYPE_CHECKING:
    from collections.abc import Callable


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


@pytest.fixture
def begun(site: Site) -> Site:
    """The configuration before the cut, applied, and a drive to clone."""
    site.project.write("".join(BEFORE))
    site.project.apply()
    site.cloud.make_drive(uuid=SOURCE, name="golden")
    site.cloud.forget_requests()
    return site


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
    os.kill(plugins_of(running)[-1], signal.SIGKILL)


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
    begun: Site, cut: Callable[[Site, subprocess.Popen[str]], None]
) -> None:
    site, first = begun, begun.managed()
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


def test_an_interrupted_create_is_kept_untainted_and_waited_for_next_time(site: Site) -> None:
    site.project.write(drive("data"))
    running = site.project.start("apply", "-auto-approve")
    site.until_changes(1)

    interrupt_group(site, running)

    run = site.project.finish(running)
    stored = json.loads((site.project.directory / "terraform.tfstate").read_text())
    (instance,) = stored["resources"][0]["instances"]
    assert instance["attributes"]["status"] == "creating"
    assert "status" not in instance  # where Terraform notes that an object is tainted
    assert "Interrupted before it was ready" in run.stdout + run.stderr
    site.project.apply()
    assert site.cloud.uuids() == {instance["attributes"]["uuid"]}
    assert len(site.cloud.sent("POST")) == 1
    assert site.project.plan_is_empty()

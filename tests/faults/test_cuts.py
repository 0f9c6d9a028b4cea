"""The real Terraform, cut short while it creates, clones, updates, grows, replaces and deletes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.faults import tables
from tests.faults.cuts import CUTS, DELAYS, Cut, cell, words
from tests.faults.operations import GIB, OPERATIONS, SOURCE
from tests.faults.site import Site, restore_state
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


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


AT_ONCE = (Cut.interrupt_group, Cut.kill_plugin, Cut.kill_service)
SAMPLE = (
    (Cut.interrupt_twice, "create"),
    (Cut.kill_terraform, "create with tags and meta"),
    (Cut.kill_plugin, "rds create"),
    (Cut.terminate, "rds delete"),
)


@pytest.mark.parametrize(
    "cut",
    [
        *AT_ONCE,
        *(pytest.param(cut, marks=pytest.mark.slow) for cut in CUTS if cut not in AT_ONCE),
    ],
    ids=lambda cut: cut.__name__,
)
def test_the_next_apply_finishes_what_was_cut_short(
    begun: Site, cut: Callable[[Cut], None]
) -> None:
    site, first = begun, begun.managed()
    before = {name: first[name] for name in KEPT}
    ended = set(first.values()) - set(before.values())
    site.project.write("".join(AFTER))
    running = site.project.start("apply", "-auto-approve")
    site.until_changes(CHANGES - 1)

    cut(Cut(site.service, running))

    site.project.finish(running)
    restore_state(site.project)
    site.project.apply()
    managed = site.managed()
    assert site.cloud.uuids() - {SOURCE} == set(managed.values())
    assert len(set(managed.values())) == len(managed) == 6
    assert {name: managed[name] for name in KEPT} == before
    assert {path.split("/")[4] for path in site.cloud.sent("DELETE")} <= ended
    # A request whose body a killed plugin never sent has no answer, and no effect.
    made = [r["path"] for r in site.cloud.requests() if r["method"] == "POST" and r["status"]]
    assert len([p for p in made if p.endswith("drives/") or "do=clone" in p]) <= 4
    assert site.project.plan_is_empty()


def test_an_interrupted_create_is_kept_untainted_and_waited_for_next_time(site: Site) -> None:
    site.project.write(drive("data"))
    running = site.project.start("apply", "-auto-approve")
    site.until_changes(1)

    Cut(site.service, running).interrupt_group()

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


@pytest.mark.parametrize(
    ("row", "name"),
    [*((words(cut), name) for cut, name in SAMPLE), *((row, "rds update") for row in DELAYS)],
)
def test_a_cell_of_the_table_is_what_happens(tmp_path: Path, row: str, name: str) -> None:
    mirror.build()
    (operation,) = [operation for operation in OPERATIONS if operation.name == name]

    with tables.in_earnest(tmp_path) as place:
        runs = cell(place, row, operation)

    assert sum(runs) >= 1

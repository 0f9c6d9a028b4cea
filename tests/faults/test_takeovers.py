"""Which objects a create takes over, seen from what a killed or an interrupted one has left."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from provider import journal
from tests.e2e.cloud import Cloud
from tests.faults.core import Core
from tests.faults.hurry import Clock, Hasty
from tests.faults.matrix import Trial
from tests.faults.operations import OPERATIONS, RDS, SOURCE, USERS, Operation
from tests.faults.test_exactly_one import TAG_CREATE, tags, unheard

if TYPE_CHECKING:
    from simulator import Simulator

ROOT = Path(__file__).parents[2]
CREATE, CLONE = (o for o in OPERATIONS if o.name in {"create", "clone"})
RDS_CREATE = Operation("rds create", None, {**USERS, "amount": 5}, RDS)


def named(operation: Operation) -> str:
    return operation.name


def entries(data_directory: Path) -> list[Path]:
    """The creates that Terraform may not have heard of."""
    folder = data_directory / journal.FOLDER
    return sorted(folder.iterdir()) if folder.exists() else []


@pytest.fixture
def answers_travel_long(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is settled by time during a test."""
    monkeypatch.setattr(journal, "ANSWER_TRAVELS", 3600.0)


@pytest.mark.parametrize("operation", [CREATE, CLONE], ids=named)
def test_a_drive_that_appears_at_the_second_look_is_taken_over(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    unheard(trial)
    ((lost, left),) = trial.drives().items()
    simulator.control(f"drives/{lost}", {"status": "gone"})
    kept = {key: left[key] for key in ("uuid", "name", "size", "media", "storage_type", "meta")}
    pauses: list[int] = []

    def at_pause(number: int) -> None:
        pauses.append(number)
        if len(pauses) == 1:  # the request of the process that was killed arrives
            simulator.control("drives", kept)

    trial.clock.at_pause = at_pause
    simulator.clear_requests()

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == lost
    assert set(trial.drives()) == {lost}
    assert [r.path for r in simulator.requests if r.method == "POST"] == []
    trial.is_sound()


@pytest.mark.parametrize("operation", [CREATE, CLONE, TAG_CREATE], ids=named)
def test_what_a_state_file_has_is_not_shared_with_a_twin(
    simulator: Simulator,
    operation: Operation,
    data_directory: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(data_directory)
    trial = Trial(simulator, operation)
    trial.core.awaited = False  # killed before it could tell that the answer has arrived
    assert trial.run().errors == ()
    assert trial.core.state is not None
    Path("terraform.tfstate").write_text(json.dumps(trial.core.state))
    assert len(entries(data_directory)) == 1
    twin = Core(Hasty(simulator.url, Clock()), operation.type_name)

    told = twin.apply(operation.after)  # before anything has been refreshed

    assert told.errors == ()
    assert twin.state is not None
    assert twin.state["uuid"] != trial.core.state["uuid"]


@pytest.mark.parametrize("operation", [CREATE, CLONE, RDS_CREATE, TAG_CREATE], ids=named)
def test_what_terraform_has_heard_of_leaves_no_entry(
    simulator: Simulator, operation: Operation, data_directory: Path
) -> None:
    trial = Trial(simulator, operation)

    assert trial.run().errors == ()

    assert (data_directory / journal.FOLDER).is_dir()
    assert entries(data_directory) == []


@pytest.mark.parametrize("backend", ["local", "remote"])
def test_twins_of_a_tag_are_two(simulator: Simulator, data_directory: Path, backend: str) -> None:
    if backend == "remote":
        (data_directory / "terraform.tfstate").write_text("{}")
    trial = Trial(simulator, TAG_CREATE)
    twin = Core(Hasty(simulator.url, Clock()), TAG_CREATE.type_name)

    assert (trial.run().errors, twin.apply(TAG_CREATE.after).errors) == ((), ())

    assert trial.core.state is not None
    assert twin.state is not None
    assert tags(simulator) == {trial.core.state["uuid"], twin.state["uuid"]}
    assert len(tags(simulator)) == 2


def test_a_record_of_somebody_else_is_not_mistaken_for_a_lost_one(simulator: Simulator) -> None:
    trial = Trial(simulator, RDS_CREATE)
    simulator.control(
        "faults", [{"fault": "reset_before", "method": "POST", "path": "driveusers/"}]
    )
    theirs = {"drive": SOURCE, "amount": 7}
    made: list[Any] = []

    def at_pause(_: int) -> None:
        if not made:
            made.append(Cloud(simulator).call("POST", "driveusers/", theirs))

    trial.clock.at_pause = at_pause

    told = trial.run()

    assert made
    assert len(told.errors) == 1
    assert trial.core.state is None
    assert [record["amount"] for record in trial.held().values()] == [7]


@pytest.mark.usefixtures("answers_travel_long")
@pytest.mark.parametrize(
    ("backend", "left"), [("local", 1), ("remote", 0)], ids=["local", "remote"]
)
@pytest.mark.parametrize("operation", [CREATE, CLONE], ids=named)
def test_an_interrupted_create_outlives_a_goodbye_where_states_are_files(
    simulator: Simulator, operation: Operation, data_directory: Path, backend: str, left: int
) -> None:
    if backend == "remote":
        (data_directory / "terraform.tfstate").write_text("{}")
    trial = Trial(simulator, operation)
    trial.clock.at_pause = lambda _: trial.core.host.stop()

    assert trial.run().errors == ()  # and Terraform, interrupted again, says goodbye at once

    assert len(entries(data_directory)) == left


def test_what_a_killed_terraform_was_told_is_left_to_be_found(tmp_path: Path) -> None:
    plugin = (
        "import os, pathlib, sys, time\n"
        "from provider import journal\n"
        "journal.ANSWER_TRAVELS = 3600.0\n"  # nothing is settled by time
        "entry = journal.begin('alike', pathlib.Path(sys.argv[1]))\n"
        "entry.settle_once_answered()\n"
        "print(entry.token, file=sys.stderr, flush=True)\n"
        "while os.getppid() == journal.PARENT:\n"
        "    time.sleep(0.001)\n"
        "journal.settle_answered()\n"
        "print('settled', flush=True)\n"
    )
    terraform = (
        "import os, signal, subprocess, sys\n"
        "plugin = subprocess.Popen([sys.executable, *sys.argv[1:]], stderr=subprocess.PIPE)\n"
        "print(plugin.stderr.readline().decode().strip(), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    folder = tmp_path / journal.FOLDER
    killed = subprocess.run(
        [sys.executable, "-c", terraform, "-c", plugin, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60.0,
    )
    token, settled = killed.stdout.split()

    assert (killed.returncode, settled) == (-signal.SIGKILL, "settled")
    heir = journal.begin("alike", folder)
    assert (heir.token, heir.inherited) == (token, True)
    heir.settle()

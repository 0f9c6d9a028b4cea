"""Terraform asks to stop at every moment an operation waits; its time is over; a refresh fails."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.matrix import Trial
from tests.faults.operations import DRIVE, FULL, GIB, OPERATIONS, RDS, SOURCE, Operation

if TYPE_CHECKING:
    from simulator import Simulator

CREATES = [
    operation for operation in OPERATIONS if not operation.before and operation.type_name != RDS
]


def named(operation: Operation) -> str:
    return operation.name


@pytest.mark.parametrize("method", ["POST", "PUT", "GET", "DELETE"])
@pytest.mark.parametrize("fault", ["reset_after", "503_concurrency"])
@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_a_stop_at_any_pause_is_finished_by_the_next_apply(
    simulator: Simulator, operation: Operation, fault: str, method: str
) -> None:
    for number in count():
        trial = Trial(simulator, operation)
        simulator.control("faults", [{"fault": fault, "method": method}])
        stopped = stop_at(trial, number)
        told = trial.run()
        trial.heal()
        if not stopped:
            break  # the operation has no more pauses to stop at

        assert not trial.core.tainted
        assert told.errors or told.warnings
        assert trial.run().errors == ()
        trial.is_sound()


def stop_at(trial: Trial, number: int) -> list[int]:
    """Have Terraform ask to stop at one of the pauses from here on; holds it when it did."""
    stopped: list[int] = []
    pauses = count()

    def at_pause(_: int) -> None:
        if next(pauses) == number:
            stopped.append(number)
            trial.core.host.stop()

    trial.clock.at_pause = at_pause
    return stopped


@pytest.mark.parametrize("operation", CREATES, ids=named)
def test_an_interrupted_create_is_kept_untainted_with_a_warning(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    trial.clock.at_pause = lambda _: trial.core.host.stop()

    told = trial.run()

    (made,) = trial.drives()
    assert told.errors == ()
    assert "The next apply waits for it and finishes it." in told.warnings[0]
    assert trial.core.state is not None
    assert trial.core.state["uuid"] == made
    assert trial.core.state["status"] in {"creating", "cloning_dst"}
    assert not trial.core.tainted


@pytest.mark.parametrize("operation", CREATES, ids=named)
def test_an_interrupted_create_that_the_api_does_not_show_yet_is_waited_for(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    trial.clock.at_pause = lambda _: trial.core.host.stop()
    simulator.control("faults", [{"fault": "eventual", "method": "POST", "reads": 5}])
    trial.run()
    trial.clock.at_pause = lambda _: None
    simulator.control("faults", [{"fault": "502", "path": "^drives/.*uuid=", "times": 1}])

    assert trial.run().errors == ()

    (made,) = trial.drives()
    assert trial.core.state is not None
    assert trial.core.state["uuid"] == made
    assert sum(request.status == 404 for request in simulator.requests) == 5
    trial.heal()
    trial.is_sound()


def test_an_interrupted_create_that_somebody_deleted_is_made_again(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])
    trial.clock.at_pause = lambda _: trial.core.host.stop()
    trial.run()
    trial.clock.at_pause = lambda _: None
    (gone,) = trial.drives()
    simulator.control(f"drives/{gone}", {"status": "gone"})

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] != gone
    assert set(trial.drives()) == {trial.core.state["uuid"]}


@pytest.mark.parametrize("operation", CREATES, ids=named)
def test_a_create_out_of_time_keeps_the_drive_and_says_how_to_go_on(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    simulator.control("faults", [{"fault": "stuck", "method": "POST"}])

    told = trial.run()

    (made,) = trial.drives()
    assert trial.core.state is not None
    assert trial.core.state["uuid"] == made
    assert "The object still exists and is kept in the state." in told.errors[0]
    assert "terraform untaint" in told.errors[0]
    assert f'"{trial.drives()[made]["name"]}" ({made}) exists' in told.warnings[0]
    trial.heal()
    assert trial.goes_on().errors == ()
    trial.is_sound()


def test_a_tainted_drive_that_nobody_unties_is_replaced(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])
    simulator.control("faults", [{"fault": "403", "method": "GET", "path": "^drives/", "skip": 1}])
    assert trial.run().errors
    (first,) = trial.drives()

    assert trial.run().errors == ()

    (second,) = trial.drives()
    assert second != first


@pytest.mark.parametrize(
    "fault", ["403", "500", "502", "503_capacity", "504", "html", "empty", "truncate", "slow"]
)
def test_a_refresh_that_fails_removes_nothing(simulator: Simulator, fault: str) -> None:
    trial = Trial(simulator, Operation("refresh", FULL, FULL), silence=0.1)
    state = trial.core.state
    rule: dict[str, Any] = {"fault": fault, "method": "GET", "times": None, "seconds": 0.2}
    simulator.control("faults", [rule])

    told = trial.run()

    assert len(told.errors) == 1
    assert trial.core.state == state
    trial.heal()
    trial.is_sound()


def test_a_half_done_update_leaves_what_the_drive_has(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("grow", DRIVE, {**DRIVE, "size": 2 * GIB}))
    simulator.control("faults", [{"fault": "stuck", "method": "POST"}])

    told = trial.run()

    assert told.errors
    assert trial.core.state is not None
    assert (trial.core.state["size"], trial.core.state["status"]) == (DRIVE["size"], "resizing")
    assert not trial.core.tainted
    trial.heal()
    assert trial.goes_on().errors == ()
    trial.is_sound()


def test_a_clone_bears_its_token_only_until_it_is_ready(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("clone", None, {**DRIVE, "clone_drive_id": SOURCE}))
    names: list[str] = []
    trial.clock.at_pause = lambda _: names.extend(d["name"] for d in trial.drives().values())

    trial.run()

    assert {name.split(" (")[0] for name in names} == {"data"}
    assert all(name.startswith("data (terraform ") for name in names)
    assert [drive["name"] for drive in trial.drives().values()] == ["data"]

"""What the state holds after a failure, and what is left to do: read from it, not refreshed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.e2e.cloud import Cloud
from tests.faults.matrix import Trial
from tests.faults.operations import DRIVE, FULL, GIB, OPERATIONS, SOURCE, Operation

if TYPE_CHECKING:
    from simulator import Simulator

CREATE = Operation("create", None, DRIVE)
CLONE = Operation("clone", None, {**FULL, "clone_drive_id": SOURCE})
RENAME = Operation("rename", DRIVE, {**DRIVE, "name": "renamed"})
STUCK = {"fault": "stuck", "method": "POST"}


def stored(trial: Trial, *names: str) -> tuple[Any, ...]:
    """Some attributes as the state has them."""
    assert trial.core.state is not None
    return tuple(trial.core.state[name] for name in names)


def interrupted(trial: Trial) -> str:
    """The drive of a create that Terraform asked to stop."""
    trial.clock.at_pause = lambda _: trial.core.host.stop()
    assert trial.run().errors == ()
    trial.clock.at_pause = lambda _: None
    (uuid,) = trial.drives()
    return uuid


def test_a_growth_out_of_time_leaves_the_new_name_and_the_old_size(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("grow", DRIVE, {**DRIVE, "name": "more", "size": 2 * GIB}))
    simulator.control("faults", [STUCK])

    assert trial.run().errors != ()

    assert stored(trial, "name", "size", "status") == ("more", GIB, "resizing")


def test_a_drive_that_is_created_otherwise_leaves_its_actual_size(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("create", None, {**DRIVE, "size": 4 * GIB}))
    sizes = iter([2 * GIB, 3 * GIB])  # as created, and after the change to what was asked for

    def at_pause(_: int) -> None:
        for uuid in trial.drives():
            simulator.control(f"drives/{uuid}", {"size": next(sizes), "status": "unmounted"})

    trial.clock.at_pause = at_pause

    (error,) = trial.run().errors

    assert f"`size`: asked {4 * GIB}, has {3 * GIB}" in error
    assert stored(trial, "size", "status") == (3 * GIB, "unmounted")
    assert [r.method for r in simulator.requests if r.method in {"POST", "PUT"}] == ["POST", "PUT"]


def test_a_clone_that_cannot_be_finished_is_known_to_be_ready(simulator: Simulator) -> None:
    trial = Trial(simulator, CLONE)
    simulator.control("faults", [{"fault": "403", "method": "PUT"}])

    assert trial.run().errors != ()

    assert stored(trial, "status", "tags_all") == ("unmounted", [])
    trial.heal()
    assert trial.goes_on().errors == ()
    trial.is_sound()


def test_a_drive_that_is_being_cloned_is_renamed_afterwards(simulator: Simulator) -> None:
    trial = Trial(simulator, RENAME)
    (uuid,) = trial.first
    simulator.control("clock", {"clock": "seconds:3600"})
    Cloud(simulator).call("POST", f"drives/{uuid}/action/?do=clone", {"name": "copy"})
    pauses: list[list[str]] = []

    def at_pause(_: int) -> None:
        pauses.append([request.method for request in simulator.requests])
        if len(pauses) == 3:
            simulator.control(f"drives/{uuid}", {"status": "unmounted"})

    trial.clock.at_pause = at_pause

    assert trial.run().errors == ()

    assert len(pauses) == 3
    assert all("PUT" not in methods for methods in pauses)
    assert [r.status for r in simulator.requests if r.method == "PUT"] == [200]
    assert trial.drives()[uuid]["name"] == "renamed"


@pytest.mark.parametrize(
    "operation",
    [operation for operation in OPERATIONS if operation.name in {"create", "clone"}],
    ids=lambda operation: operation.name,
)
def test_a_create_out_of_time_that_is_untainted_is_planned_to_be_finished(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    simulator.control("faults", [STUCK])
    assert trial.run().errors != ()
    assert trial.core.tainted
    (made,) = trial.drives()

    trial.core.untaint()

    assert trial.core.changes(operation.after)
    trial.free()
    assert trial.run().errors == ()
    assert set(trial.drives()) == {made}
    trial.is_sound()


def test_an_interrupted_create_that_is_ready_by_now_leaves_nothing_to_do(
    simulator: Simulator,
) -> None:
    trial = Trial(simulator, CREATE)
    uuid = interrupted(trial)
    assert stored(trial, "status") == ("creating",)

    simulator.control(f"drives/{uuid}", {"status": "unmounted"})

    assert not trial.core.changes(CREATE.after)


def test_an_interrupted_create_that_is_not_ready_is_planned_to_be_finished(
    simulator: Simulator,
) -> None:
    trial = Trial(simulator, CREATE)
    simulator.control("faults", [STUCK])
    interrupted(trial)

    assert trial.core.changes(CREATE.after)

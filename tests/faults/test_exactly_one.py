"""A create whose answer nobody received ends in exactly one drive, known to exactly one state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from provider import journal
from provider.adoption import TOKEN_KEY, token_of
from tests.e2e.cloud import Cloud
from tests.faults.core import Core
from tests.faults.hurry import Clock, Hasty
from tests.faults.matrix import Trial
from tests.faults.operations import DRIVE, FULL, GIB, OPERATIONS, RDS, SOURCE, USERS, Operation

if TYPE_CHECKING:
    from pathlib import Path

    from simulator import Simulator

CREATES = [
    operation for operation in OPERATIONS if not operation.before and operation.type_name != RDS
]
NAMES = ["../../x?y", "a,b", "back\\,slash\\", "name (terraform 1)", "é & ü=%"]


def unheard(trial: Trial, looks: str = "^drives/.*name=", skip: int = 0) -> None:
    """A create that leaves an object of which Terraform hears nothing: the API falls silent."""
    trial.simulator.control(
        "faults",
        [
            {"fault": "reset_after", "method": "POST"},
            {"fault": "502", "method": "GET", "path": looks, "skip": skip, "times": None},
        ],
    )
    assert trial.run().errors != ()
    assert trial.core.state is None
    trial.heal()


def resizes(simulator: Simulator) -> int:
    return sum("do=resize" in request.path for request in simulator.requests)


def posts(simulator: Simulator) -> int:
    return sum(request.method == "POST" for request in simulator.requests)


@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_a_drive_terraform_heard_nothing_of_is_taken_over(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    unheard(trial)
    (lost,) = trial.drives()

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == lost
    assert posts(simulator) == 1
    trial.is_sound()


@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_two_alike_never_share_a_drive(simulator: Simulator, operation: Operation) -> None:
    trial = Trial(simulator, operation)
    unheard(trial)
    twin = Core(Hasty(simulator.url, Clock()), "cloudsigma_drive")

    trial.run()
    told = twin.apply(trial._resolved(operation.after))

    assert told.errors == ()
    assert trial.core.state is not None
    assert twin.state is not None
    assert {trial.core.state["uuid"], twin.state["uuid"]} == set(trial.drives())
    assert len(trial.drives()) == 2


@pytest.mark.parametrize(
    "changes",
    [{"size": 2 * GIB}, {"media": "cdrom"}, {"tags": ["red"], "meta": {"purpose": "other"}}],
    ids=" and ".join,
)
@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_what_can_be_changed_may_be_changed_before_a_drive_is_taken_over(
    simulator: Simulator, operation: Operation, changes: dict[str, Any]
) -> None:
    trial = Trial(simulator, operation)
    unheard(trial)
    (lost,) = trial.drives()
    trial.operation = operation._replace(after={**(operation.after or {}), **changes})

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == lost
    assert posts(simulator) - resizes(simulator) == 1
    trial.is_sound()


@pytest.mark.parametrize(
    "changes",
    [
        *({"name": "other"}, {"size": GIB // 2}, {"storage_type": "zadara"}, {"iops": 1000}),
        *({"allow_multimount": True}, {"avoid": [SOURCE]}, {"clone_drive_id": SOURCE}),
    ],
    ids="".join,
)
def test_another_definition_takes_over_nothing(
    simulator: Simulator, changes: dict[str, Any]
) -> None:
    trial = Trial(simulator, CREATES[0])
    simulator.control("switches", {"extra_keys": ["iops"]})
    unheard(trial)
    (lost,) = trial.drives()

    assert trial.apply({**DRIVE, **changes}).errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] != lost
    assert len(trial.drives()) == 2


def test_of_several_the_largest_that_is_small_enough_is_taken_over(simulator: Simulator) -> None:
    lost = {}
    for size in (4 * GIB, 2 * GIB, GIB):
        trial = Trial(simulator, Operation("create", None, {**DRIVE, "size": size}), reset=not lost)
        unheard(trial)
        lost |= {drive["size"]: uuid for uuid, drive in trial.drives().items()}

    assert trial.apply({**DRIVE, "size": 3 * GIB}).errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == lost[2 * GIB]


@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_an_entry_without_a_drive_hides_no_other(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)
    unheard(trial)
    (lost,) = trial.drives()
    place = journal.place()
    assert place is not None
    (entry,) = place.iterdir()
    for token in ("0" * 32, "f" * 32):
        entry.with_name(f"{entry.stem}.{token}").touch()

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == lost
    assert posts(simulator) == 1


def test_what_is_absent_twice_is_made_with_the_amount_of_now(
    simulator: Simulator, data_directory: Path
) -> None:
    trial = Trial(simulator, CREATES[0])
    unheard(trial)
    simulator.control("reset", {})
    trial.core.awaited = False

    assert trial.apply({**DRIVE, "size": 2 * GIB}).errors == ()

    (entry,) = (data_directory / journal.FOLDER).iterdir()
    assert entry.stem.endswith(f"-{2 * GIB}")
    assert [drive["size"] for drive in trial.drives().values()] == [2 * GIB]


def test_a_record_that_the_api_does_not_show_yet_is_waited_for(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("rds create", None, USERS, RDS))
    simulator.control("faults", [{"fault": "eventual", "method": "POST", "reads": 4}])

    assert trial.run().errors == ()

    assert [r.status for r in simulator.requests if f"driveusers/{SOURCE}/" in r.path] == [
        *([404] * 5),  # once before the creation
        200,
    ]
    trial.is_sound()


TAG_CREATE = Operation("tag create", None, {"name": "red"}, "cloudsigma_tag")


def tags(simulator: Simulator) -> set[str]:
    """The tags that were made during the trial, which has one before it begins."""
    found = Cloud(simulator).call("GET", "tags/?limit=0")["objects"]
    return {tag["uuid"] for tag in found if TOKEN_KEY in tag["meta"]}


def test_a_tag_that_the_api_does_not_show_yet_is_waited_for(simulator: Simulator) -> None:
    trial = Trial(simulator, TAG_CREATE)
    simulator.control("faults", [{"fault": "eventual", "method": "POST", "reads": 4}])

    assert trial.run().errors == ()

    trial.core.changes({"name": "red"})
    assert trial.core.state is not None
    assert tags(simulator) == {trial.core.state["uuid"]}


def test_an_interrupted_create_of_a_tag_is_not_forgotten(simulator: Simulator) -> None:
    trial = Trial(simulator, TAG_CREATE)
    trial.clock.at_pause = lambda _: trial.core.host.stop()
    simulator.control("faults", [{"fault": "eventual", "method": "POST", "reads": 4}])
    assert "The next apply waits for it and finishes it." in trial.run().warnings[0]
    trial.clock.at_pause = lambda _: None

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert tags(simulator) == {trial.core.state["uuid"]}


def test_what_a_tag_left_is_looked_for_twice_before_it_is_made_again(simulator: Simulator) -> None:
    trial = Trial(simulator, TAG_CREATE)
    unheard(trial, "^tags/")
    (lost,) = tags(simulator)
    simulator.clear_requests()
    Cloud(simulator).call("DELETE", f"tags/{lost}/")

    assert trial.run().errors == ()

    asked = [f"{r.method} {r.path}" for r in simulator.requests if r.method != "DELETE"]
    first = next(n for n, request in enumerate(asked) if request.startswith("POST"))
    assert sum("/tags/detail/" in request for request in asked[:first]) == 2


@pytest.mark.parametrize(("amount", "taken"), [(2, True), (5, True), (7, False)])
def test_a_record_is_taken_over_only_if_it_is_what_was_asked_for(
    simulator: Simulator, amount: int, taken: bool
) -> None:
    trial = Trial(simulator, Operation("rds create", None, {**USERS, "amount": 2}, RDS))
    unheard(trial, "^driveusers/.*/$", skip=1)
    Cloud(simulator).call("PUT", f"driveusers/{SOURCE}/", {"amount": amount})

    told = trial.apply({**USERS, "amount": 5})

    assert bool(trial.core.state) == taken == (told.errors == ())
    assert [record["amount"] for record in trial.held().values()] == [5 if taken else 7]


def test_a_drive_that_was_imported_is_taken_over_by_nobody(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])
    unheard(trial)
    (lost,) = trial.drives()
    owner = Core(Hasty(simulator.url, Clock()), "cloudsigma_drive")
    owner.take(lost)

    assert trial.run().errors == ()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] != lost
    assert set(trial.drives()) == {lost, trial.core.state["uuid"]}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("source", [None, SOURCE], ids=["new", "clone"])
def test_any_name_is_found_again(simulator: Simulator, name: str, source: str | None) -> None:
    arguments = {**DRIVE, "name": name, "clone_drive_id": source}
    trial = Trial(simulator, Operation("create", None, arguments))
    simulator.control("faults", [{"fault": "reset_after", "method": "POST"}])

    assert trial.run().errors == ()

    (made,) = trial.drives().values()
    assert made["name"] == name
    assert posts(simulator) == 1
    trial.heal()
    trial.is_sound()


@pytest.mark.parametrize("operation", CREATES, ids=lambda operation: operation.name)
def test_the_token_is_on_the_drive_and_not_in_the_state(
    simulator: Simulator, operation: Operation
) -> None:
    trial = Trial(simulator, operation)

    trial.run()

    (made,) = trial.drives().values()
    assert len(made["meta"][TOKEN_KEY]) == 32
    assert trial.core.state is not None
    assert made["meta"][TOKEN_KEY] not in str(trial.core.state)


def test_the_token_outlives_updates(simulator: Simulator) -> None:
    trial = Trial(simulator, Operation("update", FULL, {**DRIVE, "name": "renamed"}))
    (before,) = trial.drives().values()

    trial.run()

    (after,) = trial.drives().values()
    assert after["meta"] == {TOKEN_KEY: before["meta"][TOKEN_KEY]}


@pytest.mark.parametrize("token", ["*", "../x", "", 3, "0" * 33])
def test_a_token_that_is_none_of_ours_counts_for_nothing(token: Any) -> None:
    drive: Any = {"uuid": SOURCE, "status": "unmounted", "meta": {TOKEN_KEY: token}}

    assert token_of(drive) is None


def test_a_refused_create_leaves_nothing_to_look_for(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])
    simulator.control("faults", [{"fault": "402", "method": "POST"}])

    assert trial.run().errors != ()

    place = journal.place()
    assert place is not None
    assert list(place.iterdir()) == []


def test_a_create_that_is_refused_after_a_lost_answer_may_still_have_its_effect(
    simulator: Simulator, data_directory: Path
) -> None:
    trial = Trial(simulator, CREATES[0])
    lost_and_refused = [{"fault": fault, "method": "POST"} for fault in ("reset_before", "402")]
    simulator.control("faults", lost_and_refused)

    assert trial.run().errors != ()

    (entry,) = (data_directory / journal.FOLDER).iterdir()
    made = {"name": DRIVE["name"], "size": GIB, "meta": {TOKEN_KEY: entry.suffix[1:]}}
    simulator.control("drives", made)
    (late,) = trial.drives()
    trial.heal()
    assert trial.run().errors == ()
    assert trial.core.state is not None
    assert trial.core.state["uuid"] == late
    trial.is_sound()


def test_a_create_nobody_waits_for_is_kept_for_the_next(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])
    trial.core.awaited = False
    trial.run()
    (made,) = trial.drives()
    trial.core.state, trial.core.awaited = None, True

    trial.run()

    assert trial.core.state is not None
    assert trial.core.state["uuid"] == made
    trial.is_sound()


@pytest.mark.parametrize(
    "operation",
    [
        *CREATES,
        *(operation for operation in OPERATIONS if operation.name == "rds create"),
        TAG_CREATE,
    ],
    ids=lambda operation: operation.name,
)
def test_what_a_refresh_finds_is_left_to_its_owner(
    simulator: Simulator, operation: Operation, data_directory: Path
) -> None:
    trial = Trial(simulator, operation)
    trial.core.awaited = False  # the journal does not learn that the answer arrived
    trial.run()
    assert trial.core.state is not None
    assert list((data_directory / journal.FOLDER).iterdir()) != []

    trial.core.changes(trial._resolved(operation.after))

    assert list((data_directory / journal.FOLDER).iterdir()) == []


def test_nobody_else_sets_the_token(simulator: Simulator) -> None:
    trial = Trial(simulator, CREATES[0])

    (error,) = trial.apply({**DRIVE, "meta": {TOKEN_KEY: "x"}}).errors

    assert 'must be another key than "terraform-token"' in error
    assert trial.drives() == {}

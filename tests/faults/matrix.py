"""Every operation with every fault at each of its requests, and what is left of it.

`tests.faults.tables` writes the table of docs/reliability.md.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, NamedTuple

from provider import journal
from simulator.faults import KINDS
from tests.e2e.cloud import Cloud
from tests.faults.core import Core, Told
from tests.faults.hurry import Clock, Hasty
from tests.faults.operations import GIB, RDS, SOURCE, Operation
from tests.faults.terraformed import Terraformed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from tests.e2e.terraform import Project
    from tests.faults.site import Account

FAULTS = tuple(kind for kind in KINDS if kind != "random")
ALL = frozenset({"GET", "POST", "PUT", "DELETE"})
READY = {"mounted", "unmounted"}
COMPARED = ("name", "size", "amount")
SILENCE = 0.25  # seconds the provider waits for an answer when answers are slow
SLOW = {"slow", "stall"}
PARAMETERS: dict[str, dict[str, Any]] = {
    "refuse": {"seconds": 0.02},
    "slow": {"seconds": 2 * SILENCE},
    "stall": {"seconds": 2 * SILENCE},
    "edit": {"changes": {"name": "theirs"}},
}


class Cell(NamedTuple):
    """The runs of one operation with one fault, by how they ended."""

    at_once: int = 0  # well, in spite of the fault
    next_time: int = 0  # with an error, and the next apply finished the work

    def __str__(self) -> str:
        return f"{self.at_once} + {self.next_time}"


class Trial:
    """One account and one resource, brought to where an operation begins."""

    def __init__(
        self,
        simulator: Account,
        operation: Operation,
        silence: float = 10.0,
        project: Project | None = None,
        *,
        reset: bool = True,
    ) -> None:
        if reset:
            simulator.control("reset", {})
        self.simulator, self.operation, self.project = simulator, operation, project
        self._provide_source()
        self.tags = {"red": Cloud(simulator).tag("red")}
        self.clock = Clock(at_pause=lambda _: self._reachable())
        self.core: Any = (
            Terraformed(project, operation, silence)
            if project
            else Core(Hasty(simulator.url, self.clock, silence), operation.type_name)
        )
        if operation.before is not None:
            assert self.apply(operation.before).errors == ()
        self.first = set(self.held())
        simulator.clear_requests()

    def _reachable(self) -> None:
        """Return once the account can be reached: pauses take no time, an outage does."""
        while True:
            with suppress(ConnectionRefusedError):
                self.simulator.control("faults")
                return

    def run(self) -> Told:
        """The operation."""
        return self.apply(self.operation.after)

    def write(self) -> None:
        """The operation's configuration, for a command that somebody else runs."""
        self.core.write(self._resolved(self.operation.after))

    def apply(self, arguments: Mapping[str, Any] | None) -> Told:
        """One `terraform apply`, a minute after the last."""
        self.clock.seconds += 60
        told: Told = self.core.apply(self._resolved(arguments))
        return told

    def _resolved(self, arguments: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        if arguments is None or "tags" not in arguments:
            return arguments
        return {**arguments, "tags": [self.tags[name] for name in arguments["tags"]]}

    def drives(self) -> dict[str, dict[str, Any]]:
        """What the account holds, except what was there for cloning."""
        found = self.simulator.control("state")["drives"]
        return {drive["uuid"]: drive for drive in found if drive["uuid"] != SOURCE}

    def held(self) -> dict[str, dict[str, Any]]:
        """What the account holds of the kind that the operation is about."""
        if self.operation.type_name != RDS:
            return self.drives()
        return {record["uuid"]: record for record in self.simulator.control("state")["records"]}

    def _provide_source(self) -> None:
        if not any(d["uuid"] == SOURCE for d in self.simulator.control("state")["drives"]):
            self.simulator.control("drives", {"uuid": SOURCE, "name": "golden", "size": GIB})

    def heal(self) -> None:
        """From here on nothing goes wrong."""
        self._reachable()
        self.simulator.control("faults", method="DELETE")
        self._provide_source()

    def goes_on(self) -> Told:
        """What a practitioner does next: keep what was made, and apply again."""
        self.free()
        self.core.untaint()
        return self.run()

    def free(self) -> None:
        """Support ends what was stuck."""
        for uuid, drive in self.drives().items():
            if drive["status"] not in READY:
                gone = drive["status"] == "deleting"
                self.simulator.control(
                    f"drives/{uuid}", {"status": "gone" if gone else "unmounted"}
                )

    def is_sound(self) -> None:
        """The account holds what the state has, nothing was ended in vain, nothing is to do."""
        assert not self.core.changes(self._resolved(self.operation.after))
        held, state = self.held(), self.core.state
        assert set(held) == ({state["id"]} if state else set())
        for found in held.values():
            assert state is not None
            compared = [name for name in COMPARED if name in state]
            assert [state[name] for name in compared] == [found[name] for name in compared]
            assert found.get("status", "unmounted") in READY
        deleted = {r.path.split("/")[4] for r in self.simulator.requests if r.method == "DELETE"}
        assert deleted <= (self.first if self.operation.ends else set())
        place = None if self.project else journal.place()
        assert place is None or not list(place.glob("*"))


def methods(simulator: Account, operation: Operation, project: Project | None = None) -> list[str]:
    """The methods of the requests that the operation makes when nothing goes wrong."""
    trial = Trial(simulator, operation, project=project)
    assert trial.run().errors == ()
    made = [request.method for request in simulator.requests]
    trial.is_sound()
    return made


def cell(
    simulator: Account,
    operation: Operation,
    fault: str,
    only: Collection[str] = ALL,
    project: Project | None = None,
) -> Cell:
    """The operation with the fault at each of its requests with one of these methods.

    With a project it is applied by the real Terraform. An end that is not sound raises.
    """
    ends = [
        _ends_at_once(
            simulator,
            operation,
            {"fault": fault, "skip": number, **PARAMETERS.get(fault, {})},
            project,
        )
        for number, method in enumerate(methods(simulator, operation, project))
        if method in only
    ]
    return Cell(ends.count(True), ends.count(False))


def _ends_at_once(
    simulator: Account, operation: Operation, rule: dict[str, Any], project: Project | None
) -> bool:
    silence = SILENCE if rule["fault"] in SLOW else 10.0
    trial = Trial(simulator, operation, silence, project)
    simulator.control("faults", [rule])
    told = trial.run()
    trial.heal()
    try:
        if told.errors:
            assert trial.goes_on().errors == ()
        trial.is_sound()
    except AssertionError as error:
        raise AssertionError(f"{operation.name}, {rule}: {told}") from error
    return not told.errors

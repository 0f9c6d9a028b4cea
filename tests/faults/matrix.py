"""Every operation with every fault at each of its requests, and what is left of it.

`python -m tests.faults.matrix` writes the table of docs/reliability.md.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from provider import journal
from simulator import Simulator
from simulator.faults import KINDS
from tests.e2e.cloud import Cloud
from tests.faults.core import Core, Told
from tests.faults.hurry import Clock, Hasty
from tests.faults.operations import GIB, OPERATIONS, RDS, SOURCE, Operation

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

FAULTS = tuple(kind for kind in KINDS if kind != "random")
DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- matrix -->\n", "<!-- end of matrix -->"
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

    def __init__(self, simulator: Simulator, operation: Operation, silence: float = 10.0) -> None:
        simulator.control("reset", {})
        self.simulator, self.operation = simulator, operation
        self._provide_source()
        self.tags = {"red": Cloud(simulator).tag("red")}
        self.clock = Clock(at_pause=lambda _: self._reachable())
        self.core = Core(Hasty(simulator.url, self.clock, silence), operation.type_name)
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

    def apply(self, arguments: Mapping[str, Any] | None) -> Told:
        """One `terraform apply`, a minute after the last."""
        self.clock.seconds += 60
        return self.core.apply(self._resolved(arguments))

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
        for uuid, drive in self.drives().items():
            if drive["status"] not in READY:  # support frees what was stuck
                gone = drive["status"] == "deleting"
                self.simulator.control(
                    f"drives/{uuid}", {"status": "gone" if gone else "unmounted"}
                )
        self.core.untaint()
        return self.run()

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
        place = journal.place()
        assert place is None or not list(place.glob("*"))


def methods(simulator: Simulator, operation: Operation) -> list[str]:
    """The methods of the requests that the operation makes when nothing goes wrong."""
    trial = Trial(simulator, operation)
    assert trial.run().errors == ()
    made = [request.method for request in simulator.requests]
    trial.is_sound()
    return made


def cell(
    simulator: Simulator, operation: Operation, fault: str, only: Collection[str] = ALL
) -> Cell:
    """The operation with the fault at each of its requests with one of these methods.

    An end that is not sound raises.
    """
    ends = [
        _ends_at_once(
            simulator, operation, {"fault": fault, "skip": n, **PARAMETERS.get(fault, {})}
        )
        for n, method in enumerate(methods(simulator, operation))
        if method in only
    ]
    return Cell(ends.count(True), ends.count(False))


def _ends_at_once(simulator: Simulator, operation: Operation, rule: dict[str, Any]) -> bool:
    trial = Trial(simulator, operation, SILENCE if rule["fault"] in SLOW else 10.0)
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


def table(simulator: Simulator) -> str:
    """All cells as the Markdown table of docs/reliability.md."""
    rows = [["fault", *(operation.name for operation in OPERATIONS)]]
    rows.append(["---"] + ["---:"] * len(OPERATIONS))
    for fault in FAULTS:
        rows.append([f"`{fault}`"])
        rows[-1] += [str(cell(simulator, operation, fault)) for operation in OPERATIONS]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def committed() -> str:
    """The table as docs/reliability.md has it."""
    return DOCUMENT.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def main() -> None:
    """Write the table."""
    with tempfile.TemporaryDirectory() as data, Simulator() as simulator:
        os.environ["TF_DATA_DIR"] = data
        fresh = table(simulator)
    text = DOCUMENT.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    DOCUMENT.write_text(head + begin + fresh + END + rest.partition(END)[2], encoding="utf-8")


if __name__ == "__main__":
    main()

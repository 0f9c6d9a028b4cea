"""Whatever goes wrong at whichever request, nothing is orphaned, doubled or lost for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import matrix
from tests.faults.operations import OPERATIONS, Operation

if TYPE_CHECKING:
    from simulator import Simulator

CHANGING = {"POST", "PUT", "DELETE"}


@pytest.mark.parametrize("fault", matrix.FAULTS)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_a_change_that_goes_wrong_leaves_what_the_state_says(
    simulator: Simulator, operation: Operation, fault: str
) -> None:
    runs = matrix.cell(simulator, operation, fault, only=CHANGING)

    assert sum(runs) >= 1


def test_the_documented_table_has_every_operation_and_fault() -> None:
    head, _, *rows = matrix.committed().splitlines()

    assert head == f"| fault | {' | '.join(operation.name for operation in OPERATIONS)} |"
    assert [row.split(" | ")[0] for row in rows] == [f"| `{fault}`" for fault in matrix.FAULTS]


@pytest.mark.slow
def test_the_documented_table_is_what_happens(simulator: Simulator) -> None:
    assert matrix.table(simulator) == matrix.committed()

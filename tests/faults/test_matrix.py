"""Whatever goes wrong at whichever request, nothing is orphaned, doubled or lost for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.faults import matrix, tables
from tests.faults.operations import OPERATIONS, Operation
from tools.terraform import available

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


@pytest.mark.parametrize("name", tables.TABLES)
def test_a_documented_table_has_every_row_and_every_operation(name: str) -> None:
    table = tables.TABLES[name]

    head, _, *rows = tables.committed(name).partition("\n\n")[0].splitlines()

    assert head == f"| {table.head} | {' | '.join(operation.name for operation in OPERATIONS)} |"
    assert [row.split(" | ")[0] for row in rows] == [f"| {tables.shown(row)}" for row in table.rows]


@pytest.mark.parametrize("name", tables.TABLES)
def test_no_documented_case_ended_badly(name: str) -> None:
    assert "None" not in tables.committed(name)


@pytest.mark.slow
@pytest.mark.e2e
@pytest.mark.skipif(not available(), reason="there is no terraform: `make setup` brings one")
@pytest.mark.parametrize("name", tables.TABLES)
def test_the_documented_cases_are_what_happens(name: str) -> None:
    cells = tables.measured(tables.TABLES[name])

    assert [case for case, cell in cells.items() if cell is None] == []
    documented = tables.committed(name).splitlines()[-1].partition(" runs")[0]
    assert documented == f"{sum(sum(cell) for cell in cells.values() if cell):,}"

"""Writes the tables of docs/reliability.md: `python -m tests.faults.tables [matrix] [cuts]`.

All of it happens through the real Terraform. A case that ends badly is told, and fails in the end.
"""

from __future__ import annotations

import logging
import os
import queue
import sys
import tempfile
import time
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator import Simulator
from tests.e2e.attached import Attached
from tests.e2e.terraform import Project
from tests.faults import cuts, matrix
from tests.faults.matrix import Cell
from tests.faults.operations import OPERATIONS, Operation
from tests.faults.site import Service
from tests.faults.terraformed import Hurrying, prepared
from tools import mirror

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    Where = Callable[[Path], AbstractContextManager[Any]]

DOCUMENT = Path(__file__).parents[2] / "docs" / "reliability.md"
MATRIX, CUTS = "matrix", "cuts"
WORKERS = os.cpu_count() or 1


class Table(NamedTuple):
    """One table: its first column, where its cells are measured, and how."""

    head: str
    rows: tuple[str, ...]
    place: Where
    cell: Callable[[Any, str, Operation], Cell]
    tidy: Callable[[Any], None]  # a served plugin keeps something of every command


@contextmanager
def hurried(directory: Path) -> Iterator[tuple[Simulator, Project]]:
    """An account, and a Terraform whose plugin does not wait in earnest."""
    with Simulator(rate_limits={}) as simulator:
        project = prepared(Hurrying, directory, simulator.url)
        try:
            yield simulator, project
        finally:
            project.detach()


@contextmanager
def in_earnest(directory: Path) -> Iterator[cuts.Site]:
    """An account and a Terraform, in processes that can be killed."""
    service = Service(directory / "account.db")
    served = prepared(Attached, directory, service.url)
    launched = prepared(Project, directory, service.url)
    launched.init()
    try:
        yield cuts.Site(service, served, launched)
    finally:
        served.detach()
        service.kill()


def faulty(place: tuple[Simulator, Project], fault: str, operation: Operation) -> Cell:
    """A cell of the matrix."""
    simulator, project = place
    return matrix.cell(simulator, operation, fault, project=project)


TABLES: Mapping[str, Table] = {
    MATRIX: Table("fault", matrix.FAULTS, hurried, faulty, lambda place: place[1].detach()),
    CUTS: Table("cut", cuts.ROWS, in_earnest, cuts.cell, lambda site: site.served.detach()),
}


def measured(table: Table, workers: int = WORKERS) -> dict[tuple[str, str], Cell | None]:
    """Every cell by row and operation, None for one that ended badly."""
    mirror.build()
    jobs: queue.SimpleQueue[tuple[str, Operation]] = queue.SimpleQueue()
    for row in table.rows:
        for operation in OPERATIONS:
            jobs.put((row, operation))
    cells: dict[tuple[str, str], Cell | None] = {}

    def work(directory: Path) -> None:
        directory.mkdir()
        with table.place(directory) as place:
            while not jobs.empty():
                try:
                    row, operation = jobs.get_nowait()
                except queue.Empty:
                    return
                try:
                    cells[row, operation.name] = table.cell(place, row, operation)
                except Exception:
                    cells[row, operation.name] = None
                    traceback.print_exc()
                table.tidy(place)
                print(row, operation.name, cells[row, operation.name], sep=": ", file=sys.stderr)

    with tempfile.TemporaryDirectory() as base, ThreadPoolExecutor(workers) as pool:
        try:
            for _ in pool.map(work, (Path(base) / str(number) for number in range(workers))):
                continue
        finally:  # interrupted, nobody begins another cell
            while not jobs.empty():
                with suppress(queue.Empty):
                    jobs.get_nowait()
    return cells


def written(table: Table, cells: Mapping[tuple[str, str], Cell | None]) -> str:
    """The table as Markdown, and its sum."""
    names = [operation.name for operation in OPERATIONS]
    lines = [[table.head, *names], ["---"] + ["---:"] * len(names)]
    lines += [[shown(row), *(str(cells[row, name]) for name in names)] for row in table.rows]
    ended = [cell for cell in cells.values() if cell]
    at_once, next_time = (sum(column) for column in zip(*ended, strict=True))
    text = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    return f"{text}\n{at_once + next_time:,} runs: {at_once:,} + {next_time:,}.\n"


def shown(row: str) -> str:
    """A row as the table names it."""
    return f"`{row}`" if row in matrix.FAULTS else row


def committed(name: str) -> str:
    """The table as docs/reliability.md has it."""
    begin, end = marks(name)
    return DOCUMENT.read_text(encoding="utf-8").partition(begin)[2].partition(end)[0]


def marks(name: str) -> tuple[str, str]:
    """What stands before and after a table."""
    return f"<!-- {name} -->\n", f"<!-- end of {name} -->\n"


def keep(name: str, fresh: str) -> None:
    """Replace a table of the document."""
    begin, end = marks(name)
    head, _, rest = DOCUMENT.read_text(encoding="utf-8").partition(begin)
    DOCUMENT.write_text(head + begin + fresh + end + rest.partition(end)[2], encoding="utf-8")


def main(names: list[str]) -> int:
    """The exit status: 1 when a case ended badly."""
    # The simulator would tell of each request that is cut off when a plugin is killed.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    bad = 0
    for name in names or TABLES:
        started = time.monotonic()
        cells = measured(TABLES[name])
        keep(name, written(TABLES[name], cells))
        bad += list(cells.values()).count(None)
        print(f"{name}: {time.monotonic() - started:.0f} s, cells that ended badly: {bad}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make bench`: what speed was promised and what is measured, beside the peers, in one run.

Prints a table and writes `build/bench.json`. A missed target is said plainly and is no failure:
times depend on the machine. Names of rows as arguments measure these alone.
"""

from __future__ import annotations

import json
import sys

from tests.benchmark import answering, creating, refreshing, starting
from tests.benchmark.row import Row
from tools import mirror

RESULTS = mirror.ROOT / "build" / "bench.json"
ROWS = {
    "start": starting.start,
    "plan": starting.plan,
    "refresh": refreshing.thousand,
    "one": refreshing.one_of_many,
    "create": creating.hundred,
    "parallel": creating.at_once,
    "thousands": refreshing.thousands,
    "rpc": answering.rpcs,
}


def main(names: list[str]) -> None:
    """Measure, print and keep the rows."""
    rows = []
    for name in names or ROWS:
        rows.append(ROWS[name]())
        print(shown(rows[-1]), flush=True)
    RESULTS.write_text(json.dumps([row.record() for row in rows], indent=2) + "\n")
    missed = [row.what for row in rows if not row.passed]
    print(f"{len(rows) - len(missed)} of {len(rows)} targets met.")
    for what in missed:
        print(f"MISSED: {what}")


def shown(row: Row) -> str:
    """A row for people."""
    ratio = "" if row.ratio is None else f" (ratio {row.ratio:.2f})"
    lines = {
        "target": row.target,
        "measured": f"{row.measured}{ratio}: {'met' if row.passed else 'MISSED'}",
        "beside": row.peer,
    }
    said = [f"  {name:9}{text}" for name, text in lines.items() if text]
    return "\n".join([row.what, *said])


if __name__ == "__main__":
    main(sys.argv[1:])

"""Random histories of drives through the real Terraform: `python -m tools.soak RUNS SEED`.

It prints how many histories ran, how often something went wrong in them, and what should be
zero. A torn state is a file that Terraform itself gave up while writing it, interrupted twice; its
backup is put in place. One plugin process, started again after each kill, serves all of them.
"""

from __future__ import annotations

import random
import sys
import tempfile
from collections import Counter
from pathlib import Path

from simulator import Simulator
from tests.e2e.terraform import REQUIREMENT
from tests.faults.history import History, Soaked
from tools import mirror
from tools.terraform import available

COUNTED = ("runs", "faults", "interrupts", "torn states")
FORBIDDEN = ("orphans", "duplicates", "wrong states", "needless destroys")
SHOW_EVERY = 10


def soak(runs: int, seed: int, directory: Path) -> Counter[str]:
    """What was counted in so many histories. The same seed makes the same changes."""
    total: Counter[str] = Counter()
    with Simulator() as simulator:
        variables = {
            "CLOUDSIGMA_BASE_URL": simulator.url,
            "CLOUDSIGMA_USERNAME": "demo@example.com",
            "CLOUDSIGMA_PASSWORD": "demo-password",
        }
        project = Soaked(directory, available()[0], mirror.MIRROR, variables)
        (directory / ".terraform").mkdir()
        project.write(REQUIREMENT, "terraform.tf")
        try:
            for number in range(runs):
                dice = random.Random(f"{seed}-{number}")  # noqa: S311 - to be repeatable
                found = History(dice, project, simulator).run()
                total += found
                if any(found[name] for name in FORBIDDEN):
                    print(f"history {number} of seed {seed}: {shown(found)}", file=sys.stderr)
                if (number + 1) % SHOW_EVERY == 0:
                    print(shown(total), file=sys.stderr)
        finally:
            project.detach()
    return total


def shown(counts: Counter[str]) -> str:
    """The counts in words."""
    return ", ".join(f"{name} {counts[name]}" for name in (*COUNTED, *FORBIDDEN))


def main() -> int:
    """The exit status: 1 when something happened that never should."""
    runs, seed = (int(argument) for argument in sys.argv[1:])
    with tempfile.TemporaryDirectory() as directory:
        total = soak(runs, seed, Path(directory))
    print(shown(total))
    return 1 if any(total[name] for name in FORBIDDEN) else 0


if __name__ == "__main__":
    sys.exit(main())

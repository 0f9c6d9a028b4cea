"""Random histories of drives through the real Terraform: `python -m tools.soak RUNS SEED`.

It prints how many histories ran, how often something went wrong in them, and what should be
zero. One in ten launches its plugins, as practitioners do; the others attach to a plugin that is
served, and started again after each kill. A torn state is a file that Terraform itself gave up
while writing it; its backup is put in place. A broken history is one that could not be judged.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from simulator import Simulator
from tests.e2e.terraform import REQUIREMENT
from tests.faults.history import History, Launched, Served
from tools import mirror
from tools.terraform import available

if TYPE_CHECKING:
    from collections.abc import Iterator

COUNTED = ("runs", "faults", "interrupts", "torn states")
FORBIDDEN = ("orphans", "duplicates", "wrong states", "needless destroys")
BROKEN = "broken"
LAUNCHED = 10  # each so many-th history launches its plugins
RENEWED = 5  # histories after which a served plugin is replaced; each command leaves it larger
SHOW_EVERY = 50


class Place:
    """Where one worker lets histories happen, one after the other: an account and a directory."""

    def __init__(self, directory: Path, simulator: Simulator, kind: type[History]) -> None:
        variables = {
            "CLOUDSIGMA_BASE_URL": simulator.url,
            "CLOUDSIGMA_USERNAME": "demo@example.com",
            "CLOUDSIGMA_PASSWORD": "demo-password",
        }
        fixed = (directory, available()[0], mirror.MIRROR, variables)
        self.simulator, self.kind = simulator, kind
        self.served, self.launched = Served(*fixed), Launched(*fixed)
        self.launched.write(REQUIREMENT, "terraform.tf")
        self.launched.init()

    def run(self, seed: int, number: int) -> Counter[str]:
        """What was counted in one history; nothing that happens in it ends the others."""
        dice = random.Random(f"{seed}-{number}")  # noqa: S311 - to be repeatable
        project = self.served if number % LAUNCHED else self.launched
        history = self.kind(dice, project, self.simulator)
        try:
            history.run()
        except Exception:
            history.counts[BROKEN] += 1
            traceback.print_exc()
            self.served.detach()
        if number % RENEWED == 0:
            self.served.detach()
        return history.counts


class Soak:
    """Histories in several workers, and what was counted in them."""

    def __init__(self, seed: int, numbers: Iterator[int], kind: type[History]) -> None:
        self.seed, self.numbers, self.kind = seed, numbers, kind
        self.total: Counter[str] = Counter()
        self._lock = threading.Lock()

    def work(self, directory: Path) -> None:
        """Run histories until there are no more."""
        directory.mkdir()
        with Simulator(rate_limits={}) as simulator:
            place = Place(directory, simulator, self.kind)
            try:
                while (number := self._next()) is not None:
                    self._note(number, place.run(self.seed, number))
            finally:
                place.served.detach()

    def _next(self) -> int | None:
        with self._lock:
            return next(self.numbers, None)

    def _note(self, number: int, found: Counter[str]) -> None:
        with self._lock:
            self.total += found
            if failed(found):
                print(f"history {number}: {shown(found)}", file=sys.stderr)
                print(f"  again: make soak SEED={self.seed} ONLY={number}", file=sys.stderr)
            if self.total["runs"] % SHOW_EVERY == 0:
                print(shown(self.total), file=sys.stderr, flush=True)


def soak(
    numbers: range,
    seed: int,
    directory: Path,
    workers: int = 1,
    kind: type[History] = History,
) -> Counter[str]:
    """What was counted in these histories. The same seed makes the same changes."""
    mirror.build()
    run = Soak(seed, iter(numbers), kind)
    with ThreadPoolExecutor(workers) as pool:
        places = (directory / str(n) for n in range(min(workers, len(numbers))))
        try:
            for _ in pool.map(run.work, places):
                continue
        finally:  # interrupted, nobody begins another history
            run.numbers = iter(())
    return run.total


def failed(counts: Counter[str]) -> bool:
    """Whether something happened that never should."""
    return any(counts[name] for name in (*FORBIDDEN, BROKEN))


def shown(counts: Counter[str]) -> str:
    """The counts in words."""
    broken = [BROKEN] if counts[BROKEN] else []
    return ", ".join(f"{name} {counts[name]}" for name in (*COUNTED, *FORBIDDEN, *broken))


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tools.soak")
    parser.add_argument("runs", type=int, nargs="?", default=100)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    parser.add_argument("--only", type=int, default=None, help="number of the one history to run")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    return parser.parse_args()


def main() -> int:
    """The exit status: 1 when something happened that never should, or not all of it was seen."""
    asked = arguments()
    numbers = range(asked.runs) if asked.only is None else range(asked.only, asked.only + 1)
    # The simulator would tell of each request that is cut off when a plugin is killed.
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        total = soak(numbers, asked.seed, Path(directory), asked.workers)
    print(f"{shown(total)} (seed {asked.seed}, {time.monotonic() - started:.0f} s)")
    return 1 if failed(total) or total["runs"] != len(numbers) else 0


if __name__ == "__main__":
    sys.exit(main())

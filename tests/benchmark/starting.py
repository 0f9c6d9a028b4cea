"""How long a plugin takes to start, beside one made with `tf`."""

from __future__ import annotations

import shutil
import statistics
import time
from typing import TYPE_CHECKING

from tests.benchmark import plugin
from tests.benchmark.account import SCRATCH, account, children_cpu
from tests.benchmark.row import Row
from tools import mirror
from tools.terraform import available
from tools.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

STARTS = 20
PLANS = 9
PEER_CONFIGURATION = """\
terraform {
  required_providers {
    peer = {
      source = "terraform.local/tests/peer"
    }
  }
}
resource "peer_note" "data" {
  name = "data"
}
"""


def start() -> Row:
    """From the start of a process to its first answer; the last compile of bytecode is over."""
    ours, peer = str(mirror.build()), plugin.peer()
    home = SCRATCH.parent / "bench-home"
    home.mkdir(parents=True, exist_ok=True)
    runs: dict[str, list[plugin.Start]] = {"ours": [], "peer": [], "floor": []}
    for _ in range(STARTS):
        runs["ours"].append(plugin.started([ours], home))
        runs["peer"].append(plugin.started([peer], home))
        runs["floor"].append(plugin.floor())
    shutil.rmtree(home)
    wall = {who: statistics.median(run.wall for run in of) for who, of in runs.items()}
    cpu = {who: statistics.median(run.cpu for run in of) for who, of in runs.items()}
    ratios = wall["ours"] / wall["peer"], cpu["ours"] / cpu["peer"]
    return Row(
        what="process start to the first GetProviderSchema answered",
        target="at most 0.6 of tf 1.2.0, wall and CPU",
        measured=f"wall {_ms(wall['ours'])}, CPU {_ms(cpu['ours'])} "
        f"(ratios {ratios[0]:.2f} and {ratios[1]:.2f})",
        peer=f"tf: wall {_ms(wall['peer'])}, CPU {_ms(cpu['peer'])}; floor (interpreter, grpc, "
        f"messages): wall {_ms(wall['floor'])}, CPU {_ms(cpu['floor'])}",
        ratio=max(ratios),
        passed=max(ratios) <= 0.6,
    )


def plan() -> Row:
    """A plan of one resource that finds nothing to do."""
    with account() as ours:
        ours.own(1)
        peer = _peer_workspace(SCRATCH / "peer")
        runs: dict[str, list[plugin.Start]] = {"ours": [], "peer": []}
        for _ in range(PLANS):
            runs["ours"].append(_cost(lambda: ours.run("plan", drives=1)))
            runs["peer"].append(_cost(lambda: peer.run("plan")))
    wall = {who: statistics.median(run.wall for run in of) for who, of in runs.items()}
    cpu = {who: statistics.median(run.cpu for run in of) for who, of in runs.items()}
    ratio = wall["ours"] / wall["peer"]
    return Row(
        what="terraform plan, one drive, no change",
        target="at most 0.5 of a one-resource tf provider's plan",
        measured=f"wall {_ms(wall['ours'])}, CPU {_ms(cpu['ours'])} "
        f"(ratio {cpu['ours'] / cpu['peer']:.2f})",
        peer=f"tf: wall {_ms(wall['peer'])}, CPU {_ms(cpu['peer'])}",
        ratio=ratio,
        passed=ratio <= 0.5,
    )


def _peer_workspace(directory: Path) -> Workspace:
    plugin.peer()
    directory.mkdir()
    (directory / "main.tf").write_text(PEER_CONFIGURATION)
    workspace = Workspace(directory, available()[0], plugin.PEER_MIRROR, {})
    for command in (("init",), ("apply", "-auto-approve")):
        run = workspace.run(*command)
        if run.exit:
            raise RuntimeError(run.stdout + run.stderr)
    return workspace


def _cost(work: Callable[[], object]) -> plugin.Start:
    begin, used = time.perf_counter(), children_cpu()
    work()
    return plugin.Start(time.perf_counter() - begin, children_cpu() - used)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"

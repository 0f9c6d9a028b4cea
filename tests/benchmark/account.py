"""A simulated account, and a Terraform whose state holds many of its drives."""

from __future__ import annotations

import copy
import json
import os
import re
import resource
import shutil
import threading
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator import Simulator
from tools import mirror
from tools.terraform import available
from tools.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

SCRATCH = mirror.ROOT / "build" / "bench"
WATCHED_EVERY = 0.2
BLOCKS, BLOCK = 5, 1000
"""Terraform's own work grows with the square of a block's count, so no block has more."""

CONFIGURATION = """\
terraform {
  required_providers {
    cloudsigma = {
      source = "terraform.local/cloudsigma/cloudsigma"
    }
  }
}
variable "drives" {
  type = number
}
"""
DRIVES = """\
resource "cloudsigma_drive" "data{block}" {{
  count = max(0, min({size}, var.drives - {begin}))
  name  = format("data-%06d", {begin} + count.index)
  media = "disk"
  size  = 1073741824
}}
"""


class Measured(NamedTuple):
    """One command: its seconds, those of processors it and its plugins used, the paths it asked
    for by GET, its plugin's peak memory and processor time, and what it said."""

    seconds: float
    cpu: float
    asked: list[str]
    mebibytes: float
    plugin_cpu: float
    stdout: str

    def lists(self) -> list[str]:
        """Requests about several drives."""
        return [path for path in self.asked if path.startswith(("drives/?", "drives/detail/"))]

    def singles(self) -> list[str]:
        """Requests about one drive."""
        return [path for path in self.asked if re.match(r"drives/[0-9a-f-]{36}/$", path)]


class Account:
    """A simulator and a directory in which Terraform manages drives of it."""

    def __init__(self, simulator: Simulator, directory: Path) -> None:
        self.simulator = simulator
        user, password = simulator.credentials
        variables = {
            "CLOUDSIGMA_BASE_URL": simulator.url,
            "CLOUDSIGMA_USERNAME": user,
            "CLOUDSIGMA_PASSWORD": password,
        }
        self.workspace = Workspace(directory, available()[0], mirror.MIRROR, variables)
        blocks = [DRIVES.format(block=i, size=BLOCK, begin=i * BLOCK) for i in range(BLOCKS)]
        (directory / "main.tf").write_text("".join([CONFIGURATION, *blocks]))
        self.run("init")

    def run(self, *arguments: str, drives: int = 0, **variables: str) -> Measured:
        """A command that has to succeed, with this many drives configured."""
        self.workspace.variables |= {"TF_VAR_drives": str(drives), **variables}
        self.simulator.clear_requests()
        begin, used = time.perf_counter(), children_cpu()
        process = self.workspace.start(*arguments)
        with watched(process.pid) as plugins:
            run = self.workspace.finish(process, timeout=600)
        seconds, cpu = time.perf_counter() - begin, children_cpu() - used
        if run.exit:
            raise RuntimeError(run.stdout + run.stderr)
        asked = [
            record.path.removeprefix("/api/2.0/")
            for record in self.simulator.requests
            if record.method == "GET"
        ]
        memory = max((used.mebibytes for used in plugins.values()), default=0.0)
        working = sum(used.cpu for used in plugins.values())
        return Measured(seconds, cpu, asked, memory, working, run.stdout)

    def own(self, count: int) -> None:
        """The state has this many drives of the account, as if Terraform had created them."""
        self.simulator.settings.latency_ms = 0
        self.run("apply", "-auto-approve", drives=1)
        file = self.workspace.directory / "terraform.tfstate"
        state = json.loads(file.read_text())
        first = state["resources"][0]
        like = {"name": "data", "media": "disk", "size": 1073741824, "count": count - 1}
        known = first["instances"][0]
        like["storage_type"] = known["attributes"]["storage_type"]
        made = self.simulator.control("drives", like)["uuids"] if count > 1 else []
        uuids = [known["attributes"]["uuid"], *made]
        state["resources"] = [
            {
                **first,
                "name": f"data{begin // BLOCK}",
                "instances": [
                    instance(known, begin + i, uuid)
                    for i, uuid in enumerate(uuids[begin : begin + BLOCK])
                ],
            }
            for begin in range(0, count, BLOCK)
        ]
        file.write_text(json.dumps(state))


def children_cpu() -> float:
    """Seconds of processor time of all commands so far, and of what they started."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def instance(like: dict[str, Any], index: int, uuid: str) -> dict[str, Any]:
    """The state of another drive."""
    other = copy.deepcopy(like)
    other["index_key"] = index % BLOCK
    other["attributes"] |= {
        "id": uuid,
        "uuid": uuid,
        "name": f"data-{index:06d}",
        "resource_uri": f"/api/2.0/drives/{uuid}/",
    }
    if "identity" in other:
        other["identity"]["uuid"] = uuid
    return other


@contextmanager
def account(**settings: Any) -> Iterator[Account]:
    """An empty account whose drives are ready at once, unless the settings say otherwise."""
    mirror.build()
    shutil.rmtree(SCRATCH, ignore_errors=True)
    SCRATCH.mkdir(parents=True)
    with Simulator(**{"clock": "immediate", **settings}) as simulator:
        yield Account(simulator, SCRATCH)


class Used(NamedTuple):
    """What a process has used of memory and processors so far."""

    mebibytes: float
    cpu: float


@contextmanager
def watched(terraform: int) -> Iterator[dict[str, Used]]:
    """What each plugin of a Terraform had used at the last look at it; none without /proc."""
    seen: dict[str, Used] = {}
    over = threading.Event()

    def watch() -> None:
        while not over.wait(WATCHED_EVERY):
            for child in _children(terraform):
                if used := _used(child):
                    seen[child] = used

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()


def _children(pid: int) -> list[str]:
    """The processes that a process has started."""
    found = []
    for file in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = file.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if parent == str(pid):
            found.append(file.parent.name)
    return found


def _used(pid: str) -> Used | None:
    try:
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    except OSError:
        return None
    peak = next((int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")), 0.0)
    return Used(peak, sum(map(int, times)) / os.sysconf("SC_CLK_TCK"))

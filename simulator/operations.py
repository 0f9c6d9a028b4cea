"""The end of work that takes time: what each kind of operation does when its clock has run out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator import cloning, fates, servers, snapshots

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from simulator.records import Operation
    from simulator.world import World

FINISH: Mapping[str, Callable[[World, Operation], None]] = {
    "create": fates.finish,
    "resize": fates.finish,
    "delete": fates.finish_delete,
    "outage": fates.finish_outage,
    "clone": cloning.finish,
    "snapshot": snapshots.finish,
    "start": servers.finish,
    "stop": servers.finish,
    "shutdown": servers.finish,
}


def advance(world: World) -> None:
    """End every operation whose reads are used up and whose time has passed."""
    now = world.now()
    for operation in list(world.operations):
        if operation.stuck:
            continue
        if operation.reads_left or operation.due > now:
            _report_progress(world, operation, now)
            continue
        FINISH[operation.kind](world, operation)
        world.operations.remove(operation.uuid)


def _report_progress(world: World, operation: Operation, now: float) -> None:
    """A clone's job knows how far it is."""
    if operation.kind != "clone":
        return
    job = world.jobs.get(operation.subjects[1])
    if operation.reads:
        done = 1 - operation.reads_left / operation.reads
    else:
        done = (now - operation.started) / max(operation.due - operation.started, 1e-9)
    # documented: progress runs from 0 to 100
    progress = min(99, int(100 * done))
    if progress != job.progress:
        job.progress, job.last_modified = progress, now
        world.jobs.put(job)

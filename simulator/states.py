"""The life of a drive and of a server, declared as data.

Whoever changes a status asks here whether that edge exists, and docs/simulator.md draws its
diagrams from the same tables. API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import NamedTuple

GONE = ""

# documented: a drive is ready when it is unmounted or mounted
READY = frozenset({"unmounted", "mounted"})
# assumed: a drive that is unavailable can be deleted
DELETABLE = READY | {"unavailable"}
# assumed: a drive that is busy refuses every other change
PENDING = frozenset({"creating", "cloning_dst", "cloning_src", "resizing", "deleting", "uploading"})


class Edge(NamedTuple):
    """One step an object may take; `GONE` stands before the first and after the last."""

    start: str
    end: str
    trigger: str
    evidence: str


DRIVE_EDGES = (
    Edge(GONE, "creating", "create", "documented"),
    Edge("creating", "unmounted", "created", "documented"),
    Edge("creating", "mounted", "created, attached meanwhile", "observed"),
    Edge(GONE, "cloning_dst", "begin as a clone", "documented"),
    Edge("cloning_dst", "unmounted", "cloned", "documented"),
    Edge("cloning_dst", "mounted", "cloned, attached meanwhile", "observed"),
    Edge("unmounted", "cloning_src", "be cloned", "observed"),
    Edge("mounted", "cloning_src", "be cloned", "observed"),
    Edge("cloning_src", "unmounted", "last clone done", "observed"),
    Edge("cloning_src", "mounted", "last clone done", "observed"),
    Edge("unmounted", "resizing", "resize", "documented"),
    Edge("mounted", "resizing", "resize, servers stopped", "documented"),
    Edge("resizing", "unmounted", "resized", "documented"),
    Edge("resizing", "mounted", "resized", "documented"),
    Edge("unmounted", "mounted", "attach", "documented"),
    Edge("mounted", "unmounted", "detach", "documented"),
    Edge("unmounted", "unavailable", "storage outage", "documented"),
    Edge("mounted", "unavailable", "storage outage", "documented"),
    Edge("unavailable", "unmounted", "recovery", "documented"),
    Edge("unavailable", "mounted", "recovery", "documented"),
    Edge("creating", "unavailable", "backend failure", "assumed"),
    Edge("cloning_dst", "unavailable", "backend failure", "assumed"),
    Edge("resizing", "unavailable", "backend failure", "assumed"),
    Edge("unmounted", "deleting", "delete", "assumed"),
    Edge("mounted", "deleting", "delete, servers stopped", "assumed"),
    Edge("unavailable", "deleting", "delete", "assumed"),
    Edge("deleting", GONE, "deleted", "assumed"),
)

SERVER_EDGES = (
    Edge(GONE, "stopped", "create", "documented"),
    Edge("stopped", "starting", "start", "documented"),
    Edge("starting", "running", "started", "documented"),
    Edge("running", "stopping", "stop or shutdown", "documented"),
    Edge("stopping", "stopped", "stopped", "documented"),
    Edge("stopped", GONE, "delete", "documented"),
)

_ALLOWED = {
    kind: frozenset((edge.start, edge.end) for edge in edges)
    for kind, edges in (("drive", DRIVE_EDGES), ("server", SERVER_EDGES))
}


def is_declared(kind: str, start: str, end: str) -> bool:
    """Whether an object of this kind may step from one status to the other."""
    return start == end or (start, end) in _ALLOWED[kind]


def diagram(edges: tuple[Edge, ...]) -> str:
    """The edges as a Mermaid state diagram."""

    def node(status: str) -> str:
        return status or "[*]"

    lines = [f"    {node(e.start)} --> {node(e.end)}: {e.trigger} ({e.evidence})" for e in edges]
    return "\n".join(["stateDiagram-v2", *lines])

"""Random sequences of calls keep what has to hold between the objects of an account."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from simulator import Simulator, states

GIB = 2**30
SERVER = {"name": "web", "cpu": 1000, "mem": GIB, "vnc_password": "secret"}
PICK = st.integers(0, 7)
SIZES = st.integers(GIB // 2, 4 * GIB)


def reachable() -> set[tuple[str, str]]:
    """Pairs of statuses that declared edges connect, over any number of steps."""
    pairs = {(edge.start, edge.end) for edge in states.DRIVE_EDGES if edge.start and edge.end}
    while True:
        more = {(a, d) for a, b in pairs for c, d in pairs if b == c} | pairs
        if more == pairs:
            return pairs
        pairs = more


class Account(RuleBasedStateMachine):
    """Calls in any order, on objects picked by number."""

    simulator: Simulator
    api: Any
    reachable = reachable()

    def __init__(self) -> None:
        super().__init__()
        self.simulator.control("reset", {})
        self.statuses: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.api.send(method, path, body)
        assert answer.status_code < 500 or answer.status_code == 503, answer.text
        return answer

    def everything(self, collection: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.send("GET", f"{collection}/?limit=0").json()["objects"]
        return found

    def some(self, collection: str, number: int) -> str:
        objects = self.everything(collection)
        return str(objects[number % len(objects)]["uuid"]) if objects else "nobody"

    def drives(self) -> list[dict[str, Any]]:
        return self.everything("drives/detail")

    @rule(size=SIZES, media=st.sampled_from(["disk", "cdrom"]))
    def create(self, size: int, media: str) -> None:
        self.send("POST", "drives/", {"name": "a", "media": media, "size": size})

    @rule(pick=PICK, size=SIZES, strict=st.booleans(), shared=st.booleans())
    def change(self, pick: int, size: int, strict: bool, shared: bool) -> None:
        uuid = self.some("drives", pick)
        body = {"name": "b", "media": "disk", "size": size, "allow_multimount": shared}
        if strict:
            self.send("POST", f"drives/{uuid}/action/?do=resize", body)
        else:
            self.send("PUT", f"drives/{uuid}/", body)

    @rule(pick=PICK)
    def clone(self, pick: int) -> None:
        self.send("POST", f"drives/{self.some('drives', pick)}/action/?do=clone", {})

    @rule(picks=st.lists(PICK, min_size=1, max_size=3))
    def delete(self, picks: list[int]) -> None:
        objects = [{"uuid": self.some("drives", pick)} for pick in picks]
        self.send("DELETE", "drives/", {"objects": objects})

    @rule(picks=st.lists(PICK, max_size=3), edit=st.booleans(), pick=PICK)
    def serve(self, picks: list[int], edit: bool, pick: int) -> None:
        uuids = dict.fromkeys(self.some("drives", number) for number in picks)
        entries = [{"drive": u, "dev_channel": "0:0", "device": "virtio"} for u in uuids]
        body = {**SERVER, "drives": entries}
        if edit:
            self.send("PUT", f"servers/{self.some('servers', pick)}/", body)
        else:
            self.send("POST", "servers/", body)

    @rule(pick=PICK, action=st.sampled_from(["start", "stop"]))
    def switch(self, pick: int, action: str) -> None:
        self.send("POST", f"servers/{self.some('servers', pick)}/action/?do={action}", {})

    @rule(pick=PICK, recurse=st.sampled_from(["", "?recurse=all_drives", "?recurse=disks"]))
    def delete_server(self, pick: int, recurse: str) -> None:
        self.send("DELETE", f"servers/{self.some('servers', pick)}/{recurse}")

    @rule(picks=st.lists(PICK, max_size=3), pick=PICK, edit=st.booleans())
    def tag(self, picks: list[int], pick: int, edit: bool) -> None:
        resources = list(dict.fromkeys(self.some("drives", number) for number in picks))
        body = {"name": "t", "resources": resources}
        if edit:
            self.send("PUT", f"tags/{self.some('tags', pick)}/", body)
        else:
            self.send("POST", "tags/", body)

    @rule(pick=PICK)
    def delete_tag(self, pick: int) -> None:
        self.send("DELETE", f"tags/{self.some('tags', pick)}/")

    @rule(pick=PICK, amount=st.integers(0, 3))
    def license(self, pick: int, amount: int) -> None:
        self.send("POST", "driveusers/", {"drive": self.some("drives", pick), "amount": amount})

    @rule(pick=PICK)
    def freeze(self, pick: int) -> None:
        self.send("POST", "snapshots/", {"drive": self.some("drives", pick)})

    @rule(fault=st.sampled_from(["unavailable", "vanish"]), pick=PICK)
    def disturb(self, fault: str, pick: int) -> None:
        self.simulator.control("faults", {"fault": fault, "reads": 2})
        self.send("GET", f"drives/{self.some('drives', pick)}/")
        self.simulator.control("faults", method="DELETE")

    @invariant()
    def sizes_are_multiples(self) -> None:
        assert [drive["size"] for drive in self.drives() if drive["size"] % 16384] == []

    @invariant()
    def statuses_follow_declared_edges(self) -> None:
        now = {drive["uuid"]: drive["status"] for drive in self.drives()}
        both = now.keys() & self.statuses.keys()
        steps = {(self.statuses[u], now[u]) for u in both if now[u] != self.statuses[u]}
        assert steps <= self.reachable
        self.statuses = now

    @invariant()
    def mounts_agree(self) -> None:
        servers = self.everything("servers/detail")
        here = {(d["uuid"], s["uuid"]) for d in self.drives() for s in d["mounted_on"]}
        there = {(e["drive"]["uuid"], s["uuid"]) for s in servers for e in s["drives"]}
        assert here == there
        assert not [d for d in self.drives() if d["status"] == "unmounted" and d["mounted_on"]]
        assert not [d for d in self.drives() if d["status"] == "mounted" and not d["mounted_on"]]

    @invariant()
    def tags_agree(self) -> None:
        tags = self.everything("tags")
        here = {(d["uuid"], t["uuid"]) for d in self.drives() for t in d["tags"]}
        there = {(r["uuid"], t["uuid"]) for t in tags for r in t["resources"]}
        assert here == there

    @invariant()
    def records_and_snapshots_have_their_drives(self) -> None:
        records, snapshots = self.everything("driveusers"), self.everything("snapshots")
        drives = self.drives()
        known = {drive["uuid"] for drive in drives}
        assert {record["drive"]["uuid"] for record in records} <= known
        listed = {s["uuid"] for drive in drives for s in drive["snapshots"]}
        assert {snapshot["uuid"] for snapshot in snapshots} >= listed

    @invariant()
    def every_drive_has_a_host(self) -> None:
        groups = self.send("GET", "drives/availability_groups/").json()
        known = sorted(drive["uuid"] for drive in self.drives())
        assert sorted(uuid for group in groups for uuid in group) == known or not known


def check(start: Any, examples: int, steps: int) -> None:
    api = start(clock="reads:9", rate_limits={})
    machine = type("Account", (Account,), {"simulator": api.simulator, "api": api})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_random_calls_keep_the_invariants(start: Any) -> None:
    check(start, examples=6, steps=25)


@pytest.mark.slow
def test_many_random_calls_keep_the_invariants(start: Any) -> None:
    check(start, examples=100, steps=50)

"""What the bridge itself costs: RPCs in this process, without gRPC and without HTTP."""

from __future__ import annotations

import statistics
import time
from typing import TYPE_CHECKING, Any

from provider.api.answers import Answer
from provider.api.client import Client
from provider.api.events import SILENT, Events
from provider.api.settings import Settings
from provider.api.transport import Transport
from provider.bridge import from_json, messages, service
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.trees import to_tree
from provider.cloudsigma import CloudSigma
from provider.definition import drive_state
from provider.resources.drive import Drive
from tests.benchmark.row import Row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from provider.api.records import DriveJSON

ROUNDS = 1000
RECORD: DriveJSON = {
    "uuid": "5b4a69a3-8e78-4c45-a8ba-8b13f0895e23",
    "resource_uri": "/api/2.0/drives/5b4a69a3-8e78-4c45-a8ba-8b13f0895e23/",
    "name": "data",
    "media": "disk",
    "size": 2**30,
    "storage_type": "dssd",
    "status": "unmounted",
    "owner": {"uuid": "1d4a69a3-8e78-4c45-a8ba-8b13f0895e23", "resource_uri": "/api/2.0/user/x/"},
    "affinities": [],
    "allow_multimount": False,
    "jobs": [],
    "licenses": [],
    "meta": {},
    "mounted_on": [],
    "runtime": {"storage_type": "dssd", "is_snapshotable": True, "snapshots_allocated_size": 0},
    "snapshots": [],
    "tags": [],
}


class Remembered(Transport):
    """The API without a network: the drive is all there is."""

    def exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        events: Events = SILENT,
    ) -> Answer:
        """A list of the drive."""
        return Answer(method, path, 200, {}, {"meta": {"total_count": 1}, "objects": [RECORD]})


def rpcs() -> Row:
    """A read and a plan of one drive that is as configured."""
    host = Host(CloudSigma())
    settings = Settings(base_url="http://localhost/", token="none")
    host.api = Client(Remembered(settings))
    known = to_tree(drive_state(Drive, RECORD, from_json(Drive, {})))
    set_names = ("name", "media", "size")
    configured = {name: known[name] if name in set_names else None for name in known}
    state, config = messages.value(known), messages.value(configured)
    type_name = "cloudsigma_drive"
    reading = pb.ReadResource.Request(type_name=type_name, current_state=state)
    planning = pb.PlanResourceChange.Request(
        type_name=type_name, prior_state=state, proposed_new_state=state, config=config
    )
    read = _median(lambda: service.answer(host, "ReadResource", reading))
    plan = _median(lambda: service.answer(host, "PlanResourceChange", planning))
    return Row(
        what="RPC overhead in process: read and plan of one drive",
        target="under 1 ms each",
        measured=f"read {read * 1000:.2f} ms, plan {plan * 1000:.2f} ms",
        passed=max(read, plan) < 0.001,
    )


def _median(answer: Callable[[], Any]) -> float:
    """The usual seconds of an answer, which has to be one without an error."""
    times = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        response = answer()
        times.append(time.perf_counter() - begin)
        if response.diagnostics:
            raise RuntimeError(response)
    return statistics.median(times)

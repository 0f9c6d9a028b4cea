"""Every recorded exchange, replayed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from simulator import Switches

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"
FILES = sorted(EXAMPLES.glob("[0-9]*.json"))
UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
NEWER = ["backup_scheduler", "iops", "remote_snapshots"]
SWITCHES = {
    "06": {"extra_keys": NEWER, "server_meta": True},
    "14": {"missing_keys": ["grantees", "permissions"]},
    "15": {"missing_keys": ["grantees", "permissions"]},
    "16": {"missing_keys": ["grantees", "permissions"]},
}
# what the recording was made from, where neither the request nor the answer says it
BEFORE: dict[str, dict[str, Any]] = {
    "09": {"name": "test_drive_x"},
    "13": {"name": "test_drive_x", "size": 2**30},
    "15": {"name": "test_zadara_drive", "storage_type": "zadara"},
    "16": {"name": "test_zadara_drive_for_clone"},
}
EXPECTED_DIFFERENCES = {"17": ["meta.limit: 20 became 0"]}


def read(number: str) -> dict[str, Any]:
    example: dict[str, Any] = json.loads(next(EXAMPLES.glob(f"{number}*")).read_text())
    return example


def differences(shown: Any, got: Any, known: dict[str, str], at: str = "") -> Iterator[str]:
    """Where an answer is not what was recorded, with identifiers taken for variables."""
    if at.endswith("is_snapshotable") and {type(shown), type(got)} <= {bool, type(None)}:
        return
    if type(shown) is not type(got):
        yield f"{at}: {shown!r} became {got!r}"
    elif isinstance(shown, dict):
        for key in shown.keys() ^ got.keys():
            yield f"{at}.{key}: {'missing' if key in shown else 'surplus'}"
        for key in shown.keys() & got.keys():
            yield from differences(shown[key], got[key], known, f"{at}.{key}".lstrip("."))
    elif isinstance(shown, list):
        if len(shown) != len(got):
            yield f"{at}: {len(shown)} items became {len(got)}"
        for number, (left, right) in enumerate(zip(shown, got, strict=False)):
            yield from differences(left, right, known, f"{at}[{number}]")
    elif isinstance(shown, str) and UUID.search(shown):
        left, right = UUID.findall(shown), UUID.findall(got)
        same = [known.setdefault(a, b) == b for a, b in zip(left, right, strict=False)]
        if UUID.sub("", shown) != UUID.sub("", got) or len(left) != len(right) or not all(same):
            yield f"{at}: {shown!r} became {got!r}"
    elif shown != got:
        yield f"{at}: {shown!r} became {got!r}"


def as_seed(drive: dict[str, Any]) -> dict[str, Any]:
    """What the control surface needs to make a recorded drive."""
    kept = ("name", "media", "size", "meta", "storage_type", "uuid", "allow_multimount")
    jobs = [job["uuid"] for job in drive["jobs"]]
    return {**{key: drive[key] for key in kept}, "jobs": jobs}


def prepare(api: Any, number: str, request: dict[str, Any], body: Any) -> None:
    """Make the objects that the recorded request speaks about."""
    if number in {"01", "02", "03"}:
        for drive in read("03")["response"]["body"]["objects"]:
            api.seeded(**as_seed(drive))
        return
    if number in {"17", "18"}:
        for record in read("17")["response"]["body"]["objects"]:
            drive = api.seeded(uuid=record["drive"]["uuid"])
            api.post("driveusers/", {"drive": drive, "amount": record["amount"]})
        return
    named = UUID.findall(request["path"]) + UUID.findall(json.dumps(request["body"]))
    shown = body if isinstance(body, dict) else {}
    shown = shown.get("objects", [shown])[0]
    for uuid in dict.fromkeys(named):
        if uuid in {(shown.get("owner") or {}).get("uuid")}:
            continue
        kept = {key: shown[key] for key in ("name", "size", "media") if key in shown}
        api.seeded(**{**kept, **BEFORE.get(number, {}), "uuid": uuid})
        if number in {"20", "21"}:
            api.post("driveusers/", {"drive": uuid, "amount": 2})


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_recorded_request_gets_the_recorded_answer(path: Path, start: Callable[..., Any]) -> None:
    number = path.stem[:2]
    example = json.loads(path.read_text())
    request, response = example["request"], example["response"] or read("06")["response"]
    extra = SWITCHES.get("06" if number == "05" else number, {})
    api = start(switches=Switches(**extra))
    prepare(api, number, request, response["body"])
    query = f"?{urlencode(request['query'])}" if request["query"] else ""

    address = request["path"].removeprefix("/api/2.0/") + query
    answer = api.send(request["method"], address, request["body"])

    assert answer.status_code == response["status"]
    kind = response["headers"].get("content-type")
    assert answer.headers.get("content-type") == kind
    if response["body"] is None:
        assert not answer.content
        return
    shown, got = response["body"], answer.json()
    if number == "05":  # the answer of another drive: only its shape is of interest
        shown["objects"][0] |= {"name": "test_drive_0", "storage_type": "dssd"}
        shown["objects"][0]["runtime"]["storage_type"] = "dssd"
    found = list(differences(shown, got, {}))
    assert found == EXPECTED_DIFFERENCES.get(number, [])


def test_drives_created_as_recorded_are_listed_as_recorded(api: Any) -> None:
    recorded = {d["name"]: d for d in read("03")["response"]["body"]["objects"]}
    made = api.post("drives/", read("07")["request"]["body"]).json()["objects"]
    for drive in made:
        api.settled(drive["uuid"])

    listed = api.get("drives/detail/?limit=0").json()["objects"]

    known: dict[str, str] = {}
    found = [f for d in listed for f in differences(recorded[d["name"]], d, known)]
    assert (len(listed), found) == (5, [])


def test_a_clone_request_takes_every_key_of_its_schema(api: Any) -> None:
    schema = json.loads((EXAMPLES / "clone-request-schema.json").read_text())
    values = {"name": "copy", "media": "cdrom", "affinities": ["ssd"]}
    source = api.seeded()

    clone = api.post(f"drives/{source}/action/?do=clone", values).json()["objects"][0]

    assert schema["properties"].keys() == values.keys()
    assert {key: clone[key] for key in values} == values

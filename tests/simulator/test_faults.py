"""Every fault does what its line in KINDS says, and nothing else goes wrong."""

from __future__ import annotations

import json
import time
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from simulator.faults import KINDS

GIB = 2**30
DRIVE = {"name": "a", "media": "disk", "size": GIB}
ANSWERS = {
    "401": (401, "permission"),
    "402": (402, "billing"),
    "403": (403, "permission"),
    "409": (409, "concurrency"),
    "429": (429, "permission"),
    "500": (500, "backend"),
    "503_concurrency": (503, "concurrency"),
    "503_capacity": (503, "backend"),
}


def break_(api: Any, fault: str, **rule: Any) -> None:
    api.control("faults", {"fault": fault, **rule})


def names(api: Any) -> list[str]:
    return [d["name"] for d in api.get("drives/?limit=0&fields=name").json()["objects"]]


@pytest.mark.parametrize(("fault", "expected"), ANSWERS.items())
def test_an_error_answer_is_given_without_the_work(
    api: Any, fault: str, expected: tuple[int, str]
) -> None:
    break_(api, fault)

    answer = api.post("drives/", DRIVE)

    assert (answer.status_code, answer.json()[0]["error_type"]) == expected
    assert names(api) == []


@pytest.mark.parametrize("fault", ["429", "503_concurrency", "503_capacity"])
@pytest.mark.parametrize("wait", [None, 7])
def test_a_refusal_names_the_time_to_wait_if_asked(api: Any, fault: str, wait: int | None) -> None:
    break_(api, fault, retry_after=wait)

    answer = api.get("drives/")

    assert answer.headers.get("Retry-After") == (wait and str(wait))


@pytest.mark.parametrize(("fault", "status"), [("502", 502), ("504", 504), ("html", 502)])
def test_a_gateway_answers_with_a_page(api: Any, fault: str, status: int) -> None:
    break_(api, fault)

    answer = api.get("drives/")

    assert (answer.status_code, answer.headers["Content-Type"]) == (
        status,
        "text/html; charset=utf-8",
    )
    assert answer.text.startswith("<html>")


def test_an_error_answer_can_hide_work_that_was_done(api: Any) -> None:
    break_(api, "504", work=True)

    assert api.post("drives/", DRIVE).status_code == 504
    assert names(api) == ["a"]


@pytest.mark.parametrize(("fault", "made"), [("reset_before", []), ("reset_after", ["a"])])
def test_a_reset_connection_leaves_the_work_undone_or_done(
    api: Any, fault: str, made: list[str]
) -> None:
    break_(api, fault, method="POST")

    with pytest.raises(requests.ConnectionError, match="reset"):
        api.post("drives/", DRIVE)

    assert names(api) == made
    assert [r.status for r in api.simulator.requests if r.method == "POST"] == [0]


def test_connections_are_refused_for_a_while(api: Any) -> None:
    break_(api, "refuse", seconds=1)

    answered = api.get("drives/").status_code
    with pytest.raises(requests.ConnectionError, match="refused"):
        api.get("drives/")
    until = time.monotonic() + 10
    while True:  # the port opens again by itself
        try:
            again = api.get("drives/").status_code
            break
        except requests.ConnectionError:
            assert time.monotonic() < until

    assert (answered, again) == (200, 200)


def test_a_slow_answer_comes_late(api: Any) -> None:
    break_(api, "slow", seconds=5)

    with pytest.raises(requests.ReadTimeout):
        api.get("drives/", timeout=0.2)


def test_a_stalled_body_breaks_off(api: Any) -> None:
    break_(api, "stall", seconds=0.05)

    with pytest.raises(requests.exceptions.ChunkedEncodingError, match="reset"):
        api.get("drives/")


def test_a_truncated_body_is_no_json(api: Any) -> None:
    break_(api, "truncate")

    answer = api.get("drives/")

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(answer.text)


@pytest.mark.parametrize(("rule", "status"), [({}, 200), ({"status": 401}, 401)])
def test_an_empty_body_has_the_status_of_the_work_or_another(
    api: Any, rule: dict[str, Any], status: int
) -> None:
    break_(api, "empty", **rule)

    answer = api.get("drives/")

    assert (answer.status_code, answer.content) == (status, b"")


def test_a_body_can_be_called_something_else(api: Any) -> None:
    break_(api, "wrong_type")

    answer = api.get("drives/")

    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert json.loads(answer.text)["objects"] == []


def test_a_status_nobody_knows_is_shown(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "unknown_status")

    assert [api.drive(uuid)["status"] for _ in range(2)] == ["quiescing", "unmounted"]


def test_an_answer_without_objects_stays_as_it_is(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "unknown_status", times=None)

    answers = [api.get("drives/availability_groups/"), api.delete(f"drives/{uuid}/")]

    assert [answer.text for answer in answers] == [f'[["{uuid}"]]', ""]


def test_a_stuck_drive_never_becomes_ready(api: Any) -> None:
    break_(api, "stuck", method="POST", path="drives/")

    uuid = api.post("drives/", DRIVE).json()["objects"][0]["uuid"]

    assert {api.drive(uuid)["status"] for _ in range(10)} == {"creating"}


def test_a_drive_is_unavailable_for_some_reads(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "unavailable", path=f"drives/{uuid}/", reads=2)

    seen = [api.drive(uuid)["status"] for _ in range(3)]

    assert seen == ["unavailable", "unavailable", "unmounted"]


def test_an_unavailable_drive_refuses_changes(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "unavailable", path=f"drives/{uuid}/", reads=1)
    api.put(f"drives/{uuid}/", DRIVE)

    answer = api.post(f"drives/{uuid}/action/?do=resize", {**DRIVE, "size": 2 * GIB})

    assert (answer.status_code, answer.json()[0]["error_type"]) == (403, "permission")


def test_a_drive_vanishes_during_a_wait(api: Any) -> None:
    uuid = api.post("drives/", DRIVE).json()["objects"][0]["uuid"]
    break_(api, "vanish", path=f"drives/{uuid}/", skip=1)

    assert [api.get(f"drives/{uuid}/").status_code for _ in range(3)] == [200, 404, 404]


def test_somebody_else_edits_a_drive(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "edit", path=f"drives/{uuid}/", changes={"name": "theirs"})

    assert api.drive(uuid)["name"] == "theirs"


def test_a_created_drive_is_invisible_to_its_first_reads(api: Any) -> None:
    break_(api, "eventual", method="POST", path="drives/", reads=2)
    uuid = api.post("drives/", DRIVE).json()["objects"][0]["uuid"]

    assert [api.get(f"drives/{uuid}/").status_code for _ in range(3)] == [404, 404, 200]


def test_the_clock_of_the_server_is_off(api: Any) -> None:
    break_(api, "skew", seconds=-7200)

    wrong, right = (parsedate_to_datetime(api.get("drives/").headers["Date"]) for _ in range(2))

    assert 7190 < (right - wrong).total_seconds() < 7210


def test_a_rule_speaks_about_verb_and_address_and_counts(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "500", method="GET", path="^drives/[^/]+/$", skip=1, times=2)

    others = [api.get("drives/").status_code, api.put(f"drives/{uuid}/", DRIVE).status_code]
    mine = [api.get(f"drives/{uuid}/").status_code for _ in range(4)]

    assert (others, mine) == ([200, 200], [200, 500, 500, 200])
    assert [(rule["matched"], rule["applied"]) for rule in api.control("faults")] == [(4, 2)]


def test_a_rule_may_match_the_query(api: Any) -> None:
    uuid = api.seeded()
    break_(api, "503_concurrency", path="drives/*/action/?do=clone")

    resized = api.post(f"drives/{uuid}/action/?do=resize", DRIVE)
    cloned = api.post(f"drives/{uuid}/action/?do=clone", {})

    assert (resized.status_code, cloned.status_code) == (202, 503)


def test_random_faults_repeat_with_their_seed(start: Any) -> None:
    rule = {"fault": "random", "times": None, "rate": 0.5, "seed": 7, "kinds": ["500", "429"]}

    runs = []
    for _ in range(2):
        api = start(faults=[rule])
        runs.append([api.get("drives/").status_code for _ in range(30)])

    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 429, 500}


@pytest.mark.parametrize(
    "rule",
    [
        {"fault": "sulk"},
        {"fault": "500", "until": 1},
        {},
        {"fault": "edit", "changes": {"uuid": "x"}},
    ],
)
def test_a_misspelled_rule_is_refused(api: Any, rule: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"sulk|until|fault|uuid"):
        api.control("faults", rule)


def test_faults_leave_the_control_surface_alone_and_can_be_cleared(api: Any) -> None:
    break_(api, "500", times=None)
    broken = api.get("drives/").status_code

    api.simulator.control("faults", method="DELETE")

    assert (broken, api.get("drives/").status_code) == (500, 200)


def test_every_kind_of_fault_has_a_test_here() -> None:
    source = Path(__file__).read_text(encoding="utf-8")

    assert [kind for kind in KINDS if f'"{kind}"' not in source] == []

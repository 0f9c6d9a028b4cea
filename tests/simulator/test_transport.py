"""Authentication, media types, verbs, limits: what surrounds every call."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
import requests
from requests.auth import HTTPDigestAuth

DRIVE = {"name": "a", "media": "disk", "size": 2**30}


def bare(api: Any, method: str = "GET", path: str = "drives/", **options: Any) -> Any:
    """A request without the session's credentials."""
    return requests.request(method, api.simulator.url + path, timeout=10, **options)


def test_basic_bearer_and_digest_are_let_in(api: Any) -> None:
    token = {"Authorization": "Bearer demo-token"}
    digest = HTTPDigestAuth(*api.simulator.credentials)

    answers = [
        bare(api, auth=api.simulator.credentials),
        bare(api, headers=token),
        bare(api, auth=digest),
        bare(api, "POST", "drives/", auth=digest, json=DRIVE),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 201]


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"Authorization": "Basic !!!"},
        {"Authorization": "Basic ZGVtbzp3cm9uZw=="},
        {"Authorization": "Bearer wrong"},
        {"Authorization": 'Digest username="demo@example.com", uri="/", response="0"'},
        {"Authorization": "Magic"},
    ],
)
def test_anybody_else_gets_a_digest_challenge(api: Any, header: dict[str, str]) -> None:
    answer = bare(api, headers=header)

    assert answer.status_code == 401
    assert answer.json()[0]["error_type"] == "permission"
    assert answer.headers["WWW-Authenticate"].startswith("Digest nonce=")


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("application/json", 200),
        ("*/*", 200),
        ("text/html, application/xml;q=0.9, */*;q=0.1", 200),
        ("application/xml", 200),
        ("text/html", 406),
    ],
)
def test_accept_names_json_xml_or_anything(api: Any, accept: str, status: int) -> None:
    assert api.get("drives/", headers={"Accept": accept}).status_code == status


def test_xml_is_written_when_only_xml_is_accepted_or_wished_for(api: Any) -> None:
    api.seeded(name="<&>")

    accepted = api.get("drives/detail/", headers={"Accept": "application/xml"})
    wished = api.get("drives/detail/?format=xml")

    assert accepted.headers["Content-Type"] == "application/xml; charset=utf-8"
    assert accepted.text == wished.text
    assert "&lt;&amp;&gt;" in wished.text
    library = api.get("libdrives/?format=xml").text
    assert '<value name="storage_type" type="null" />' in library


def test_gzip_is_used_when_accepted(api: Any) -> None:
    zipped = api.get("capabilities/", headers={"Accept-Encoding": "gzip"}, stream=True)
    plain = api.get("capabilities/", headers={"Accept-Encoding": "identity"})

    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.raw.read()) == plain.content


def test_every_answer_has_a_request_id_of_its_own(api: Any) -> None:
    ids = [api.get(path).headers["X-REQUEST-ID"] for path in ("drives/", "nowhere/", "drives/x/")]

    assert len(set(ids)) == 3
    assert [record.request_id for record in api.simulator.requests] == ids


@pytest.mark.parametrize("path", ["drives", "drives/x", "nowhere/", "drives/x/y/"])
def test_an_address_that_does_not_exist_is_404_and_never_redirected(api: Any, path: str) -> None:
    answer = api.get(path, allow_redirects=False)

    assert (answer.status_code, answer.json()[0]["error_type"]) == (404, "notexist")


def test_a_missing_slash_never_creates(api: Any) -> None:
    assert api.send("POST", "drives", DRIVE, allow_redirects=False).status_code == 404


def test_options_lists_the_verbs_of_an_address(api: Any) -> None:
    answer = api.send("OPTIONS", "drives/x/")

    assert (answer.status_code, answer.text) == (200, "DELETE,GET,PUT")
    assert api.send("OPTIONS", "nowhere/").status_code == 404


def test_a_wrong_verb_names_the_right_ones(api: Any) -> None:
    answer = api.send("PUT", "jobs/", {})

    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET")


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "application/json"),
        (b"{", "application/json"),
        (b'{"name": NaN}', "application/json"),
        (b"[" * 100_000, "application/json"),
        (b"\xff", "application/json"),
        (json.dumps(DRIVE).encode(), "text/plain"),
        (json.dumps(DRIVE).encode(), None),
    ],
)
def test_a_body_that_is_no_json_is_refused(api: Any, content: bytes, kind: str | None) -> None:
    headers = {"Content-Type": kind} if kind else {}

    answer = api.send("POST", "drives/", data=content, headers=headers)

    assert answer.status_code == 400
    assert answer.json()[0]["error_point"] is None


@pytest.mark.parametrize(
    ("body", "points"),
    [
        ({}, [None]),
        ([], [None]),
        ({"objects": []}, [None]),
        ({"objects": [DRIVE], "name": "x"}, [None]),
        ([DRIVE, "x"], [None]),
        ({"name": "a"}, ["media", "size"]),
        ({**DRIVE, "media": "floppy", "size": True}, ["media", "size"]),
        ({**DRIVE, "size": "1.5"}, ["size"]),
        ({**DRIVE, "size": 0}, ["size"]),
        ({**DRIVE, "size": 1}, ["size"]),
        ({**DRIVE, "name": "a\0b"}, ["name"]),
        ({**DRIVE, "storage_type": "tape"}, ["storage_type"]),
        ({**DRIVE, "tags": ["nobody"]}, ["tags"]),
        ({**DRIVE, "tags": "x"}, ["tags"]),
        ({**DRIVE, "allow_multimount": "yes"}, ["allow_multimount"]),
        ({**DRIVE, "affinities": "ssd"}, ["affinities"]),
        ([DRIVE, {**DRIVE, "color": "red"}], ["color"]),
    ],
)
def test_a_body_that_is_wrong_is_refused_with_every_reason(
    api: Any, body: Any, points: list[str | None]
) -> None:
    answer = api.post("drives/", body)

    assert answer.status_code == 400
    assert [problem["error_point"] for problem in answer.json()] == points
    assert api.get("drives/").json()["meta"]["total_count"] == 0


def test_read_only_keys_are_ignored_and_numbers_may_be_strings(api: Any) -> None:
    body = {**DRIVE, "size": "1073741824", "status": "mounted", "uuid": "x", "owner": None}

    drive = api.post("drives/", body).json()["objects"][0]

    assert (drive["size"], drive["status"]) == (2**30, "creating")
    assert drive["uuid"] != "x"


@pytest.mark.parametrize(
    ("path", "point"),
    [
        ("drives/?color=red", "color"),
        ("drives/?limit=many", "limit"),
        ("drives/?format=yaml", "format"),
        ("drives/?offset=-1", "offset"),
        ("drives/x/?color=red", "color"),
        ("capabilities/?limit=0", "limit"),
    ],
)
def test_an_unknown_parameter_is_refused(api: Any, path: str, point: str) -> None:
    answer = api.get(path)

    assert (answer.status_code, answer.json()[0]["error_point"]) == (400, point)


def test_a_rate_limit_answers_429_and_says_when_to_come_back(start: Any) -> None:
    api = start(rate_limits={"GET": 2})

    answers = [api.get("drives/") for _ in range(3)]
    other = api.post("drives/", DRIVE)

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["Retry-After"]) <= 61
    assert other.status_code == 201


def test_a_name_that_looks_like_an_address_is_one_segment(api: Any) -> None:
    answer = api.get("drives/..%2f..%2fx%3fy/")

    assert "../../x?y" in answer.json()[0]["error_message"]


def test_requests_are_recorded_with_their_bodies(api: Any) -> None:
    api.post("drives/", DRIVE)
    api.get("drives/?limit=0")

    kept = [(r.method, r.path, r.status, r.body) for r in api.simulator.requests]
    assert kept == [
        ("POST", "/api/2.0/drives/", 201, DRIVE),
        ("GET", "/api/2.0/drives/?limit=0", 200, None),
    ]
    assert api.control("requests")["counts"] == {"total": 2, "POST": 1, "GET": 1}
    api.simulator.control("requests", method="DELETE")
    assert api.control("requests")["counts"] == {"total": 0}
    api.get("drives/")
    api.simulator.clear_requests()
    assert api.simulator.requests == []

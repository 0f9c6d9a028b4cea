"""An API that lies, or that is none: an error, never a crash, a wrong state, or a leak."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from tests.faults.core import Core
from tests.faults.hurry import Clock, Hasty
from tests.faults.matrix import Trial
from tests.faults.operations import DRIVE, FULL, SOURCE, Operation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from simulator import Simulator

    Answer = tuple[int, dict[str, str], bytes]

MEBI = 1024**2
REFRESH = Operation("refresh", FULL, FULL)


class Liar(ThreadingHTTPServer):
    """Answers every request alike, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, answer: Callable[[str, str], Answer]) -> None:
        asked: list[tuple[str, str, str | None]] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                asked.append((self.command, self.path, self.headers.get("Authorization")))
                status, headers, body = answer(self.command, self.path)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - the library's names

            def log_message(self, *_: object) -> None:
                """Nothing."""

        super().__init__(("127.0.0.1", 0), Handler)
        self.asked = asked
        self.url = f"http://127.0.0.1:{self.server_port}/api/2.0/"

    def handle_error(self, *_: object) -> None:
        """A client may leave before it has read an answer that it gave up on."""


@contextmanager
def lying(answer: Callable[[str, str], Answer]) -> Iterator[Liar]:
    with Liar(answer) as liar:
        Thread(target=liar.serve_forever, daemon=True).start()
        yield liar
        liar.shutdown()


def said(value: Any, status: int = 200) -> Answer:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    return status, {"Content-Type": "application/json"}, body


def drive(**fields: Any) -> dict[str, Any]:
    return {
        "uuid": SOURCE,
        "status": "unmounted",
        "name": "data",
        "media": "disk",
        "size": 1024**3,
        "resource_uri": f"/api/2.0/drives/{SOURCE}/",
        "storage_type": "dssd",
        "meta": {},
        "tags": [],
        "mounted_on": [],
        "jobs": [],
        "snapshots": [],
        "licenses": [],
        "allow_multimount": False,
        "affinities": [],
        "grantees": [],
        "permissions": [],
        "owner": None,
        "runtime": {},
        **fields,
    }


LIES: dict[str, Any] = {
    "larger than 64 MiB": b'{"objects": [' + b" " * (64 * MEBI) + b"]}",
    "nested too deeply": b'{"objects": ' + b"[" * 40 + b"]" * 40 + b"}",
    "nested beyond any stack": b"[" * (2 * MEBI),
    "a text": "drive",
    "nothing": None,
    "a number": 7,
    "no objects": {"objects": None},
    "objects that are none": {"objects": ["drive", 7]},
    "another drive": drive(uuid="6d537d3f-22ea-4967-9ec0-32e837a8b391"),
    "a uuid that leads elsewhere": drive(uuid="../../x?y"),
    "a size in words": drive(size="large"),
    "a size beyond numbers": b'{"uuid": "%b", "status": "unmounted", "size": 1e999}'
    % SOURCE.encode(),
    "a status that is a list": drive(status=["unmounted"]),
    "tags that are a text": drive(tags="red"),
    "tags without a uuid": drive(tags=[{"name": "red"}]),
    "notes that are numbers": drive(meta={"purpose": 7}),
    "a name that is an object": drive(name={"a": "b"}),
    "half a character": b'{"uuid": "%b", "name": "\\ud800"}' % SOURCE.encode(),
    "half a character, raw": json.dumps(drive(name="@")).encode().replace(b"@", b"\xed\xa0\x80"),
}
NULLS = ("name", "meta", "tags", "mounted_on", "jobs", "snapshots", "licenses", "runtime", "owner")


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_lie_during_refresh_is_an_error_and_changes_nothing(
    simulator: Simulator, lie: Any
) -> None:
    trial = Trial(simulator, REFRESH)
    assert trial.core.state is not None
    status, headers, body = said(lie)
    body = body.replace(SOURCE.encode(), trial.core.state["uuid"].encode())
    with lying(lambda *_: (status, headers, body)) as liar:
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_drive")
        core.state, core.private = dict(trial.core.state), trial.core.private

        told = core.apply({**FULL, "tags": [trial.tags["red"]]})

    assert told.errors
    assert not any("Unexpected error" in error for error in told.errors)
    assert core.state == trial.core.state
    assert {method for method, *_ in liar.asked} == {"GET"}


@pytest.mark.parametrize("key", NULLS)
def test_a_key_that_is_null_is_no_crash(simulator: Simulator, key: str) -> None:
    trial = Trial(simulator, REFRESH)
    assert trial.core.state is not None
    body = drive(**{"uuid": trial.core.state["uuid"], "owner": {"uuid": SOURCE}, key: None})
    whole = {"meta": {"total_count": 1}, "objects": [body]}
    with lying(lambda _, path: said(whole if "/?" in path else body)) as liar:
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_drive")
        core.state, core.private = dict(trial.core.state), trial.core.private

        told = core.apply({**FULL, "tags": [trial.tags["red"]]})

    assert not any("Unexpected error" in error for error in told.errors)


@pytest.mark.parametrize(
    "tag",
    [{"name": "x"}, {"uuid": None}, {"uuid": 7, "name": "x"}, {"uuid": "u", "meta": []}],
    ids=str,
)
def test_a_created_tag_that_cannot_be_one_is_an_error(tag: Any) -> None:
    with lying(lambda *_: said({"objects": [tag]}, 201)) as liar:
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_tag")

        told = core.apply({"name": "x"})

    assert told.errors
    assert not any("Unexpected error" in error for error in told.errors)
    assert core.state is None


@pytest.mark.parametrize("uuid", ["../../x?y", "..", "", "a/b#c", "%2e%2e", None, 7, {"a": "b"}])
def test_a_created_drive_never_leads_elsewhere(uuid: Any) -> None:
    def answer(method: str, path: str) -> Answer:
        if method == "POST":
            return said({"objects": [drive(uuid=uuid, owner={"uuid": "x"})]}, 201)
        return said(
            [{"error_type": "notexist", "error_message": "No", "error_point": None}]
            if path.count("/") > 4 and "detail" not in path
            else {"meta": {}, "objects": []},
            404 if path.count("/") > 4 and "detail" not in path else 200,
        )

    with lying(answer) as liar:
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_drive")

        told = core.apply(DRIVE)

    assert told.errors
    assert not any("Unexpected error" in error for error in told.errors)
    known = ("/api/2.0/drives/", "/api/2.0/capabilities/")
    assert all(path.startswith(known) and "/../" not in path for _, path, _ in liar.asked)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_credentials_do_not_follow_a_redirect(simulator: Simulator, status: int) -> None:
    trial = Trial(simulator, REFRESH)
    with (
        lying(lambda *_: said(drive())) as elsewhere,
        lying(lambda _, path: (status, {"Location": f"{elsewhere.url}{path}"}, b"")) as liar,
    ):
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_drive")
        core.state = dict(trial.core.state)

        (error,) = core.apply({**FULL, "tags": [trial.tags["red"]]}).errors

    assert elsewhere.asked == []
    assert "must be the API's own address" in error
    assert core.state == trial.core.state
    assert all(authorization for *_, authorization in liar.asked)


def test_words_of_the_api_do_not_command_the_terminal(simulator: Simulator) -> None:
    trial = Trial(simulator, REFRESH)
    words = "No\x1b[2J\x07\x9b31m\u202e way\nError: all is well"
    refusal = [{"error_type": "per\x1b[2Jmission", "error_message": words, "error_point": None}]
    status, headers, body = said(refusal, 403)
    headers["X-REQUEST-ID"] = "r7\x1b[1;1H\x9b31m"
    with lying(lambda *_: (status, headers, body)) as liar:
        core = Core(Hasty(liar.url, Clock()), "cloudsigma_drive")
        core.state = dict(trial.core.state)

        (error,) = core.apply({**FULL, "tags": [trial.tags["red"]]}).errors

    assert '"No [2J  31m  way Error: all is well"' in error
    assert "error_type per [2Jmission, request id r7 [1;1H 31m)" in error
    assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(error)

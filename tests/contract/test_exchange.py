"""One HTTP exchange with a real socket: what is sent, and what each answer becomes."""

from __future__ import annotations

import gzip
import html
import json
import socket
import threading
import zlib
from random import Random
from urllib.parse import quote

import pytest

from provider.api import connections, errors
from provider.api import transport as transport_module
from provider.api.events import Events
from provider.api.transport import Transport
from tests.contract.scripted import answer, cut, events, http, raw, refusal, reset, settings


def test_a_request_is_sent_as_documented(server, transport):
    server.replies(answer(200, {"ok": True}))

    got = transport.exchange("POST", "drives/", {"avoid": "a,b c"}, {"name": "x"})

    request = server.received[0]
    assert (got.status, got.json) == (200, {"ok": True})
    assert (request.method, request.target) == ("POST", "/api/2.0/drives/?avoid=a,b%20c")
    assert request.json == {"name": "x"}
    assert request.headers["authorization"] == "Basic bWVAZXhhbXBsZS5jb206cGE1NQ=="
    assert request.headers["content-type"] == request.headers["accept"] == "application/json"
    assert request.headers["accept-encoding"] == "gzip"


def test_a_get_has_no_body_but_a_content_type(server, transport):
    server.replies(answer(200, {}))

    transport.exchange("GET", "drives/")

    assert server.received[0].body == b""
    assert server.received[0].headers["content-type"] == "application/json"


def test_a_token_is_sent_as_bearer(server):
    server.replies(answer(200, {}))
    transport = Transport(settings(server.url, username=None, password=None, token="t0k"))

    transport.exchange("GET", "profile/")

    assert server.received[0].headers["authorization"] == "Bearer t0k"


def test_a_password_outside_latin_1_is_sent_as_utf_8(server):
    server.replies(answer(200, {}))

    Transport(settings(server.url, username="é", password="пароль")).exchange("GET", "profile/")

    assert server.received[0].headers["authorization"] == "Basic w6k60L/QsNGA0L7Qu9GM"


def test_a_netrc_file_does_not_replace_the_credentials(server, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    server.replies(answer(200, {}))

    Transport(settings(server.url)).exchange("GET", "profile/")

    assert server.received[0].headers["authorization"].startswith("Basic bWVAZXhhb")


def test_cookies_are_not_sent_back(server, transport):
    server.replies(answer(200, {}, Set_Cookie="sessionid=1; Path=/"), answer(200, {}))

    transport.exchange("GET", "profile/")
    transport.exchange("GET", "profile/")

    assert "cookie" not in server.received[1].headers


def test_a_connection_is_kept(server, transport):
    server.replies(answer(200, {}), refusal(404, "notexist"), http(204), answer(200, {}))

    transport.exchange("GET", "a/")
    with pytest.raises(errors.NotFound):
        transport.exchange("GET", "b/")
    transport.exchange("DELETE", "c/")
    transport.exchange("GET", "d/")

    assert server.connections == 1


def test_an_answer_without_content_is_not_parsed(server, transport):
    server.replies(http(204, Content_Type="text/html; charset=utf-8"), http(200))

    assert transport.exchange("DELETE", "drives/x/").json is None
    assert transport.exchange("DELETE", "drives/x/").json is None


def test_a_gzipped_answer_is_unpacked(server, transport):
    body = gzip.compress(json.dumps({"objects": ["x"] * 5000}).encode())
    server.replies(http(200, body, Content_Encoding="gzip"))

    assert len(transport.exchange("GET", "drives/").json["objects"]) == 5000


def test_a_chunked_answer_is_joined(server, transport):
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    server.replies(raw(head + b"4\r\n[1, \r\n2\r\n2]\r\n0\r\n\r\n"))

    assert transport.exchange("GET", "drives/").json == [1, 2]


HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"


@pytest.mark.parametrize("status", [100, 102, 103, 199])
def test_an_interim_answer_is_not_the_answer(server, transport, status):
    interim = b"HTTP/1.1 %d Soon\r\nX-Status: 1\r\n\r\n" % status
    final = b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\n[1]"
    server.replies(raw(interim + HINTS + interim + final), answer(200, {"n": 2}))

    got = transport.exchange("POST", "drives/", None, {})

    assert (got.status, got.json) == (201, [1])
    assert transport.exchange("GET", "profile/").json == {"n": 2}
    assert server.connections == 1


def test_an_answer_after_an_interim_one_may_end_its_connection(server, transport):
    final = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 3\r\n\r\n[1]"
    server.replies(raw(HINTS + final), answer(200, {"n": 2}))

    assert transport.exchange("GET", "a/").json == [1]
    assert transport.exchange("GET", "b/").json == {"n": 2}
    assert server.connections == 2


@pytest.mark.parametrize("size", [1, 7, 1000, 100_000])
def test_a_packed_answer_may_come_in_pieces_and_files(server, transport, size):
    text = json.dumps({"objects": [f"{n:x}" for n in range(50_000)]}).encode()
    half = len(text) // 2
    packed = gzip.compress(text[:half]) + gzip.compress(text[half:])
    chunks = [packed[start : start + size] for start in range(0, len(packed), size)]
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    server.replies(raw(head + body + b"0\r\n\r\n"))

    assert transport.exchange("GET", "drives/").json == json.loads(text)


def test_a_large_answer_is_packed_small_and_unpacked_whole(server, transport):
    body = gzip.compress(b'"' + b"x" * 10_000_000 + b'"')
    server.replies(http(200, body, Content_Encoding="GZIP"))

    assert len(transport.exchange("GET", "drives/").json) == 10_000_000


def test_an_answer_without_content_may_claim_to_be_packed(server, transport):
    server.replies(http(200, Content_Encoding="gzip"))

    assert transport.exchange("GET", "drives/").json is None


@pytest.mark.parametrize("encode", [bytes, gzip.compress], ids=["plain", "packed"])
def test_an_oversized_answer_is_refused_before_it_is_all_read(
    server, transport, monkeypatch, encode
):
    monkeypatch.setattr(transport_module, "MAX_BODY", 100_000)
    packed = encode(b"[" + b" " * 3_000_000 + b"]")
    encoding = {} if encode is bytes else {"Content_Encoding": "gzip"}
    server.replies(http(200, packed, X_REQUEST_ID="r", **encoding))

    with pytest.raises(errors.Malformed, match="larger than 100000 bytes") as caught:
        transport.exchange("GET", "drives/")

    assert (caught.value.status, caught.value.request_id) == (200, "r")
    assert caught.value.method == "GET"
    assert caught.value.path.endswith("/api/2.0/drives/")  # of whatever has answered


def test_the_bound_of_a_body_is_64_mebibytes():
    assert transport_module.MAX_BODY == 64 * 1024**2


UNUSABLE = {
    "truncated": (b'{"objects": [{"uuid":', "is not JSON"),
    "html": (b"<html>Welcome</html>", "is not JSON"),
    "not utf-8": (b'{"a": "\xff\xfe\xfd"}', "is not JSON"),
    "not a number": (b'{"size": NaN}', "is not JSON"),
    "infinite": (b'{"size": 1e999}', "is not JSON"),
    "endless integer": (b"1" * 5000, "is not JSON"),
    "half a character": (b'{"name": "\\ud800"}', "is not JSON"),
    "half a character, raw": (b'{"name": "\xed\xa0\x80"}', "is not JSON"),
    "half a character in utf-16": ('{"name": "\\ud800"}'.encode("utf-16"), "is not JSON"),
    "deep": (b"[" * 33 + b"]" * 33, "nested too deeply"),
    "very deep": (b"[" * 200_000, "nested too deeply"),
}


@pytest.mark.parametrize(("body", "reason"), UNUSABLE.values(), ids=UNUSABLE)
def test_a_success_that_cannot_be_understood_is_malformed(server, transport, body, reason):
    server.replies(http(200, body, X_REQUEST_ID="req-7"))

    with pytest.raises(errors.Malformed, match=reason) as caught:
        transport.exchange("GET", "drives/")

    assert caught.value.request_id == "req-7"


def test_nesting_up_to_the_bound_is_accepted(server, transport):
    server.replies(http(200, b"[" * 32 + b"]" * 32), http(200, b'"\\ud83d\\ude00"'))

    assert transport.exchange("GET", "drives/").json
    assert transport.exchange("GET", "drives/").json == "\N{GRINNING FACE}"


LOST = {
    "reset": reset,
    "closed": cut(),
    "half a length": cut(b"HTTP/1.1 200 OK\r\nContent-Length: 1"),
    "no headers": cut(b"HTTP/1.1 204 No Content"),
    "half a header": cut(b"HTTP/1.1 204 No Content\r\nX-REQ"),
    "headers without an end": cut(b"HTTP/1.1 204 No Content\r\nX-REQUEST-ID: r\r\n"),
    "not http": cut(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "half a body": cut(b'HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\n{"objects"'),
    "half a chunk": cut(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"),
    "no last chunk": cut(b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    "negative chunk": cut(
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n{}\r\n"
    ),
    "another protocol": raw(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n"),
    "nothing but hints": cut(HINTS),
    "too many headers": cut(b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
}


@pytest.mark.parametrize("reply", LOST.values(), ids=LOST)
def test_an_answer_that_does_not_arrive_whole_is_lost(server, transport, reply):
    server.replies(reply)

    with pytest.raises(errors.AnswerLost) as caught:
        transport.exchange("POST", "drives/", None, {})

    assert (caught.value.method, caught.value.path) == ("POST", "drives/")
    assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    "body",
    [b"this is not gzip", gzip.compress(b"[1, 2, 3]")[:-9], gzip.compress(b"[]") + b"more"],
    ids=["not packed", "half", "more"],
)
def test_an_answer_that_cannot_be_unpacked_is_malformed(server, transport, body):
    server.replies(http(200, body, Content_Encoding="gzip", X_REQUEST_ID="r"))

    with pytest.raises(errors.Malformed, match="cannot be unpacked") as caught:
        transport.exchange("GET", "drives/")

    assert (caught.value.status, caught.value.request_id) == (200, "r")


@pytest.mark.parametrize(
    "reply",
    [raw(b""), raw(b"HTTP/1.1 200 OK\r\n"), raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{")],
    ids=["no answer", "no head", "no rest"],
)
def test_a_silent_server_is_given_up(server, reply):
    server.replies(reply)

    with pytest.raises(errors.AnswerLost):
        Transport(settings(server.url, request_timeout=0.05)).exchange("GET", "drives/")


def test_a_trickling_server_is_given_up(server, monkeypatch):
    monkeypatch.setattr(connections, "SLOWEST", -1)
    server.replies(http(200, b"[1, 2, 3]"))

    with pytest.raises(errors.AnswerLost, match="too slowly"):
        Transport(settings(server.url)).exchange("GET", "drives/")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
TRICKLES = {
    "body": (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", b" "),
    "chunks": (CHUNKED, b"1\r\n \r\n"),
    "trailers": (CHUNKED + b"2\r\n{}\r\n0\r\n", b"A: b\r\n"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("start", "drop"), TRICKLES.values(), ids=TRICKLES)
def test_an_answer_that_trickles_is_given_up_although_it_is_never_silent(server, start, drop):
    def trickle(connection):
        connection.sendall(start)
        while True:  # until the client leaves
            connection.sendall(drop)

    server.replies(trickle)

    with pytest.raises(errors.AnswerLost, match="too slowly"):
        Transport(settings(server.url, request_timeout=0.1)).exchange("GET", "drives/")


def test_a_server_may_refuse_a_body_without_reading_it():
    def refuse(listener: socket.socket) -> None:
        with listener.accept()[0] as connection:
            connection.recv(100)
            connection.sendall(b"HTTP/1.1 413 Too much\r\nContent-Length: 0\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=refuse, args=[listener], daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"

        with pytest.raises(errors.ApiError) as caught:
            Transport(settings(url)).exchange("POST", "drives/", None, {"name": "x" * 20_000_000})

    assert caught.value.status == 413


@pytest.mark.parametrize("path", ["a b/", "a\r\nX: y/", "a\x00/", "\N{GRINNING FACE}/"])
def test_a_path_that_is_none_is_never_sent(server, transport, path):
    with pytest.raises(errors.ValidationFailed, match="cannot be written"):
        transport.exchange("GET", path)

    assert server.received == []


def test_an_odd_base_url_is_escaped(server):
    server.replies(answer(200, {}))

    Transport(settings(f"{server.url}a b/é%2F;x=1\r\n/")).exchange("GET", "drives/")

    assert server.received[0].target == "/api/2.0/a%20b/%C3%A9%2F;x=1/drives/"


def test_a_refused_connection_means_that_nothing_was_sent(server, transport):
    server.close()

    with pytest.raises(errors.Unreachable, match="Connection refused"):
        transport.exchange("POST", "drives/", None, {})


def test_an_unknown_host_means_that_nothing_was_sent():
    with pytest.raises(errors.Unreachable):
        Transport(settings("https://host.invalid/")).exchange("POST", "drives/", None, {})


def test_an_impossible_host_name_means_that_nothing_was_sent():
    with pytest.raises(errors.Unreachable):
        Transport(settings(f"https://{'a' * 70}.example/")).exchange("GET", "drives/")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_named_but_not_followed(server, transport, status):
    server.replies(http(status, Location="http://elsewhere.example/api/"))

    with pytest.raises(errors.Redirected, match=r"http://elsewhere\.example/api/"):
        transport.exchange("GET", "drives/")

    assert len(server.received) == 1


def test_each_exchange_is_logged_once_without_secrets(server):
    logged: list[dict[str, object]] = []
    traced: list[dict[str, object]] = []
    server.replies(answer(200, {"echo": "pa55"}), http(502, b"Authorization: Basic pa55"), reset)
    transport = Transport(settings(server.url))
    heard = Events(events(logged), events(traced))

    transport.exchange("PUT", "drives/x/", {"a": "b"}, {"password": "pa55"}, heard)
    with pytest.raises(errors.ServerFault) as caught:
        transport.exchange("GET", "drives/", events=heard)
    with pytest.raises(errors.AnswerLost):
        transport.exchange("GET", "drives/", events=heard)

    assert [(e["method"], e["path"], e.get("status"), e.get("failure")) for e in logged] == [
        ("PUT", "drives/x/?a=b", 200, None),
        ("GET", "drives/", 502, "ServerFault"),
        ("GET", "drives/", None, "AnswerLost"),
    ]
    assert all(isinstance(event["ms"], int) for event in logged)
    assert logged[0]["request_id"] == "req-7"
    assert [event["event"] for event in traced] == ["HTTP request", "HTTP answer", "HTTP answer"]
    assert "pa55" not in f"{logged}{traced}{caught.value}{transport.settings}"
    assert "bWVAZXhhb" not in f"{logged}{traced}"
    assert "***" in str(caught.value)


def refused(server, password, *replies):
    """What each reply becomes for somebody with this password."""
    server.replies(*replies)
    transport = Transport(settings(server.url, password=password))
    for _ in replies:
        with pytest.raises(errors.ApiError) as caught:
            transport.exchange("GET", "drives/x/")
        yield caught.value


@pytest.mark.parametrize("password", ["notexist", "error", "type", "error_type", "7", "[{"])
def test_a_password_does_not_change_what_an_answer_means(server, password):
    absent, busy = refusal(404, "notexist"), refusal(429, "concurrency", Retry_After="7")

    first, second = refused(server, password, absent, busy)

    assert type(first) is errors.NotFound
    assert type(second) is errors.RateLimited
    assert second.retry_after == 7.0


PASSWORDS = ["pa55word", 'pa"55', "pa\\55", "pä55wörd", "пароль", "<b>pa 55</b>", "a&b'c"]


@pytest.mark.parametrize("password", PASSWORDS)
def test_a_password_is_shown_nowhere(server, password):
    everywhere = [
        {"error_type": password, "error_message": f"No {password}!", "error_point": password}
    ]
    raw_utf_8 = json.dumps(everywhere, ensure_ascii=False).encode()

    for error in refused(
        server,
        password,
        answer(400, everywhere, X_REQUEST_ID="id pa55word"),
        http(400, raw_utf_8),
        http(502, f"<p>{password}</p>".encode()),
        http(502, f"<p>{html.escape(password)}</p>".encode()),
        http(302, Location=f"https://h/{quote(password)}"),
    ):
        shown = [error.summary, str(error.error_type), str(error.request_id)]
        shown += [part for message in error.messages for part in (message.text, message.point)]
        spelled = {password, json.dumps(password)[1:-1], html.escape(password), quote(password)}
        assert not [text for text in shown for spelling in spelled if spelling in text]
        assert any("***" in text for text in shown)


def test_a_password_in_headers_is_not_shown(server):
    moved, denied = refused(
        server,
        "pä55",
        http(302, Location="https://h/pä55/x"),
        refusal(403, "permission", X_REQUEST_ID="pä55-7"),
    )

    assert "https://h/***/x" in str(moved)
    assert denied.request_id == "***-7"


def test_deflated_answers_are_unpacked_too(server, transport):
    server.replies(http(200, zlib.compress(b"[1]"), Content_Encoding="deflate"))

    assert transport.exchange("GET", "drives/").json == [1]


@pytest.mark.parametrize("seed", range(60))
def test_noise_is_an_error_of_ours(server, transport, seed):
    random = Random(seed)
    pieces = [b"\r\n", b"HTTP/1.1 200 OK\r\n", b"Transfer-Encoding: chunked\r\n", b"-1\r\n", b"{"]
    noise = [random.randbytes(random.randrange(9)) for _ in range(5)]
    start = pieces[1] if seed % 3 else b""
    server.replies(cut(start + b"".join(random.choices(pieces + noise, k=9))))

    with pytest.raises(errors.ApiError):
        raise_for_empty(transport.exchange("GET", "drives/"))


def raise_for_empty(received):
    """An answer without content is none of the transport's errors, but one of the client's."""
    raise received.malformed("has no content")

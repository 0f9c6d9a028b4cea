"""One HTTP exchange on a kept connection.

It takes no credentials from ~/.netrc, sends no cookies back (which would make the API demand CSRF
tokens), and follows no redirect.
Protocol: RFC 9112.
"""

from __future__ import annotations

import json
import time
import zlib
from contextlib import suppress
from functools import partial
from http.client import IncompleteRead
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from provider.api import addresses, answers, errors
from provider.api.connections import Connections, failing_as
from provider.api.events import SILENT, Events
from provider.api.proxies import proxy_for

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from http.client import HTTPConnection, HTTPResponse

    from provider.api.settings import Settings

MAX_BODY = 64 * 1024 * 1024
PIECE = 64 * 1024
TRACED = 16 * 1024
DECIDING = ("Content-Encoding", "Date", "Retry-After")
SHOWN = ("Location", "X-REQUEST-ID")
IN_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#x27;"})
PACKED = {"gzip", "x-gzip", "deflate"}
GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS


class Transport:
    """Kept connections to one API, shared by all threads. ValueError for wrong settings."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings.checked()
        base = addresses.checked_base_url(settings.base_url, allow_http=settings.allow_http)
        self._base = base
        url = urlsplit(base)
        proxy = proxy_for(url)
        self._connections = Connections(url, proxy, settings)
        self._root = quote(url.path, safe="/%:@!$&'()*+,;=~")
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": settings.authorization(),
            "Content-Type": "application/json",
            "User-Agent": settings.user_agent,
        }
        if proxy and url.scheme == "http":  # read by the proxy, not sent through it
            self._root = f"http://{url.netloc}{self._root}"
            self._headers |= proxy.headers
        blobs = [settings.authorization(), *(proxy.headers.values() if proxy else ())]
        secrets = [blob.split(" ", 1)[1] for blob in blobs]
        secrets += filter(None, (settings.password, settings.token))
        spelled = {spelling for secret in secrets for spelling in _spellings(secret)}
        self._secrets = sorted(spelled, key=len, reverse=True)

    def exchange(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        body: object = None,
        events: Events = SILENT,
    ) -> answers.Answer:
        """The answer to one request, sent once. Any other outcome is raised as an `ApiError`."""
        target = path + ("?" + addresses.query_string(query) if query else "")
        seen: dict[str, object] = {"method": method, "path": target}
        started = time.monotonic()
        try:
            status, headers, content = self._round_trip(method, target, body, events)
            seen |= {"status": status, "request_id": answers.request_id(headers)}
            events.trace("HTTP answer", {**seen, "body": self._excerpt(content)})
            return self._understood(method, target, status, headers, content)
        except errors.ApiError as error:
            error.method = method
            error.path = self._base + target if error.elsewhere else target
            if isinstance(error, errors.AnswerLost):
                # What swallowed it may have swallowed the kept connections too: a repetition and
                # a look get one that has just been made, or used.
                self._connections.close()
            seen["failure"] = type(error).__name__
            raise
        finally:
            seen["ms"] = round((time.monotonic() - started) * 1000)
            events.log("HTTP exchange", seen)

    def close(self) -> None:
        """Every kept connection is closed."""
        self._connections.close()

    def _round_trip(
        self, method: str, target: str, body: object, events: Events
    ) -> tuple[int, Mapping[str, str], bytes]:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        if data is not None:
            fields = {"method": method, "path": target, "body": self._excerpt(data)}
            events.trace("HTTP request", fields)
        with self._connections.lent() as connection:
            with failing_as(errors.ValidationFailed, "The request cannot be written"):
                self._address(connection, method, target, data)
            with failing_as(errors.AnswerLost, "No complete answer came"):
                # A server may answer, and leave, before it has read everything.
                with suppress(BrokenPipeError, ConnectionResetError):
                    connection.endheaders(data)
                with connection.getresponse() as response:
                    headers = self._told(response)
                    content = _content(response, headers)
        return response.status, headers, content

    def _address(
        self, connection: HTTPConnection, method: str, target: str, data: bytes | None
    ) -> None:
        """What goes before the body is ready to be sent."""
        connection.putrequest(method, self._root + target, skip_accept_encoding=True)
        for name, value in self._headers.items():
            connection.putheader(name, value)
        if method != "GET":
            connection.putheader("Content-Length", str(len(data or b"")))

    def _told(self, response: HTTPResponse) -> Mapping[str, str]:
        """The headers that count; those that are shown are without credentials."""
        headers = response.headers
        deciding = {name: headers[name] for name in DECIDING if name in headers}
        return deciding | {name: self._hidden(headers[name]) for name in SHOWN if name in headers}

    def _understood(
        self, method: str, path: str, status: int, headers: Mapping[str, str], content: bytes
    ) -> answers.Answer:
        if not 200 <= status < 300:
            text = content.decode(errors="replace")
            raise answers.failure(method, path, status, headers, text, hide=self._hidden)
        answer = answers.Answer(method, path, status, headers, None)
        if status == 204 or not content:
            return answer
        try:
            return answer._replace(json=answers.parse(content))
        except ValueError as error:
            raise answer.malformed(str(error)) from None

    def _excerpt(self, content: bytes) -> str:
        # Cut last, lest a half of a credential stays at the end.
        return self._hidden(content[: 2 * TRACED].decode(errors="replace"))[:TRACED]

    def _hidden(self, text: str) -> str:
        """`text` without the credentials, should a server have sent them back."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text


def _spellings(secret: str) -> set[str]:
    """How a server may write a secret: in text, JSON, HTML, a URL or a header."""
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        secret.translate(IN_HTML),
        quote(secret),
        quote(secret, safe=""),
        secret.encode(errors="replace").decode("latin-1"),
    }


def _content(response: HTTPResponse, headers: Mapping[str, str]) -> bytes:
    """The whole body, unpacked, if it ends within its bound."""
    content = bytearray()
    encoding = headers.get("Content-Encoding", "").strip().lower()
    request_id = answers.request_id(headers)
    malformed = partial(errors.Malformed, status=response.status, request_id=request_id)
    pieces = _pieces(response)
    try:
        for piece in _unpacked(pieces) if encoding in PACKED else pieces:
            content += piece
            if len(content) > MAX_BODY:
                raise malformed(f"The answer is larger than {MAX_BODY} bytes")
    except zlib.error as error:
        raise malformed("The answer cannot be unpacked") from error
    return bytes(content)


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    """The body as it comes, if all of it does."""
    while piece := response.read1(PIECE):
        yield piece
    if response.length:
        raise IncompleteRead(b"", response.length)


def _unpacked(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """What gzip or zlib has packed, again in pieces; `zlib.error` unless it is whole."""
    stream = None
    for piece in pieces:
        packed = piece
        while packed:
            if stream is None or stream.eof:  # gzip allows one file after the other
                stream = zlib.decompressobj(GZIP_OR_ZLIB)
            yield stream.decompress(packed, PIECE)
            packed = stream.unconsumed_tail or stream.unused_data
    if stream is not None:
        yield stream.flush()
        if not stream.eof:
            raise zlib.error("the end is missing")

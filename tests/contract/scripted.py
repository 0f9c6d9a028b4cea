"""A server that answers with prepared bytes, so that anything at all can be answered."""

from __future__ import annotations

import json
import socket
import struct
import threading
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from provider.api.settings import Settings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator, Mapping

    # Sends an answer; true when the connection ends with it.
    Reply = Callable[[socket.socket], object]


class Received(NamedTuple):
    """One request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> object:
        return json.loads(self.body)


def raw(content: bytes) -> Reply:
    """These bytes, then the connection stays open for another request."""
    return lambda connection: connection.sendall(content)


def cut(content: bytes = b"") -> Reply:
    """These bytes, then the end of the connection."""

    def answer(connection: socket.socket) -> bool:
        connection.sendall(content)
        return True

    return answer


def reset(connection: socket.socket) -> bool:
    """The connection is reset without an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return True


def http(status: int, body: bytes = b"", **headers: str) -> Reply:
    """A well-formed answer with any body."""
    fields = {"Content-Length": str(len(body))}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return raw(f"HTTP/1.1 {status} Status\r\n{head}\r\n".encode() + body)


def answer(status: int, body: object, **headers: str) -> Reply:
    """A JSON answer."""
    kind = {"Content_Type": "application/json; charset=utf-8", "X_REQUEST_ID": "req-7"}
    return http(status, json.dumps(body).encode(), **{**kind, **headers})


def refusal(status: int, error_type: str, message: str = "No", **headers: str) -> Reply:
    """An error answer in the documented form."""
    element = {"error_type": error_type, "error_message": message, "error_point": None}
    return answer(status, [element], **headers)


class ScriptedServer:
    """Gives its replies in order, each once, and keeps what it received."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.received: list[Received] = []
        self.connections = 0
        self._replies: list[Reply] = []
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/api/2.0/"
        self._tls = tls
        threading.Thread(target=self._accept, daemon=True).start()

    def replies(self, *replies: Reply) -> None:
        self._replies += replies

    def close(self) -> None:
        with closing(self._listener), suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self.hang_up()

    def hang_up(self) -> None:
        """End every connection; others can be made."""
        for connection in self._open:
            with closing(connection), suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def say(self, content: bytes) -> None:
        """Send on every connection what nobody has asked for."""
        for connection in self._open:
            connection.sendall(content)

    def tunnel(self, tls: ssl.SSLContext) -> Reply:
        """Be a proxy that lets the connection through, and then the server at its other end."""

        def answer(connection: socket.socket) -> bool:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            self._serve(connection, tls)
            return True

        return answer

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=[connection, self._tls], daemon=True).start()

    def _serve(self, connection: socket.socket, tls: ssl.SSLContext | None) -> None:
        # A client may leave before it has read an answer that it gave up on.
        with suppress(OSError, UnicodeDecodeError), ExitStack() as stack:
            stack.enter_context(connection)
            if tls:
                connection = stack.enter_context(tls.wrap_socket(connection, server_side=True))
                self._open.append(connection)
            stream = stack.enter_context(connection.makefile("rb"))
            while line := _line(stream.readline):
                method, target, _ = line.split(" ")
                headers = dict(_headers(stream.readline))
                body = stream.read(int(headers.get("content-length", "0")))
                self.received.append(Received(method, target, headers, body))
                if self._replies.pop(0)(connection):
                    return


def _line(readline: Callable[[], bytes]) -> str:
    return readline().decode().strip()


def _headers(readline: Callable[[], bytes]) -> Iterator[tuple[str, str]]:
    while line := _line(readline):
        name, _, value = line.partition(":")
        yield name.lower(), value.strip()


@dataclass
class Recorder:
    """An operation whose pauses take no time and are kept; a clock stands still otherwise."""

    time: float = float("inf")
    pauses: list[float] = field(default_factory=list)
    stop_at: int | None = None

    def pause(self, seconds: float) -> None:
        if len(self.pauses) == self.stop_at:
            raise Stopped
        self.pauses.append(seconds)
        self.time -= seconds

    def remaining(self) -> float:
        return self.time


class Stopped(Exception):  # noqa: N818 - named by its condition
    """What Terraform's stop request raises out of a pause."""


def settings(url: str, **others: object) -> Settings:
    fields: dict[str, object] = {"base_url": url, "username": "me@example.com", "password": "pa55"}
    return Settings(**{**fields, **others})


def events(into: list[dict[str, object]]) -> Callable[[str, Mapping[str, object]], None]:
    return lambda event, fields: into.append({"event": event, **fields})

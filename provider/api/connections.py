"""Kept connections to one server, straight or through a proxy, whose certificate is verified."""

from __future__ import annotations

import errno
import re
import ssl
import time
import weakref
from contextlib import contextmanager
from http.client import (
    BadStatusLine,
    HTTPConnection,
    HTTPException,
    HTTPResponse,
    HTTPSConnection,
    IncompleteRead,
)
from io import BufferedReader, RawIOBase
from threading import Lock
from typing import TYPE_CHECKING, NamedTuple

from provider.api import errors
from provider.api.addresses import PORTS
from provider.api.trust import Trust

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from socket import socket
    from urllib.parse import SplitResult

    from _typeshed import WriteableBuffer

    from provider.api.proxies import Proxy
    from provider.api.settings import Settings

CONNECT_TIMEOUT = 10.0
BODILESS = {204, 304}
LONGEST_IDLE = 60.0
"""So many seconds without an exchange a router on the way is sure to remember a connection."""
SLOWEST = 4
"""How many times the allowed silence a whole answer may take."""


class Idle(NamedTuple):
    """A connection that nobody uses, and since when."""

    connection: HTTPConnection
    since: float


class Connections:
    """Connections that are used one exchange after the other; threads share them.

    At most `pool_size` are kept while nobody uses them, and used again within a minute.
    """

    def __init__(self, url: SplitResult, proxy: Proxy | None, settings: Settings) -> None:
        self._host = url.hostname or ""
        self._port = url.port or PORTS[url.scheme]
        self._proxy = proxy
        self._trust = Trust(settings.ca_file) if url.scheme == "https" else None
        self._size = settings.pool_size
        self._silence = settings.request_timeout
        self._idle: list[Idle] = []
        self._lock = Lock()
        weakref.finalize(self, _close_all, self._idle)

    @contextmanager
    def lent(self) -> Iterator[HTTPConnection]:
        """A live connection, kept unless what is done with it fails; `Unreachable` without one."""
        connection = self._kept() or self._opened()
        connection.sock.settimeout(self._silence)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        self._keep(connection)

    def close(self) -> None:
        """Every connection that nobody uses is closed."""
        with self._lock:
            _close_all(self._idle)

    def _kept(self) -> HTTPConnection | None:
        """The connection that was used last of those that are still alive."""
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection, since = self._idle.pop()
            if time.monotonic() - since < LONGEST_IDLE and _is_quiet(connection):
                return connection
            connection.close()

    def _keep(self, connection: HTTPConnection) -> None:
        with self._lock:
            if connection.sock is not None and len(self._idle) < self._size:
                self._idle.append(Idle(connection, time.monotonic()))
                return
        connection.close()

    def _opened(self) -> HTTPConnection:
        """A new connection, on which nothing of an exchange has been sent."""
        with failing_as(errors.Unreachable, "No connection could be made"):
            made = self._trust.tried(self._connected) if self._trust else self._connected()
        made.response_class = Response
        made.auto_open = 0  # by itself it would go past the proxy
        return made

    def _connected(self) -> HTTPConnection:
        host, port, _ = self._proxy or (self._host, self._port, {})
        timeout = min(CONNECT_TIMEOUT, self._silence)
        connection = HTTPConnection(host, port, timeout=timeout)
        try:
            connection.connect()
            return self._secured(connection, self._trust.context) if self._trust else connection
        except BaseException:
            connection.close()
            raise

    def _secured(self, way: HTTPConnection, context: ssl.SSLContext) -> HTTPConnection:
        """A connection to the server itself over one to it, or to the proxy."""
        if self._proxy:
            self._lead(way, self._proxy.headers)
        connection = HTTPSConnection(self._host, self._port, context=context)
        connection.sock = context.wrap_socket(way.sock, server_hostname=self._host)
        return connection

    def _lead(self, way: HTTPConnection, headers: Mapping[str, str]) -> None:
        """The proxy passes on what comes from here on."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        way.putrequest("CONNECT", f"{host}:{self._port}", skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"{host}:{self._port}", **headers}.items():
            way.putheader(name, value)
        way.endheaders()
        with Response(way.sock, method="CONNECT") as response:
            response.begin()
            if not 200 <= response.status < 300:
                raise OSError(f"Tunnel connection failed: {response.status}")


class Response(HTTPResponse):
    """A final answer that comes in time: its head and its body, down to the last trailer."""

    def __init__(
        self, sock: socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        give_up = time.monotonic() + SLOWEST * (sock.gettimeout() or 0.0)
        self._stream = _Timely(self.fp.detach(), give_up)
        self.fp = BufferedReader(self._stream)

    def begin(self) -> None:
        """The head of the final answer has been read."""
        super().begin()
        while 100 < self.status < 200 and self.status != 101:
            self.headers = None  # type: ignore[assignment]  # the library begins but once
            super().begin()
        if self.status < 200:  # 101: nobody has asked to switch to another protocol
            raise BadStatusLine(str(self.status))
        if self._stream.ended:  # nothing is read beyond the empty line that ends a head
            raise IncompleteRead(b"")
        if self.status in BODILESS:
            # What a head announces all the same may still come, so no request follows it.
            announced = self.headers.get("Content-Length", "0") != "0"
            self.will_close = self.will_close or self.chunked or announced
            self.chunked = False


class _Timely(RawIOBase):
    """What comes on a socket until a moment; a peer that is never silent cannot prolong it."""

    def __init__(self, raw: RawIOBase, give_up: float) -> None:
        self._raw = raw
        self._give_up = give_up
        self.ended = False

    def readable(self) -> bool:
        """It can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """How much has come into `buffer`; 0 at the end."""
        if time.monotonic() > self._give_up:
            raise TimeoutError(errno.ETIMEDOUT, "it came too slowly")
        read = self._raw.readinto(buffer)
        self.ended = read == 0
        return read

    def close(self) -> None:
        """The socket is let go."""
        self._raw.close()
        super().close()


def _is_quiet(connection: HTTPConnection) -> bool:
    """Whether nothing has come since the last answer, not even the end of the connection."""
    connection.sock.settimeout(0)
    try:
        connection.sock.recv(1)
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        return False
    return False


def _close_all(idle: list[Idle]) -> None:
    while idle:
        idle.pop().connection.close()


@contextmanager
def failing_as(kind: type[errors.ApiError], summary: str) -> Iterator[None]:
    """Every failure of a connection leaves as one of ours."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        words = f"The certificate of the server is not trusted: {error.strerror}"
        raise errors.Untrusted(words) from error
    except (OSError, HTTPException, ValueError) as error:
        raise kind(f"{summary}: {_detail(error)}") from error


def _detail(error: Exception) -> str:
    """What the system says of a failure, or the failure's name; never bytes of a peer."""
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    refused = re.match(r"Tunnel connection failed: \d+", str(error))
    return refused[0] if refused else type(error).__name__

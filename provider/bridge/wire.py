"""Bytes to and from one client, with TLS or without; any thread may send.

TLS runs in memory, between two locks: the library's objects must not be used by two threads at
once, and whoever waits to send must not keep the other from receiving.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from threading import Lock
from typing import Final

_CHUNK: Final = 1 << 16


class Wire:
    """A connection without TLS."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._sending = Lock()

    def receive(self) -> bytes:
        """What has come; nothing when the other side has left. Raises OSError."""
        return self._connection.recv(_CHUNK)

    def send(self, data: bytes | bytearray) -> None:
        """Send all of it, not mixed with what others send. Raises OSError."""
        with self._sending:
            self._connection.sendall(data)


class SecureWire(Wire):
    """A connection with TLS, once `greet` has succeeded."""

    def __init__(self, connection: socket.socket, context: ssl.SSLContext) -> None:
        super().__init__(connection)
        self._arrived, self._leaving = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._arrived, self._leaving, server_side=True)
        self._tls_lock = Lock()

    def greet(self, seconds: float) -> bytes | None:
        """The certificate of a client that has proven to hold it; OSError when there is none."""
        self._connection.settimeout(seconds)
        try:
            while not self._has_greeted():
                self._take()
        finally:
            with suppress(OSError):  # tell the other side also why it is refused
                self._connection.sendall(self._leaving.read())
        self._connection.settimeout(None)
        return self._tls.getpeercert(binary_form=True)

    def _has_greeted(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            self._connection.sendall(self._leaving.read())
            return False
        return True

    def receive(self) -> bytes:
        """What has come; nothing when the other side has left. Raises OSError."""
        while True:
            with self._tls_lock, suppress(ssl.SSLWantReadError):
                return self._tls.read(_CHUNK)
            self._take()

    def _take(self) -> None:
        data = self._connection.recv(_CHUNK)
        if not data:
            raise ConnectionError("the other side has left")
        with self._tls_lock:
            self._arrived.write(data)

    def send(self, data: bytes | bytearray) -> None:
        """Send all of it, not mixed with what others send. Raises OSError."""
        with self._sending:
            with self._tls_lock:
                self._tls.write(data)
                sealed = self._leaving.read()
            self._connection.sendall(sealed)

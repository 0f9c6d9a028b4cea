"""The announced socket: ends TLS, checks who is there, and hands the bytes to gRPC.

grpcio's own TLS refuses the P-521 certificate that Terraform presents, so Python's does the
work, and gRPC listens on a second socket that only this user's processes can open.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from provider.bridge.log import Log

if TYPE_CHECKING:
    from provider.bridge.tls import Guard

_CHUNK: Final = 1 << 16
_BACKLOG: Final = 1024  # a crowd of strangers must not make the client's connection fail
_HANDSHAKE_SECONDS: Final = 5.0
# What a peer can do wrong before it has proven who it is; none of it is our fault.
_PEER_FAULTS: Final = (OSError, ssl.SSLError, asyncio.IncompleteReadError, EOFError)


class Front:
    """Relays each accepted connection to an address that `open_inner` gives for it."""

    def __init__(
        self,
        listener: socket.socket,
        open_inner: Callable[[], str],
        log: Log,
        guard: Guard | None,
    ) -> None:
        self._listener = listener
        self._open_inner = open_inner
        self._log = log
        self._context = guard.outer if guard else None
        self._pinned = guard.pinned if guard else None
        self._inner_context = guard.inner if guard else None
        self._relays: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="front", daemon=True)

    def start(self) -> None:
        """Begin to accept connections."""
        self._thread.start()

    def finish(self, seconds: float) -> None:
        """Let what has been said reach the other side, for so long at most."""

        async def relayed() -> None:
            if self._relays:
                await asyncio.wait(self._relays, timeout=seconds)

        asyncio.run_coroutine_threadsafe(relayed(), self._loop).result()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.set_exception_handler(
            lambda _, event: self._log.debug("connection failed", reason=event.get("message"))
        )
        self._loop.run_until_complete(self._serve())

    async def _serve(self) -> None:
        timeout = _HANDSHAKE_SECONDS if self._context else None
        server = await asyncio.start_server(
            self._accept,
            sock=self._listener,
            backlog=_BACKLOG,
            ssl=self._context,
            ssl_handshake_timeout=timeout,
        )
        await server.serve_forever()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        relay = self._loop.create_task(self._relay(reader, writer))
        self._relays.add(relay)
        relay.add_done_callback(self._relays.discard)

    async def _relay(
        self, outer_reader: asyncio.StreamReader, outer_writer: asyncio.StreamWriter
    ) -> None:
        if self._pinned is not None and self._peer(outer_writer) != self._pinned:
            self._log.warn("a client with another certificate was refused")
            outer_writer.transport.abort()
            return
        try:
            address = await asyncio.to_thread(self._open_inner)
            inner_reader, inner_writer = await self._connect(address)
        except OSError:
            outer_writer.transport.abort()
            return
        await asyncio.gather(_pump(outer_reader, inner_writer), _pump(inner_reader, outer_writer))

    @staticmethod
    def _peer(writer: asyncio.StreamWriter) -> bytes | None:
        tls = writer.get_extra_info("ssl_object")
        certificate: bytes | None = tls.getpeercert(binary_form=True)
        return certificate

    async def _connect(self, address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        host, _, place = address.partition(":")
        if host == "unix":
            return await asyncio.open_unix_connection(place)
        context = self._inner_context
        return await asyncio.open_connection(
            host, int(place), ssl=context, server_hostname="localhost" if context else None
        )


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
    except _PEER_FAULTS:
        pass
    finally:
        writer.close()
        with suppress(*_PEER_FAULTS):
            await writer.wait_closed()

"""The gRPC server: who is let in, and what answers each call.

The services of go-plugin and of health checks, and what is prepared of the schema, are answered
with bytes, before the messages and the provider are loaded.
Protocol: services on the connection; sizes and threads; gRPC over HTTP/2.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from queue import SimpleQueue
from struct import Struct
from typing import TYPE_CHECKING, Final

from provider.bridge.frames import ConnectionFault
from provider.bridge.hpack import field
from provider.bridge.http2 import Connection, Gone, Stream
from provider.bridge.wire import SecureWire, Wire

if TYPE_CHECKING:
    from provider.bridge.log import Log
    from provider.bridge.tls import Guard

Handler = Callable[[bytes, Stream], bytes | Iterator[bytes]]
"""The answer to the message of a call, or the answers one by one."""

MESSAGE_BYTES: Final = 256 << 20  # what Go providers accept
_HANDSHAKE_SECONDS: Final = 5.0
_LONGEST_REASON: Final = 500  # characters of up to twelve bytes; clients take 8 KiB of fields
_PAUSE_SECONDS: Final = 0.05  # before the next client is let in, when there are too many
_SPARE_THREADS: Final = 16
_BACKLOG: Final = 1024  # a crowd of strangers must not make the client's connection fail
_PREFIX: Final = Struct(">BL")  # whether a message is compressed, and its length
_HEAD: Final = field(b":status", b"200") + field(b"content-type", b"application/grpc")
_OK: Final = field(b"grpc-status", b"0")
RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE = 8, 12, 13, 14

_BROKER: Final = b"/plugin.GRPCBroker/StartStream"
_SERVING: Final = b"\x08\x01"  # HealthCheckResponse: status = SERVING


class Refusal(Exception):  # noqa: N818 - an answer, not a fault
    """A call that gets a status instead of an answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Services:
    """What answers on a connection; the provider's RPCs are loaded when first needed."""

    def __init__(
        self,
        load: Callable[[], Mapping[str, Handler]],
        shutdown: Callable[[], None],
        prepared: Mapping[str, bytes],
    ) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._rpcs: Mapping[str, Handler] | None = None
        self._early: dict[str, Handler] = {
            "/plugin.GRPCController/Shutdown": _leaving(shutdown),
            "/plugin.GRPCStdio/StreamStdio": lambda *_: iter(()),
            _BROKER.decode(): lambda *_: iter(()),  # Terraform opens it and never needs it
            "/grpc.health.v1.Health/Check": _saying(_SERVING),
            "/grpc.health.v1.Health/Watch": lambda *_: iter([_SERVING]),
            **{path: _saying(answer) for path, answer in prepared.items()},
        }

    def answer(self, path: str, message: bytes, stream: Stream) -> bytes | Iterator[bytes]:
        """What is said to a message; Refusal where nothing answers."""
        handler = self._early.get(path) or self.rpcs().get(path)
        if handler is None:
            raise Refusal(UNIMPLEMENTED, f"there is no {path}")
        return handler(message, stream)

    def rpcs(self) -> Mapping[str, Handler]:
        """The provider's RPCs, loaded once."""
        with self._loading:
            if self._rpcs is None:
                self._rpcs = self._load()
            return self._rpcs


def _leaving(shutdown: Callable[[], None]) -> Handler:
    def leave(*_: object) -> bytes:
        shutdown()
        return b""

    return leave


def _saying(answer: bytes) -> Handler:
    return lambda *_: answer


class Workers:
    """Threads made on demand: each task finds one at once, however many are waiting."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._threads = 0
        self._running = 0
        self._is_leaving = False
        self._changed = threading.Condition()  # guards the three above

    def do(self, task: Callable[[], None]) -> bool:
        """Whether the task, which must not raise, was begun: not when the end is near."""
        with self._changed:
            if self._is_leaving or not self._is_staffed():
                return False
            self._running += 1
        self._tasks.put(task)
        return True

    def finish(self, seconds: float) -> None:
        """Begin no more tasks, and wait so long at most until those that run are done."""
        with self._changed:
            self._is_leaving = True
            self._changed.wait_for(lambda: self._running == 0, seconds)

    def _is_staffed(self) -> bool:
        """A thread is there for one more task: if there can be no more, the next that is free."""
        if self._threads <= self._running:
            with suppress(RuntimeError):  # the system gives no more
                threading.Thread(target=self._work, name="rpc", daemon=True).start()
                self._threads += 1
        return self._threads > 0

    def _work(self) -> None:
        while True:
            try:
                self._tasks.get()()
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()
                    is_spare = self._threads > self._running + _SPARE_THREADS
                    self._threads -= is_spare
            if is_spare:
                return


class Server:
    """Lets clients in at a listening socket, and answers them until it has to leave."""

    def __init__(
        self,
        listener: socket.socket,
        services: Callable[[], Services],
        log: Log,
        guard: Guard | None = None,
    ) -> None:
        self._listener = listener
        self._services = services
        self._log = log
        self._guard = guard
        self._workers = Workers()

    def start(self) -> None:
        """Begin to let clients in."""
        self._listener.listen(_BACKLOG)
        threading.Thread(target=self._admit, name="server", daemon=True).start()

    def finish(self, seconds: float) -> None:
        """Take no more calls, and wait so long at most until those that run are answered."""
        self._workers.finish(seconds)

    def _admit(self) -> None:
        while self._listener.fileno() >= 0:
            try:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()
            except (OSError, RuntimeError) as error:  # too many files or threads, for now
                self._log.debug("connection failed", reason=str(error))
                time.sleep(_PAUSE_SECONDS)

    def _serve(self, client: socket.socket) -> None:
        """Everything that one client says."""
        try:
            wire = self._wire(client)
            calls = Calls(self._workers, self._services(), self._log)
            connection = Connection(wire.send, calls, MESSAGE_BYTES + _PREFIX.size)
            try:
                while data := wire.receive():
                    connection.receive(data)
            finally:
                connection.lose()
        except (OSError, ConnectionFault) as error:
            self._log.debug("connection failed", reason=str(error))
        finally:
            with suppress(OSError):  # whoever still waits to send is woken by this alone
                client.shutdown(socket.SHUT_RDWR)
            client.close()

    def _wire(self, client: socket.socket) -> Wire:
        """The way to a client that may come in; OSError for every other one."""
        if self._guard is None:
            return Wire(client)
        wire = SecureWire(client, self._guard.context)
        if wire.greet(_HANDSHAKE_SECONDS) != self._guard.pinned:
            raise ConnectionRefusedError("a client with another certificate was refused")
        return wire


class Calls:
    """The calls on one connection."""

    def __init__(self, workers: Workers, services: Services, log: Log) -> None:
        self._workers = workers
        self._services = services
        self._log = log

    def begun(self, stream: Stream) -> None:
        """End at once the one stream whose client never ends it."""
        if stream.fields.get(b":path") == _BROKER:
            stream.send(_HEAD, tail=_OK, ends=True)

    def complete(self, stream: Stream) -> None:
        """Answer in a thread of its own."""
        if not self._workers.do(lambda: self._answer(stream)):
            stream.send(_HEAD + _status(UNAVAILABLE, "the plugin takes no more calls"), ends=True)

    def too_long(self, stream: Stream) -> None:
        """Refuse a message before more of it is kept."""
        reason = f"a message is larger than {MESSAGE_BYTES} bytes"
        stream.send(_HEAD + _status(RESOURCE_EXHAUSTED, reason), ends=True)

    def _answer(self, stream: Stream) -> None:
        is_begun = False
        try:
            path = stream.fields.get(b":path", b"").decode(errors="replace")
            answer = self._services.answer(path, _message(stream.body), stream)
            if isinstance(answer, bytes):
                stream.send(_HEAD, _framed(answer), _OK, ends=True)
                return
            stream.send(_HEAD)
            is_begun = True
            for message in answer:
                stream.send(body=_framed(message))
            status = _OK
        except Gone:
            return
        except Refusal as refusal:
            status = _status(refusal.status, str(refusal))
        except Exception as error:  # a fault of ours; what answers for the provider never fails
            self._log.error("call failed", reason=repr(error))
            status = _status(INTERNAL, repr(error))
        with suppress(Gone):
            stream.send(status if is_begun else _HEAD + status, ends=True)


def _message(body: bytearray) -> bytes:
    """The one message in a body; Refusal when there is anything else."""
    if len(body) < _PREFIX.size:
        raise Refusal(INTERNAL, "the call has no message")
    compressed, size = _PREFIX.unpack_from(body)
    if compressed:
        raise Refusal(UNIMPLEMENTED, "compressed messages are not read")
    if len(body) != _PREFIX.size + size:
        raise Refusal(INTERNAL, "the call has not exactly one message")
    return bytes(memoryview(body)[_PREFIX.size :])


def _framed(message: bytes) -> memoryview:
    return memoryview(_PREFIX.pack(0, len(message)) + message)


def _status(status: int, reason: str) -> bytes:
    """The fields that end a call, with the reason as gRPC spells it, if need be shortened."""
    said = reason[:_LONGEST_REASON]
    plain = "".join(c if " " <= c <= "~" and c != "%" else _percent(c) for c in said)
    return field(b"grpc-status", b"%d" % status) + field(b"grpc-message", plain.encode())


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode(errors="replace"))

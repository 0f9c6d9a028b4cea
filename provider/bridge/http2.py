"""One HTTP/2 connection, seen from the server: frames, streams, and how much may be sent.

Bytes come in by `receive`, from one thread; answers go out by `Stream.send`, from any. It
knows neither sockets nor gRPC.
Standard: RFC 9113.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import error as StructError  # noqa: N812 - an exception
from threading import Condition
from typing import Final, Protocol

# `from provider.bridge import …` would load what resource authors use.
import provider.bridge.frames as frames  # noqa: PLR0402
from provider.bridge.frames import NUMBER, Arrivals, ConnectionFault, frame, unpadded
from provider.bridge.hpack import Decoder, Field, HpackError

_WINDOW: Final = 65_535  # bytes that may be sent before the other side allows more
_LARGEST_WINDOW: Final = 2**31 - 1
_LONGEST_BLOCK: Final = 1 << 16  # bytes of a header block
_REPLENISHED: Final = 1 << 20  # bytes received before the client is allowed as many again


class Gone(ConnectionError):  # noqa: N818 - an event, not a fault
    """The client waits for the answer no more."""


class Calls(Protocol):
    """What is done about calls as they come in; none of it may take long."""

    def begun(self, stream: Stream) -> None:
        """A call's header fields are there."""

    def complete(self, stream: Stream) -> None:
        """All of a call's body is there."""

    def too_long(self, stream: Stream) -> None:
        """A call's body is longer than allowed; what else comes of it is dropped."""


class Stream:
    """One call: what has come of it, and the way back."""

    def __init__(self, connection: Connection, number: int, fields: list[Field]) -> None:
        self.number = number
        self.fields = dict(fields)
        self.body = bytearray()
        self.is_open = True  # the client waits for the answer
        self.is_heard = False  # all of the body has come
        self.window = 0
        self._connection = connection

    def send(
        self,
        head: bytes = b"",
        body: bytes | memoryview = b"",
        tail: bytes = b"",
        ends: bool = False,
    ) -> None:
        """Send a header block, a body and trailers, as far as given; the last if it `ends`.

        Waits while the client takes no more, and raises Gone when it wants nothing at all.
        """
        connection, number, out, held = self._connection, self.number, bytearray(), 0
        if head:
            out += frame(frames.HEADERS, frames.END_HEADERS | (ends and not tail), number, head)
        try:
            while body:
                size = connection.reserved(self, len(body), waits=not out)
                if size:
                    out += frame(frames.DATA, 0, number, body[:size])
                    body = body[size:]
                    held += size
                else:  # what there is leaves while more is not allowed
                    self._write(out)
                    out, held = bytearray(), 0
            if tail:
                out += frame(frames.HEADERS, frames.END_HEADERS | frames.END_STREAM, number, tail)
            if ends and not self.is_heard:
                out += frame(frames.RST_STREAM, 0, number, NUMBER.pack(frames.NO_ERROR))
            if not self.is_open:
                raise Gone
        except Gone:
            connection.give_back(held)
            raise
        self._write(out)
        if ends:
            connection.forget(self)

    def _write(self, data: bytearray) -> None:
        try:
            self._connection.write(data)
        except OSError as error:
            raise Gone from error


class Connection:
    """The streams of one client. `write` takes whole frames, from any thread."""

    def __init__(
        self, write: Callable[[bytes | bytearray], None], calls: Calls, longest_body: int
    ) -> None:
        self.write = write
        self._calls = calls
        self._longest_body = longest_body
        self._arrivals = Arrivals()
        self._decoder = Decoder()
        self._block: tuple[int, int, bytearray] | None = None  # a header block that goes on
        self._newest = 0
        self._received = 0
        self._streams: dict[int, Stream] = {}
        self._room = Condition()  # guards the streams and what may be sent
        self.window = self._initial_window = _WINDOW
        settings = frames.SETTING.pack(frames.INITIAL_WINDOW_SIZE, _LARGEST_WINDOW)
        more = NUMBER.pack(_LARGEST_WINDOW - _WINDOW)
        write(frame(frames.SETTINGS, 0, 0, settings) + frame(frames.WINDOW_UPDATE, 0, 0, more))

    def receive(self, data: bytes) -> None:
        """Take what has come; ConnectionFault, after a word to the client, when it is wrong."""
        try:
            for kind, flags, number, payload in self._arrivals.frames(data):
                self._take(kind, flags, number, payload)
        except HpackError as fault:
            self._give_up(ConnectionFault(frames.COMPRESSION_ERROR, str(fault)))
        except StructError as fault:  # of struct: another length than the frame has to have
            self._give_up(ConnectionFault(frames.FRAME_SIZE_ERROR, str(fault)))
        except ConnectionFault as fault:
            self._give_up(fault)

    def lose(self) -> None:
        """The client is gone: nobody waits for any answer."""
        with self._room:
            for stream in self._streams.values():
                stream.is_open = False
            self._streams.clear()
            self._room.notify_all()

    def reserved(self, stream: Stream, wanted: int, *, waits: bool) -> int:
        """How many bytes of a body may be sent now, at least one if it `waits`; they count."""
        with self._room:
            while stream.is_open:
                size = min(wanted, self.window, stream.window, frames.LARGEST_FRAME)
                if size > 0:
                    self.window -= size
                    stream.window -= size
                    return size
                if not waits:
                    return 0
                self._room.wait()
        raise Gone

    def give_back(self, size: int) -> None:
        """So many bytes that were reserved are not sent after all."""
        with self._room:
            self.window += size
            self._room.notify_all()

    def forget(self, stream: Stream) -> None:
        """The stream is over."""
        with self._room:
            self._streams.pop(stream.number, None)

    def _give_up(self, fault: ConnectionFault) -> None:
        last = NUMBER.pack(self._newest) + NUMBER.pack(fault.code)
        self.write(frame(frames.GOAWAY, 0, 0, last))
        raise fault

    def _take(self, kind: int, flags: int, number: int, payload: bytes) -> None:
        if (kind == frames.CONTINUATION) != (self._block is not None):
            raise ConnectionFault(frames.PROTOCOL_ERROR, "a header block is torn")
        take = _TAKERS.get(kind)  # others, such as priorities, may be ignored
        if take is not None:
            take(self, flags, number, payload)

    def _take_data(self, flags: int, number: int, payload: bytes) -> None:
        self._received += len(payload)
        if self._received >= _REPLENISHED:
            self.write(frame(frames.WINDOW_UPDATE, 0, 0, NUMBER.pack(self._received)))
            self._received = 0
        if not 0 < number <= self._newest:
            raise ConnectionFault(frames.PROTOCOL_ERROR, "data for no stream")
        stream = self._streams.get(number)
        if stream is None:  # on its way when the stream ended
            return
        if stream.is_heard:
            raise ConnectionFault(frames.STREAM_CLOSED, "data after the end")
        stream.body += unpadded(flags & frames.PADDED, payload)
        if len(stream.body) > self._longest_body:
            self._calls.too_long(stream)
        elif flags & frames.END_STREAM:
            self._hear(stream)

    def _hear(self, stream: Stream) -> None:
        stream.is_heard = True
        self._calls.complete(stream)

    def _take_headers(self, flags: int, number: int, payload: bytes) -> None:
        if number % 2 == 0:
            raise ConnectionFault(frames.PROTOCOL_ERROR, "a stream that no client opens")
        self._block = (number, flags, bytearray(unpadded(flags, payload)))
        self._end_block(flags)

    def _take_continuation(self, flags: int, number: int, payload: bytes) -> None:
        if self._block is None or number != self._block[0]:
            raise ConnectionFault(frames.PROTOCOL_ERROR, "a header block is torn")
        self._block[2].extend(payload)
        if len(self._block[2]) > _LONGEST_BLOCK:
            raise ConnectionFault(frames.PROTOCOL_ERROR, "a header block is too long")
        self._end_block(flags)

    def _end_block(self, flags: int) -> None:
        if self._block is None or not flags & frames.END_HEADERS:
            return
        (number, opened_with, block), self._block = self._block, None
        fields = self._decoder.fields(bytes(block))
        stream = self._streams.get(number)
        if number > self._newest:
            self._newest = number
            stream = Stream(self, number, fields)
            with self._room:
                stream.window = self._initial_window
                self._streams[number] = stream
            self._calls.begun(stream)
        if stream is not None and number in self._streams and opened_with & frames.END_STREAM:
            self._hear(stream)

    def _take_reset(self, _: int, number: int, payload: bytes) -> None:
        NUMBER.unpack(payload)
        with self._room:
            stream = self._streams.pop(number, None)
            if stream is not None:
                stream.is_open = False
                self._room.notify_all()

    def _take_settings(self, flags: int, _: int, payload: bytes) -> None:
        if flags & frames.ACK:
            return
        for setting, value in frames.SETTING.iter_unpack(payload):
            if setting == frames.INITIAL_WINDOW_SIZE:
                if value > _LARGEST_WINDOW:
                    raise ConnectionFault(frames.FLOW_CONTROL_ERROR, "a window is too large")
                self._allow(value - self._initial_window, self._streams.values())
                self._initial_window = value
        self.write(frame(frames.SETTINGS, frames.ACK, 0))

    def _take_window_update(self, _: int, number: int, payload: bytes) -> None:
        more = NUMBER.unpack(payload)[0] & _LARGEST_WINDOW  # the highest bit means nothing
        if more == 0:
            raise ConnectionFault(frames.PROTOCOL_ERROR, "a window grows by nothing")
        whom = self if number == 0 else self._streams.get(number)
        if whom is not None:
            self._allow(more, [whom])

    def _allow(self, more: int, whom: Iterable[Stream | Connection]) -> None:
        with self._room:
            for one in whom:
                one.window += more
                if one.window > _LARGEST_WINDOW:
                    raise ConnectionFault(frames.FLOW_CONTROL_ERROR, "a window is too large")
            self._room.notify_all()

    def _take_ping(self, flags: int, _: int, payload: bytes) -> None:
        if len(payload) != 8:
            raise ConnectionFault(frames.FRAME_SIZE_ERROR, "a ping has eight bytes")
        if not flags & frames.ACK:
            self.write(frame(frames.PING, frames.ACK, 0, payload))

    def _take_promise(self, *_: object) -> None:
        raise ConnectionFault(frames.PROTOCOL_ERROR, "a client promises nothing")


_TAKERS: Final[dict[int, Callable[[Connection, int, int, bytes], None]]] = {
    frames.DATA: Connection._take_data,
    frames.HEADERS: Connection._take_headers,
    frames.RST_STREAM: Connection._take_reset,
    frames.SETTINGS: Connection._take_settings,
    frames.PUSH_PROMISE: Connection._take_promise,
    frames.PING: Connection._take_ping,
    frames.WINDOW_UPDATE: Connection._take_window_update,
    frames.CONTINUATION: Connection._take_continuation,
}

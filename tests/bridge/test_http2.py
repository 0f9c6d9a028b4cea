"""One HTTP/2 connection in memory, held against another implementation of the protocol."""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.bridge import frames
from provider.bridge.frames import ConnectionFault, frame
from provider.bridge.hpack import field
from provider.bridge.http2 import Connection, Gone, Stream

REQUEST = [(":method", "POST"), (":scheme", "http"), (":path", "/x"), (":authority", "localhost")]
OK = field(b":status", b"200")
END = field(b"grpc-status", b"0")
LONGEST = 1 << 20
PATIENCE = 30.0


class Peer:
    """A client, and the server's side of its connection, which notes the calls."""

    def __init__(self, window: int = 65_535) -> None:
        self.client = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True))
        self.events: list[Any] = []
        self.bodies: dict[int, bytes] = defaultdict(bytes)
        self.streams: dict[int, Stream] = {}
        self.heard: list[Stream] = []
        self.refused: list[Stream] = []
        self.changed = threading.Condition()
        self.client.initiate_connection()
        self.client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window})
        self.connection = Connection(self._written, self, LONGEST)
        self.talk()

    def begun(self, stream: Stream) -> None:
        self.streams[stream.number] = stream

    def complete(self, stream: Stream) -> None:
        self.heard.append(stream)

    def too_long(self, stream: Stream) -> None:
        self.refused.append(stream)

    def _written(self, data: bytes | bytearray) -> None:
        with self.changed:
            for event in self.client.receive_data(bytes(data)):
                self.events.append(event)
                if isinstance(event, h2.events.DataReceived):
                    self.bodies[event.stream_id] += event.data
            self.changed.notify_all()

    def talk(self) -> None:
        """Say what the client has to say."""
        with self.changed:
            said = self.client.data_to_send()
        self.connection.receive(said)

    def call(self, body: bytes = b"", *, ends: bool = True) -> Stream:
        """A new call, as the server sees it."""
        number = self.client.get_next_available_stream_id()
        self.client.send_headers(number, REQUEST, end_stream=ends and not body)
        if body:
            for at in range(0, len(body), frames.LARGEST_FRAME):
                self.client.send_data(number, body[at : at + frames.LARGEST_FRAME])
            if ends:
                self.client.end_stream(number)
        self.talk()
        return self.streams[number]

    def seen(self, kind: type[Any]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    def until(self, reached: Any) -> None:
        with self.changed:
            assert self.changed.wait_for(reached, PATIENCE)


@pytest.fixture
def peer() -> Peer:
    return Peer()


def test_a_call_is_heard_and_answered(peer: Peer) -> None:
    stream = peer.call(b"question")
    stream.send(OK, b"answer", END, True)

    assert stream.fields[b":path"] == b"/x"
    assert peer.heard == [stream]
    assert bytes(stream.body) == b"question"
    assert peer.bodies[stream.number] == b"answer"
    (trailers,) = peer.seen(h2.events.TrailersReceived)
    assert trailers.headers == [(b"grpc-status", b"0")]
    assert len(peer.seen(h2.events.StreamEnded)) == 1
    assert not peer.seen(h2.events.StreamReset)


def test_an_answer_may_be_nothing_but_its_end(peer: Peer) -> None:
    peer.call().send(OK + field(b"grpc-status", b"12"), ends=True)

    assert len(peer.seen(h2.events.StreamEnded)) == 1


def test_a_client_that_goes_on_talking_is_told_to_stop(peer: Peer) -> None:
    stream = peer.call(b"question", ends=False)
    stream.send(OK, tail=END, ends=True)

    (reset,) = peer.seen(h2.events.StreamReset)
    assert reset.error_code == 0
    peer.connection.receive(frame(frames.DATA, frames.END_STREAM, stream.number, b"more"))
    assert peer.heard == []


def test_padding_and_priorities_carry_nothing(peer: Peer) -> None:
    peer.client.send_headers(
        1, REQUEST, priority_weight=7, priority_depends_on=0, priority_exclusive=True
    )
    peer.client.send_data(1, b"question", end_stream=True, pad_length=200)
    peer.client.prioritize(1, weight=9)
    peer.talk()

    assert bytes(peer.heard[0].body) == b"question"


def test_a_header_block_may_come_in_many_frames(peer: Peer) -> None:
    long = [(f"x-{i}", "y" * 1000) for i in range(40)]
    peer.client.send_headers(1, [*REQUEST, *long], end_stream=True)
    peer.talk()

    assert peer.heard[0].fields[b"x-39"] == b"y" * 1000


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_bytes_may_come_in_any_pieces(step: int) -> None:
    peer = Peer()
    peer.client.send_headers(1, REQUEST)
    peer.client.send_data(1, b"question" * 1000, end_stream=True)
    said = peer.client.data_to_send()

    for at in range(0, len(said), step):
        peer.connection.receive(said[at : at + step])

    assert bytes(peer.heard[0].body) == b"question" * 1000


def test_a_ping_is_answered(peer: Peer) -> None:
    peer.client.ping(b"12345678")
    peer.talk()

    (answer,) = peer.seen(h2.events.PingAckReceived)
    assert answer.ping_data == b"12345678"


def test_more_than_a_window_comes_in() -> None:
    peer = Peer()
    for _ in range(80):
        peer.call(b"x" * 60_000)

    assert sum(len(s.body) for s in peer.heard) == 80 * 60_000
    assert peer.seen(h2.events.WindowUpdated)


def test_a_body_that_is_too_long_is_refused_before_it_has_come(peer: Peer) -> None:
    stream = peer.call(b"x", ends=False)
    while not peer.refused:
        peer.client.send_data(stream.number, b"x" * 16_384)
        peer.talk()

    assert peer.refused == [stream]
    assert peer.heard == []
    assert len(stream.body) <= LONGEST + 16_384


@given(window=st.integers(0, 70_000), calls=st.integers(1, 5), step=st.integers(1_000, 90_000))
def test_what_is_sent_never_exceeds_what_is_allowed(window: int, calls: int, step: int) -> None:
    # The client of h2 itself fails when more comes than it has allowed.
    peer = Peer(window)
    body = bytes(range(256)) * 400
    streams = [peer.call() for _ in range(calls)]
    senders = [threading.Thread(target=s.send, args=(OK, body, END, True)) for s in streams]
    for sender in senders:
        sender.start()

    def come() -> int:
        return sum(map(len, peer.bodies.values()))

    while come() < calls * len(body):
        before = come()
        with peer.changed:
            peer.client.increment_flow_control_window(step)
            for stream in streams:
                if len(peer.bodies[stream.number]) < len(body):
                    peer.client.increment_flow_control_window(step, stream.number)
        peer.talk()
        peer.until(lambda before=before: come() > before)
    for sender in senders:
        sender.join(PATIENCE)

    assert all(peer.bodies[s.number] == body for s in streams)


def test_a_window_that_shrinks_below_nothing_holds_the_answer_back(peer: Peer) -> None:
    stream = peer.call()
    stream.send(OK, b"x" * 60_000)
    peer.client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10_000})
    peer.talk()
    sender = threading.Thread(target=stream.send, args=(b"", b"y" * 10, END, True))
    sender.start()

    peer.client.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 60_010})
    peer.talk()
    sender.join(PATIENCE)

    assert peer.bodies[stream.number] == b"x" * 60_000 + b"y" * 10


def test_a_client_that_gives_up_is_not_sent_to(peer: Peer) -> None:
    gone, other = peer.call(), peer.call()
    failures: list[Exception] = []

    def send() -> None:
        try:
            gone.send(OK, b"x" * 200_000, END, ends=True)
        except Gone as error:
            failures.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    peer.until(lambda: len(peer.bodies[gone.number]) > 60_000)
    assert gone.is_open
    peer.client.reset_stream(gone.number)
    peer.talk()
    sender.join(PATIENCE)

    assert len(failures) == 1
    assert not gone.is_open
    with pytest.raises(Gone):
        gone.send(OK, ends=True)
    peer.client.increment_flow_control_window(100_000)
    peer.talk()
    other.send(OK, b"y" * 60_000, END, ends=True)
    assert len(peer.bodies[other.number]) == 60_000


def test_what_was_reserved_and_not_sent_is_allowed_to_others(peer: Peer) -> None:
    gone, other = peer.call(), peer.call()
    gone.is_open = False  # as when the end arrives while the answer is put together
    with pytest.raises(Gone):
        gone.send(OK, b"x" * 60_000, END, ends=True)

    other.send(OK, b"y" * 60_000, END, ends=True)

    assert len(peer.bodies[other.number]) == 60_000


def test_a_lost_connection_ends_every_wait(peer: Peer) -> None:
    stream = peer.call()
    failures: list[Exception] = []

    def send() -> None:
        try:
            stream.send(OK, b"x" * 200_000)
        except Gone as error:
            failures.append(error)

    sender = threading.Thread(target=send)
    sender.start()
    peer.connection.lose()
    sender.join(PATIENCE)

    assert len(failures) == 1


def settings(*pairs: tuple[int, int]) -> bytes:
    return frame(frames.SETTINGS, 0, 0, b"".join(frames.SETTING.pack(*pair) for pair in pairs))


FAULTS = {
    "data for no stream": (frame(frames.DATA, 0, 5, b"x"), frames.PROTOCOL_ERROR),
    "data for stream 0": (frame(frames.DATA, 0, 0, b"x"), frames.PROTOCOL_ERROR),
    "data after the end": (frame(frames.DATA, 0, 1, b"x"), frames.STREAM_CLOSED),
    "an even stream": (frame(frames.HEADERS, 4, 2), frames.PROTOCOL_ERROR),
    "no header block": (frame(frames.HEADERS, 4, 3, b"\x80"), frames.COMPRESSION_ERROR),
    "only padding": (frame(frames.HEADERS, 0xC, 3, b"\x09abc"), frames.PROTOCOL_ERROR),
    "no padding at all": (frame(frames.HEADERS, 0xC, 3), frames.PROTOCOL_ERROR),
    "a lone continuation": (frame(frames.CONTINUATION, 4, 1), frames.PROTOCOL_ERROR),
    "a torn block": (
        frame(frames.HEADERS, 0, 3) + frame(frames.PING, 0, 0, bytes(8)),
        frames.PROTOCOL_ERROR,
    ),
    "a block of two streams": (
        frame(frames.HEADERS, 0, 3) + frame(frames.CONTINUATION, 4, 5),
        frames.PROTOCOL_ERROR,
    ),
    "an endless block": (
        frame(frames.HEADERS, 0, 3) + 5 * frame(frames.CONTINUATION, 0, 3, bytes(16_384)),
        frames.PROTOCOL_ERROR,
    ),
    "a promise": (frame(frames.PUSH_PROMISE, 4, 1, bytes(4)), frames.PROTOCOL_ERROR),
    "a short ping": (frame(frames.PING, 0, 0, b"x"), frames.FRAME_SIZE_ERROR),
    "a short reset": (frame(frames.RST_STREAM, 0, 1, b"x"), frames.FRAME_SIZE_ERROR),
    "a short window": (frame(frames.WINDOW_UPDATE, 0, 0, b"x"), frames.FRAME_SIZE_ERROR),
    "odd settings": (frame(frames.SETTINGS, 0, 0, b"x"), frames.FRAME_SIZE_ERROR),
    "a huge frame": (b"\x01\0\0" + bytes(6), frames.FRAME_SIZE_ERROR),
    "a window that grows by nothing": (
        frame(frames.WINDOW_UPDATE, 0, 0, bytes(4)),
        frames.PROTOCOL_ERROR,
    ),
    "a window that grows too much": (
        2 * frame(frames.WINDOW_UPDATE, 0, 0, frames.NUMBER.pack(2**31 - 1)),
        frames.FLOW_CONTROL_ERROR,
    ),
    "a first window that is too large": (
        settings((frames.INITIAL_WINDOW_SIZE, 2**31)),
        frames.FLOW_CONTROL_ERROR,
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_client_that_breaks_a_rule_is_told_which_kind(fault: str) -> None:
    written: list[bytes] = []
    peer = Peer()
    peer.call()
    peer.connection.write = lambda data: written.append(bytes(data))
    said, code = FAULTS[fault]

    with pytest.raises(ConnectionFault) as error:
        peer.connection.receive(said)

    assert error.value.code == code
    assert written[-1] == frame(
        frames.GOAWAY, 0, 0, frames.NUMBER.pack(1) + frames.NUMBER.pack(code)
    )


def test_what_is_not_http2_is_refused_at_once(peer: Peer) -> None:
    strange = Connection(lambda _: None, peer, LONGEST)

    strange.receive(b"PRI * HTTP/2")
    with pytest.raises(ConnectionFault):
        strange.receive(b"GET / HTTP/1.1\r\n")


def test_what_may_be_ignored_is(peer: Peer) -> None:
    stream = peer.call()
    late = frame(frames.WINDOW_UPDATE, 0, 99, frames.NUMBER.pack(1))
    late += frame(frames.RST_STREAM, 0, 99, frames.NUMBER.pack(8))
    late += frame(frames.WINDOW_UPDATE, 0, 0, frames.NUMBER.pack(0x80000001))
    late += frame(0xFA, 0, 0, b"a kind nobody knows") + settings((0x99, 1))
    late += frame(frames.GOAWAY, 0, 0, bytes(8)) + frame(frames.PING, frames.ACK, 0, bytes(8))
    peer.connection.receive(late)

    stream.send(OK, ends=True)

    assert len(peer.seen(h2.events.StreamEnded)) == 1


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10), st.integers(0, 255), st.integers(0, 5), st.binary(max_size=40)
        )
    )
)
def test_any_frames_lead_to_a_fault_or_to_none(said: list[tuple[int, int, int, bytes]]) -> None:
    peer = Peer()
    peer.connection.write = lambda _: None
    try:
        for kind, flags, number, payload in said:
            peer.connection.receive(frame(kind, flags, number, payload))
    except ConnectionFault:
        pass

"""The gRPC server, asked by another implementation of gRPC."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from provider.bridge.http2 import Stream
from provider.bridge.log import Log
from provider.bridge.server import MESSAGE_BYTES, Handler, Server, Services, Workers

PATIENCE = 30.0


class Running:
    """A server of a few handlers, and a client of it."""

    def __init__(self, folder: Path, handlers: dict[str, Handler]) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(folder / "s"))
        self.has_left = threading.Event()
        services = Services(lambda: handlers, self.has_left.set, {"/prepared": b"in advance"})
        self.server = Server(listener, lambda: services, Log("provider", level="off"))
        self.server.start()
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.insecure_channel(f"unix:{folder}/s", options)

    def ask(self, path: str, message: bytes = b"", **options: Any) -> bytes:
        answer: bytes = self.channel.unary_unary(path)(message, timeout=PATIENCE, **options)
        return answer


@pytest.fixture
def serve(socket_folder: Path) -> Iterator[Callable[..., Running]]:
    running: list[Running] = []

    def served(**handlers: Handler) -> Running:
        running.append(Running(socket_folder, {f"/{name}": h for name, h in handlers.items()}))
        return running[-1]

    yield served
    for one in running:
        one.channel.close()


def refusal(ask: Callable[[], object]) -> tuple[grpc.StatusCode, str]:
    with pytest.raises(grpc.RpcError) as error:
        ask()
    return error.value.code(), error.value.details()


def echo(message: bytes, _: Stream) -> bytes:
    return message


@pytest.mark.parametrize("size", [0, 1, 16_379, 16_384, 70_000, 5 << 20])
def test_a_message_is_answered_whatever_its_size(serve: Callable[..., Running], size: int) -> None:
    message = bytes(range(256)) * (size // 256) + bytes(size % 256)

    assert serve(echo=echo).ask("/echo", message) == message


def test_what_is_prepared_needs_no_handlers(serve: Callable[..., Running]) -> None:
    assert serve().ask("/prepared") == b"in advance"


def test_what_nobody_answers_is_unimplemented(serve: Callable[..., Running]) -> None:
    code, details = refusal(lambda: serve().ask("/nothing"))

    assert (code, details) == (grpc.StatusCode.UNIMPLEMENTED, "there is no /nothing")


def test_a_handler_that_fails_says_why_in_any_language(serve: Callable[..., Running]) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("100 % größer\n\ud800")

    code, details = refusal(lambda: serve(fail=fail).ask("/fail"))

    assert code is grpc.StatusCode.INTERNAL
    assert details == r"ValueError('100 % größer\n\ud800')"


def test_a_failure_of_the_system_in_a_handler_is_told_like_any_other(
    serve: Callable[..., Running],
) -> None:
    def fail(*_: object) -> bytes:
        raise OSError(28, "No space left on device")

    assert refusal(lambda: serve(fail=fail).ask("/fail"))[0] is grpc.StatusCode.INTERNAL


def test_calls_wait_for_a_thread_when_the_system_gives_no_more(
    serve: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(*_: object) -> bytes:
        begun.set()
        assert go_on.wait(PATIENCE)
        return b"done"

    running = serve(wait=wait, echo=echo)
    first = running.channel.unary_unary("/wait").future(b"", timeout=PATIENCE)
    assert begun.wait(PATIENCE)
    monkeypatch.setattr("provider.bridge.server.threading.Thread.start", no_thread)
    second = running.channel.unary_unary("/echo").future(b"second", timeout=PATIENCE)
    go_on.set()

    assert (first.result(), second.result()) == (b"done", b"second")


def test_without_any_thread_a_call_is_refused(
    serve: Callable[..., Running], monkeypatch: pytest.MonkeyPatch
) -> None:
    running = serve(echo=echo)
    grpc.channel_ready_future(running.channel).result(PATIENCE)
    monkeypatch.setattr("provider.bridge.server.threading.Thread.start", no_thread)

    code, _ = refusal(lambda: running.ask("/echo"))

    assert code is grpc.StatusCode.UNAVAILABLE


def no_thread(thread: threading.Thread) -> None:
    """As the system answers when there are too many, to the threads of calls alone."""
    if thread.name == "rpc":
        raise RuntimeError("can't start new thread")
    type(thread).run(thread)


def test_threads_that_are_not_needed_any_more_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provider.bridge.server._SPARE_THREADS", 0)
    workers, together = Workers(), threading.Barrier(50)
    before = set(threading.enumerate())
    met: list[threading.Thread] = []

    def meet() -> None:
        met.append(threading.current_thread())
        together.wait(PATIENCE)

    assert all(workers.do(meet) for _ in range(50))
    workers.finish(PATIENCE)
    for thread in met:
        thread.join(PATIENCE)

    assert len(set(met) - before) == 50
    assert not any(thread.is_alive() for thread in met)


def test_a_very_long_reason_is_cut_to_what_clients_take(serve: Callable[..., Running]) -> None:
    def fail(*_: object) -> bytes:
        raise ValueError("😀" * 50_000)

    code, details = refusal(lambda: serve(fail=fail).ask("/fail"))

    assert code is grpc.StatusCode.INTERNAL
    assert details.startswith("ValueError('😀😀")


def test_events_arrive_one_by_one_and_a_late_failure_ends_them(
    serve: Callable[..., Running],
) -> None:
    go_on = threading.Event()

    def count(*_: object) -> Iterator[bytes]:
        yield b"1"
        assert go_on.wait(PATIENCE)
        yield b"2"
        raise ValueError("no more")

    events = serve(count=count).channel.unary_stream("/count")(b"", timeout=PATIENCE)
    assert next(events) == b"1"
    go_on.set()
    assert next(events) == b"2"

    code, details = refusal(lambda: next(events))
    assert (code, details) == (grpc.StatusCode.INTERNAL, "ValueError('no more')")


def test_a_client_that_stops_listening_ends_the_events(serve: Callable[..., Running]) -> None:
    ended = threading.Event()

    def count(_: bytes, stream: Stream) -> Iterator[bytes]:
        try:
            while stream.is_open:
                yield b"more"
        finally:
            ended.set()

    events = serve(count=count).channel.unary_stream("/count")(b"", timeout=PATIENCE)
    next(events)
    events.cancel()

    assert ended.wait(PATIENCE)


def test_a_compressed_message_is_not_read(serve: Callable[..., Running]) -> None:
    running = serve(echo=echo)

    code, _ = refusal(lambda: running.ask("/echo", b"x" * 1000, compression=grpc.Compression.Gzip))

    assert code is grpc.StatusCode.UNIMPLEMENTED


@pytest.mark.parametrize("messages", [[], [b"one", b"two"]])
def test_a_call_has_exactly_one_message(
    serve: Callable[..., Running], messages: list[bytes]
) -> None:
    call = serve(echo=echo).channel.stream_unary("/echo")

    code, details = refusal(lambda: call(iter(messages), timeout=PATIENCE))

    assert code is grpc.StatusCode.INTERNAL
    assert "message" in details


def test_two_hundred_calls_run_at_once(serve: Callable[..., Running]) -> None:
    together = threading.Barrier(200)

    def meet(*_: object) -> bytes:
        together.wait(PATIENCE)
        return b"met"

    call = serve(meet=meet).channel.unary_unary("/meet")
    calls = [call.future(b"", timeout=PATIENCE) for _ in range(200)]

    assert {c.result() for c in calls} == {b"met"}


def test_a_server_that_leaves_answers_what_it_has_begun_and_takes_no_more(
    serve: Callable[..., Running],
) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def wait(*_: object) -> bytes:
        begun.set()
        assert go_on.wait(PATIENCE)
        return b"done"

    running = serve(wait=wait, echo=echo)
    answer = running.channel.unary_unary("/wait").future(b"", timeout=PATIENCE)
    assert begun.wait(PATIENCE)

    running.server.finish(0.0)
    code, details = refusal(lambda: running.ask("/echo"))
    go_on.set()
    running.server.finish(PATIENCE)

    assert (code, details) == (grpc.StatusCode.UNAVAILABLE, "the plugin takes no more calls")
    assert answer.result() == b"done"


def test_the_farewell_is_answered_and_told(serve: Callable[..., Running]) -> None:
    running = serve()

    assert running.ask("/plugin.GRPCController/Shutdown") == b""
    assert running.has_left.wait(PATIENCE)


@pytest.mark.slow
def test_a_message_that_is_too_large_is_refused(serve: Callable[..., Running]) -> None:
    running = serve(echo=lambda message, _: b"%d" % len(message))

    assert running.ask("/echo", bytes(MESSAGE_BYTES)) == b"%d" % MESSAGE_BYTES
    code, _ = refusal(lambda: running.ask("/echo", bytes(MESSAGE_BYTES + 1)))
    assert code is grpc.StatusCode.RESOURCE_EXHAUSTED

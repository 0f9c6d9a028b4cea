"""Fixtures for tests of the bridge, on the toy provider."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from provider.bridge import rpcs, server
from provider.bridge.host import Host
from provider.bridge.testing import Harness, Managed
from tests.bridge.channel import Client, value
from tests.toy.note import Note, NoteResource
from tests.toy.provider import Toy
from tests.toy.shape import Shape, ShapeResource
from tests.toy.trouble import Trouble, TroubleResource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from provider.bridge.tls import Certificate


@pytest.fixture
def harness(tmp_path: Path) -> Harness:
    return Harness(Toy(), folder=str(tmp_path))


@pytest.fixture
def note(harness: Harness) -> Managed[Note]:
    return harness.resource(NoteResource)


@pytest.fixture
def shape(harness: Harness) -> Managed[Shape]:
    return harness.resource(ShapeResource)


@pytest.fixture
def trouble(harness: Harness) -> Managed[Trouble]:
    return harness.resource(TroubleResource)


@pytest.fixture
def socket_folder() -> Iterator[Path]:
    """A folder whose path is short enough for a socket."""
    with TemporaryDirectory(prefix="toy-", dir="/tmp") as folder:
        yield Path(folder)


@pytest.fixture
def host() -> Host:
    return Host(Toy())


@pytest.fixture
def open_server(host: Host) -> Iterator[Callable[..., str]]:
    """Serve the host over real gRPC; the result is the address."""
    servers = []

    def opened(address: str, only: Certificate | None = None) -> str:
        services = server.Services(lambda: rpcs.methods(host), lambda: None)
        running, where = server.serve(services, address, only)
        servers.append(running)
        return where

    yield opened
    for running in servers:
        running.stop(None).wait()


@pytest.fixture
def client(open_server: Callable[..., str], socket_folder: Path) -> Iterator[Client]:
    """A connection to a toy provider in this process."""
    connected = Client(open_server(f"unix:{socket_folder}/s"))
    yield connected
    connected.close()


@pytest.fixture
def configured(client: Client, tmp_path: Path) -> Client:
    """The same, configured."""
    client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))
    return client


@pytest.fixture
def remote(client: Client, tmp_path: Path) -> Harness:
    """The harness, with its provider behind a gRPC channel."""
    return Harness(Toy(), client.send, folder=str(tmp_path))

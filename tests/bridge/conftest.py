"""Fixtures for tests of the bridge, on the toy provider."""

from __future__ import annotations

import socket
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from provider.bridge import service
from provider.bridge.host import Host
from provider.bridge.log import Log
from provider.bridge.server import Server, Services
from provider.bridge.testing import Harness, Managed
from tests.bridge.channel import Client, value
from tests.toy.note import Note, NoteResource
from tests.toy.provider import Toy
from tests.toy.shape import Shape, ShapeResource
from tests.toy.trouble import Trouble, TroubleResource

if TYPE_CHECKING:
    from collections.abc import Iterator


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
def client(host: Host, socket_folder: Path) -> Iterator[Client]:
    """A connection to a toy provider in this process."""
    address = str(socket_folder / "s")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        services = Services(lambda: service.handlers(host), lambda: None, {})
        Server(listener, lambda: services, Log("provider")).start()
        connected = Client(f"unix:{address}")
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

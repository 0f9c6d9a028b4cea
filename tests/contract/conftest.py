"""Fixtures: a scripted server and a client that talks to it without ever sleeping."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from provider.api.client import Client
from provider.api.transport import Transport
from tests.contract.scripted import Recorder, ScriptedServer, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def transport(server: ScriptedServer) -> Iterator[Transport]:
    made = Transport(settings(server.url, request_timeout=5.0))
    yield made
    made.close()


@pytest.fixture
def operation() -> Recorder:
    return Recorder()


@pytest.fixture
def client(transport: Transport, operation: Recorder) -> Client:
    return Client(transport, random=lambda: 0.5).during(operation)

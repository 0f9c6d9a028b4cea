"""Fixtures for tests of resources against the simulator, without Terraform."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from provider.bridge.testing import Harness
from provider.cloudsigma import CloudSigma
from simulator import Simulator
from tests.e2e.cloud import Cloud

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    with Simulator(clock="immediate") as running:
        yield running


@pytest.fixture
def cloud(simulator: Simulator) -> Cloud:
    return Cloud(simulator)


@pytest.fixture
def harness(simulator: Simulator) -> Harness:
    return Harness(CloudSigma(), base_url=simulator.url, token="demo-token", max_retries=0)

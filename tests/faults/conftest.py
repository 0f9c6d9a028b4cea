"""Fixtures for tests of what is left behind when something goes wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from simulator import Simulator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with Simulator() as running:
        yield running


@pytest.fixture(autouse=True)
def data_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Terraform's own directory, in which a plugin finds its journal."""
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path))
    return tmp_path

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tools.generate import MESSAGES, ROOT, drift

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    return shutil.copytree(MESSAGES, tmp_path / "pb")


def test_the_committed_messages_are_what_the_definitions_give() -> None:
    assert drift(MESSAGES) == []


def test_an_edited_a_missing_and_a_leftover_message_are_noticed(copy: Path) -> None:
    (copy / "health_pb2.py").write_text("edited by hand\n")
    (copy / "go_plugin_pb2.pyi").unlink()
    (copy / "retired_pb2.py").write_text("its definition is gone\n")

    assert drift(copy) == ["go_plugin_pb2.pyi", "health_pb2.py", "retired_pb2.py"]


def test_importing_messages_does_not_import_grpc() -> None:
    program = (
        "import sys; from provider.bridge.pb import go_plugin_pb2, health_pb2, tfplugin6_pb2; "
        "sys.exit('grpc' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0

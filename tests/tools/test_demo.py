from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tools.mirror import ROOT
from tools.terraform import available

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(not available(), reason="there is no terraform")


def started(scratch: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.demo", "--scratch", str(scratch)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def assert_nothing_answers(first_line: str) -> None:
    address = urlsplit(first_line.rsplit(maxsplit=1)[-1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((str(address.hostname), int(str(address.port))), timeout=5)


def test_the_demo_takes_a_drive_through_its_life(tmp_path: Path) -> None:
    output, _ = (demo := started(tmp_path / "demo")).communicate(timeout=180)

    assert demo.returncode == 0, output
    inventories = re.findall(r"Drives at CloudSigma now:\s+(.*)", output)
    assert [re.sub(r" \(.*", "", inventory) for inventory in inventories] == [
        "none",
        "none",
        "quickstart-data, 10 GiB, dssd, unmounted",
        "quickstart-data, 20 GiB, dssd, unmounted",
        "quickstart-data, 20 GiB, nvme, unmounted",
        "none",
    ]
    assert_nothing_answers(output.splitlines()[0])


def test_a_demo_that_is_ended_early_ends_what_it_started(tmp_path: Path) -> None:
    demo = started(tmp_path / "demo")
    assert demo.stdout
    first_line = demo.stdout.readline()
    while "Creating..." not in demo.stdout.readline():
        assert demo.poll() is None

    demo.terminate()
    output, _ = demo.communicate(timeout=60)

    assert demo.returncode == 128 + signal.SIGTERM, output
    assert "Gracefully shutting down" in output
    assert_nothing_answers(first_line)

"""A directory with a configuration, and a Terraform that keeps to that directory."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import TYPE_CHECKING, NamedTuple

from tools.mirror import cli_config

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tools.terraform import Terraform

# Longer than any command of ours takes on a busy machine.
TIMEOUT = 180.0
SWITCH = "CLOUDSIGMA_READ_WINDOW"


class Run(NamedTuple):
    """How a command ended, and what it wrote."""

    exit: int
    stdout: str
    stderr: str


class Workspace:
    """Runs one Terraform in one directory.

    The practitioner's own settings, credentials and proxies do not reach its commands, and
    its commands write nothing to the practitioner's home directory.
    """

    def __init__(
        self,
        directory: Path,
        terraform: Terraform,
        mirror: Path,
        variables: Mapping[str, str],
    ) -> None:
        self.directory = directory
        self.terraform = terraform
        self.variables = {**inherited(), **self._private(mirror), **variables}

    def _private(self, mirror: Path) -> dict[str, str]:
        home = self.directory / ".home"
        home.mkdir(parents=True, exist_ok=True)
        config = home / "terraform.rc"
        config.write_text(cli_config(mirror))
        return {
            "HOME": str(home),
            "TF_CLI_CONFIG_FILE": str(config),
            "TF_DATA_DIR": str(self.directory / ".terraform"),
            "TF_INPUT": "0",
            "TF_CLI_ARGS": "-no-color",
        }

    def start(self, *arguments: str, capture: bool = True) -> subprocess.Popen[str]:
        """A running command; captured, it leads a process group of its own."""
        stream = subprocess.PIPE if capture else None
        return subprocess.Popen(
            [*self.terraform.command, *arguments],
            cwd=self.directory,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            text=True,
            start_new_session=capture,
        )

    def run(self, *arguments: str) -> Run:
        """The outcome of a command, whatever its exit code."""
        return self.finish(self.start(*arguments))

    def finish(self, process: subprocess.Popen[str], timeout: float = TIMEOUT) -> Run:
        """The outcome of a started command; none that hangs is left behind, nor its plugins."""
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return Run(process.returncode, stdout, stderr)


def inherited() -> dict[str, str]:
    """This process's environment without what would change the commands' behavior.

    The switch of joined reads stays, so that tests can be run with them switched off.
    """
    return {
        name: value
        for name, value in os.environ.items()
        if name == SWITCH
        or (not name.startswith(("TF_", "CLOUDSIGMA_")) and not name.lower().endswith("_proxy"))
    }

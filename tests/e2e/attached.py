"""Terraform attached to a plugin that is served once, as for debugging, instead of launched.

The same plugin, the same protocol, a fraction of the time: most of a launched command is the
start of two to five processes. What is about processes is tested with launched ones.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.e2e.terraform import Project

ROOT = Path(__file__).parents[2]


class Attached(Project):
    """A project whose commands share one plugin process, started when it is first needed."""

    program: tuple[str, ...] = ("-m", "provider")
    _plugin: subprocess.Popen[str] | None = None
    _served_with: dict[str, str] | None = None

    def start(self, *arguments: str, capture: bool = True) -> subprocess.Popen[str]:
        """A running command; the plugin has the project's variables as they are now."""
        own = {name: v for name, v in self.variables.items() if name != "TF_REATTACH_PROVIDERS"}
        if own != self._served_with:
            self.detach()
            self._serve(own)
        return super().start(*arguments, capture=capture)

    def _serve(self, variables: dict[str, str]) -> None:
        self._plugin = subprocess.Popen(
            [sys.executable, *self.program, "--debug"],
            cwd=self.directory,  # as Terraform starts it: there are its states
            env={**variables, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._plugin.stdout is not None
        name, _, quoted = self._plugin.stdout.readline().strip().partition("=")
        self.variables[name] = quoted.strip("'")
        self._served_with = variables

    def detach(self) -> None:
        """End the plugin process."""
        if self._plugin is not None:
            self._plugin.terminate()
            self._plugin.communicate()
            self._plugin = self._served_with = None

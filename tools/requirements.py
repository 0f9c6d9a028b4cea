"""Reads requirements.lock: what ships, in which version, and what asked for it."""

from __future__ import annotations

import re
from pathlib import Path

from packaging.requirements import Requirement

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
PROJECT = "terraform-provider-cloudsigma"


def locked(lock: Path = LOCK) -> dict[str, str]:
    """The version of each package that this platform needs, by name."""
    found = {}
    for line in lock.read_text().splitlines():
        if line and not line.startswith((" ", "#")):
            wanted = Requirement(line.rstrip("\\ "))
            if wanted.marker is None or wanted.marker.evaluate():
                found[wanted.name] = str(wanted.specifier).removeprefix("==")
    return found


def dependents(lock: Path = LOCK) -> dict[str, list[str]]:
    """For each package the packages, or the project, that asked for it."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in lock.read_text().splitlines():
        if entry := re.match(r"([A-Za-z0-9._-]+)(?:\[.*\])?==", line):
            name = entry[1]
        elif asked := re.match(r"    #(?: via)? +(?!via$)([A-Za-z0-9._-]+)", line):
            found.setdefault(name, []).append(asked[1])
    return found

"""The answer to GetProviderSchema, made in advance like bytecode, and kept beside it.

Terraform asks for it first in every process, and nothing else in many. With it at hand, neither
the messages nor the provider need be loaded for that. It is used only while no source is younger.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


def find(package: Path) -> bytes | None:
    """The serialized answer, unless the package may have changed since."""
    file = _file(package)
    try:
        answer, made = file.read_bytes(), file.stat().st_mtime_ns
    except OSError:
        return None
    # An application that carries its own interpreter has no sources that could change.
    frozen = getattr(sys, "frozen", False)
    return answer if frozen or made > _youngest(package) else None


def keep(package: Path, answer: bytes) -> None:
    """Find this answer until a source changes; a process that looks meanwhile sees all or none."""
    file = _file(package)
    file.parent.mkdir(exist_ok=True)
    unfinished = file.with_name(f"{file.name}.{os.getpid()}")
    unfinished.write_bytes(answer)
    unfinished.replace(file)


def _file(package: Path) -> Path:
    return package / "__pycache__" / "schema.pb"


def _youngest(package: Path) -> int:
    """When a source or a folder of sources last changed: a folder does when one comes or goes."""
    youngest = package.stat().st_mtime_ns
    for entry in os.scandir(package):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            youngest = max(youngest, _youngest(Path(entry.path)))
        elif entry.name.endswith(".py"):
            youngest = max(youngest, entry.stat().st_mtime_ns)
    return youngest

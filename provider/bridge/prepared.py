"""What the provider says of its schema, made in advance like bytecode, and kept beside it.

Terraform asks for that first, and asks many processes nothing else: with the answers at hand,
neither the messages nor the provider need be loaded. They count only while no source is younger.
"""

from __future__ import annotations

import marshal
import os
import sys
from collections.abc import Mapping


def find(package: str) -> dict[str, bytes]:
    """The serialized answer of each path; none when the package may have changed since."""
    file = _file(package)
    try:
        made = os.stat(file).st_mtime_ns
        # An application that carries its own interpreter has no sources that could change.
        if not getattr(sys, "frozen", False) and made <= _youngest(package):
            return {}
        with open(file, "rb") as kept:
            # The bytecode beside it is read the same way, and whoever can write one writes both.
            answers: dict[str, bytes] = marshal.load(kept)  # noqa: S302  # nosec B302
    except (OSError, ValueError, EOFError, TypeError):
        return {}
    return answers


def keep(package: str, answers: Mapping[str, bytes]) -> None:
    """Find these answers until a source changes; whoever looks meanwhile sees all or none."""
    file = _file(package)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    unfinished = f"{file}.{os.getpid()}"
    with open(unfinished, "wb") as out:
        marshal.dump(dict(answers), out)
    os.replace(unfinished, file)


def _file(package: str) -> str:
    return os.path.join(package, "__pycache__", "answers.bin")


def _youngest(package: str) -> int:
    """When a source or a folder of sources last changed: a folder does when one comes or goes."""
    youngest = os.stat(package).st_mtime_ns
    for entry in os.scandir(package):
        if entry.name == "__pycache__":
            continue
        if entry.is_dir():
            youngest = max(youngest, _youngest(entry.path))
        elif entry.name.endswith(".py"):
            youngest = max(youngest, entry.stat().st_mtime_ns)
    return youngest

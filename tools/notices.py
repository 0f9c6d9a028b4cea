"""The licenses of everything inside the package, as their authors ask for."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable
from importlib.metadata import distribution
from pathlib import Path

RULE = "=" * 80


def notices(names: Iterable[str]) -> str:
    """One text with the license of Python and of each named distribution."""
    parts = [f"{RULE}\nPython\n{RULE}\n\n{python_license()}"]
    for name in sorted(names):
        installed = distribution(name)
        parts.append(f"{RULE}\n{name} {installed.version}\n{RULE}\n\n{license_text(name)}")
    return "\n".join(parts)


def python_license() -> str:
    """The license file that Python installs, or a word on where it is."""
    file = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    if file.exists():
        return file.read_text(encoding="utf-8")
    return "Python Software Foundation License: https://docs.python.org/3/license.html\n"


def license_text(name: str) -> str:
    """All license files of an installed distribution, else what its metadata says."""
    installed = distribution(name)
    texts = [
        file.read_text(encoding="utf-8")
        for file in sorted(installed.files or ())
        if ".dist-info" in file.parts[0] and is_license(file.name)
    ]
    return "\n".join(texts) or f"{license_name(name)}\n"


def license_name(name: str) -> str:
    """What an installed distribution declares as its license."""
    declared = distribution(name).metadata
    fields = ("License-Expression", "License")
    return next((declared[field] for field in fields if field in declared), "not declared")


def is_license(file_name: str) -> bool:
    """Whether a file of that name holds legal text."""
    return file_name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "AUTHORS"))

"""Makes the package: the provider in one folder, with its own interpreter and libraries.

PyInstaller collects what is needed. This module leaves out what is not, because Terraform
hashes every file of the package before each command. The figures behind the choice are in
docs/decisions/packaging-installer.md.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from fnmatch import fnmatchcase
from importlib.metadata import version
from pathlib import Path

from tools.mirror import ROOT, executable_name, prepare_schema
from tools.notices import notices
from tools.requirements import locked

ENTRY = ROOT / "provider" / "__main__.py"
LIBRARIES = "lib"  # the folder beside the executable
PARTS = ("provider/resources", "provider/data_sources", "provider/functions")

# Imported on paths the provider never takes, or only to offer more than it uses. With `ctypes`,
# `inspect` and `pkgutil` in it, a package would load all three at each start, to adapt them.
UNUSED_MODULES = (
    "bz2",  # shutil packs with it if it can
    "ctypes",
    "doctest",
    "grpc",
    "grpc_tools",
    "inspect",
    "lzma",
    "multiprocessing",
    "pdb",
    "pkgutil",
    "pydoc",
    "setuptools",
    "simulator",
    "tests",
    "tkinter",
    "tools",
    "unittest",
    "xml",
    "yaml",
    "zipfile",
)

UNUSED_FILES = (
    "*.cc",
    "*.h",
    "*.pyi",
    "*.typed",
    "*.dist-info/*",
    "*/_codecs_*",  # encodings of East Asian text files
    "*/_multibytecodec.*",
)

# Two builds of one commit give the same bytes only if neither sets nor times vary.
STEADY = {"PYTHONHASHSEED": "0", "SOURCE_DATE_EPOCH": "315532800"}


def freeze(package: Path) -> None:
    """Fill a folder that does not exist yet with the package for this platform."""
    if wrong := [name for name, wanted in locked().items() if version(name) != wanted]:
        sys.exit(f"Not as in requirements.lock: {', '.join(wrong)}. Run `make setup`.")
    with tempfile.TemporaryDirectory() as scratch:
        collected = collect(Path(scratch))
        for file in wanted_files(collected):
            place(collected / file, package / file)
    list_parts(package / LIBRARIES)
    prepare_schema(package / LIBRARIES)
    (package / "NOTICES.txt").write_text(notices(locked()), encoding="utf-8")


def collect(scratch: Path) -> Path:
    """The folder in which PyInstaller has put the program and all it could need."""
    strip = ["--strip"] if sys.platform == "linux" and shutil.which("strip") else []
    command = [
        *(sys.executable, "-m", "PyInstaller", "--log-level", "ERROR", "--noconfirm", *strip),
        *("--name", executable_name().removesuffix(".exe"), "--contents-directory", LIBRARIES),
        *("--paths", str(ROOT), "--collect-submodules", "provider", "--noupx"),
        *("--specpath", str(scratch), "--workpath", str(scratch / "work")),
        *("--distpath", str(scratch)),
        *(f"--exclude-module={name}" for name in UNUSED_MODULES),
        str(ENTRY),
    ]
    environment = {**os.environ, **STEADY, "PYINSTALLER_CONFIG_DIR": str(scratch / "cache")}
    if subprocess.run(command, env=environment, check=False).returncode:
        sys.exit("PyInstaller could not collect the provider.")
    return scratch / executable_name().removesuffix(".exe")


def list_parts(libraries: Path) -> None:
    """Put an empty stub where the source of each part of the provider is: by it, it is found."""
    for folder in PARTS:
        for source in (ROOT / folder).glob("*.py"):
            place(Path(os.devnull), libraries / folder / f"{source.stem}.pyi")


def wanted_files(collected: Path) -> list[Path]:
    """What is used at run time, relative to the folder."""
    found = (path.relative_to(collected) for path in collected.rglob("*") if path.is_file())
    return sorted(
        path
        for path in found
        if not any(fnmatchcase(path.as_posix(), pattern) for pattern in UNUSED_FILES)
    )


def place(source: Path, target: Path) -> None:
    """Copy a file, or the file behind a link: packages cannot carry links."""
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if target.name == executable_name() else 0o644)

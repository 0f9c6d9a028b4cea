"""Builds `build/launcher`, a filesystem mirror for this machine, made in no time.

For tests and demos; what people install is made by `tools.build`. The executable in it is a
launcher into this project's virtual environment. Terraform hashes the folder it stands in before
every command, so nothing else may ever appear there.

Format: https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation
"""

from __future__ import annotations

import compileall
import json
import os
import platform
import shlex
import sys
import sysconfig
import tempfile
from pathlib import Path

from provider import __version__
from provider.bridge import prepared, service
from provider.bridge.host import Host
from provider.cloudsigma import CloudSigma

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "provider"
MIRROR = ROOT / "build" / "launcher"
ADDRESS = "terraform.local/cloudsigma/cloudsigma"

# Go's names for what Python reports.
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}


def build(mirror: Path = MIRROR) -> Path:
    """Write the launcher and return its path; a launcher that is right already stays untouched."""
    # Started with -B, the provider never writes bytecode itself, and starts are four times
    # slower without it.
    compileall.compile_dir(PACKAGE, quiet=1)
    prepare_schema()
    executable = package_folder(mirror) / executable_name()
    if not executable.exists() or executable.read_text() != launcher():
        executable.parent.mkdir(parents=True, exist_ok=True)
        replace(executable, launcher())
    return executable


def package_folder(mirror: Path) -> Path:
    """Where this version for this platform stands in a filesystem mirror."""
    return mirror / ADDRESS / __version__ / platform_name()


def prepare_schema(package: Path = PACKAGE) -> None:
    """Keep what the provider says of its schema beside its bytecode, if it is not there already."""
    if not prepared.find(str(package)):
        prepared.keep(str(package), service.answers_in_advance(Host(CloudSigma())))


def executable_name() -> str:
    """The name Terraform looks for in the package folder."""
    suffix = ".exe" if sys.platform == "win32" else ""
    return f"terraform-provider-cloudsigma_v{__version__}{suffix}"


def platform_name() -> str:
    """This machine as Terraform names it, for example `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{ARCHITECTURES.get(machine, machine)}"


def launcher() -> str:
    """A shell script that starts the provider with the interpreter running now.

    A shell, because an interpreter line holds neither spaces nor long paths. `-I` keeps the
    practitioner's directory and variables out of the import path, `-S` skips the start-up
    files of the environment, and `-B` keeps bytecode from being written.
    """
    packages = dict.fromkeys(sysconfig.get_paths()[name] for name in ("purelib", "platlib"))
    program = (
        f"import sys; sys.path += {[str(ROOT), *packages]!r}; "
        "from provider.__main__ import main; sys.exit(main())"
    )
    command = [sys.executable, "-I", "-S", "-B", "-c", program]
    return f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'


def replace(executable: Path, text: str) -> None:
    """Put a new executable in place at once: others may be starting the old one.

    It is prepared one folder up, since a passing file in the package would change its hash.
    """
    handle, path = tempfile.mkstemp(dir=executable.parent.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    Path(path).chmod(0o755)
    Path(path).replace(executable)


def cli_config(mirror: Path = MIRROR) -> str:
    """A Terraform CLI configuration that installs providers from the mirror and nowhere else."""
    path = json.dumps(str(mirror), ensure_ascii=False)
    return (
        "disable_checkpoint = true\n"
        f"provider_installation {{\n  filesystem_mirror {{\n    path = {path}\n  }}\n}}\n"
    )


if __name__ == "__main__":
    print(build())

"""`make install`: the built package where Terraform looks without any settings.

Terraform takes a provider that it finds there from nowhere else.
Folders: https://developer.hashicorp.com/terraform/cli/config/config-file#implied-local-mirror-directories
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tools.build import BUILD
from tools.mirror import package_folder


def plugins() -> Path:
    """This user's plugin directory."""
    if sys.platform == "win32":
        return Path(os.environ["APPDATA"]) / "terraform.d" / "plugins"
    return Path.home() / ".terraform.d" / "plugins"


def install(built: Path, directory: Path) -> Path:
    """The folder of the installed package; this version's former one is replaced at once."""
    source, target = package_folder(built), package_folder(directory)
    if not source.is_dir():
        sys.exit(f"There is no package in {built}. Run `make build`.")
    directory.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=directory.parent) as scratch:
        shutil.copytree(source, Path(scratch) / "package")
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            target.rename(Path(scratch) / "former")
        (Path(scratch) / "package").rename(target)
    return target


def remove(directory: Path) -> Path:
    """The folder the package stood in; folders that nothing else is in go with it."""
    target = package_folder(directory)
    shutil.rmtree(target, ignore_errors=True)
    for folder in target.parents:
        if folder == directory.parent or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()
    return target


def main() -> None:
    """Install, or with `--remove` take away."""
    parser = argparse.ArgumentParser(prog="tools.install", description=__doc__)
    parser.add_argument("--remove", action="store_true", help="take it away")
    if parser.parse_args().remove:
        print(f"Removed {remove(plugins())}")
    else:
        print(f"Installed {install(BUILD / 'mirror', plugins())}")


if __name__ == "__main__":
    main()

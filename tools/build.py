"""`make build`: the package for this platform, in every form it is installed from.

`build/release` holds the zip for registries, `build/mirror` the same files unpacked for
Terraform's filesystem mirror, `build/network-mirror` the zip for a network mirror.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path

from tools import archive, release
from tools.freeze import freeze
from tools.mirror import ROOT, package_folder, platform_name

BUILD = ROOT / "build"


def build(target: Path, key: str = "") -> Path:
    """The executable in the filesystem mirror, which is rebuilt with everything beside it."""
    zipped = target / "release" / f"{release.STEM}_{platform_name()}.zip"
    with tempfile.TemporaryDirectory() as scratch:
        freeze(Path(scratch) / "package")
        archive.pack(Path(scratch) / "package", zipped)
    release.describe(target / "release", target / "network-mirror", key)
    package = package_folder(target / "mirror")
    shutil.rmtree(package, ignore_errors=True)
    archive.unpack(zipped, package)
    return next(package.glob("terraform-provider-*"))


def main() -> None:
    """Build, and name the executable."""
    parser = argparse.ArgumentParser(prog="tools.build", description=__doc__)
    parser.add_argument("--target", type=Path, default=BUILD, help="the folder to build in")
    print(build(parser.parse_args().target, os.environ.get("GPG_KEY", "")))


if __name__ == "__main__":
    main()

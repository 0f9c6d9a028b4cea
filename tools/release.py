"""Describes the zips in `build/release`, of whichever platforms are there, for installers.

Beside the zips: the registry's manifest, the checksums, with a key named in GPG_KEY their
signature, and the bill of materials. In `build/network-mirror`: the same zips as Terraform's
network mirror protocol wants them served. With a tag named in RELEASE_TAG it is for everybody:
nothing may be missing then, and `build/notes.md` has what the changelog says of the version.

Formats: https://developer.hashicorp.com/terraform/registry/providers/publishing and
https://developer.hashicorp.com/terraform/internals/provider-network-mirror-protocol
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from provider import __version__
from tools.archive import package_hash
from tools.mirror import ADDRESS, ROOT
from tools.sbom import bill_of_materials

RELEASE = ROOT / "build" / "release"
NETWORK_MIRROR = ROOT / "build" / "network-mirror"
NOTES = ROOT / "build" / "notes.md"
CHANGES = ROOT / "CHANGELOG.md"
STEM = f"terraform-provider-cloudsigma_{__version__}"


def main() -> None:
    """Describe what was built, after a look at what it will be published as."""
    tag, key = os.environ.get("RELEASE_TAG", ""), os.environ.get("GPG_KEY", "")
    notes = publishable(tag, key, CHANGES.read_text()) if tag else ""
    describe(RELEASE, NETWORK_MIRROR, key)
    if tag:
        NOTES.write_text(notes, newline="\n")


def publishable(tag: str, key: str, changes: str) -> str:
    """The notes of a release; one that must not be published ends the program."""
    if tag != f"v{__version__}":
        sys.exit(f"The tag is {tag}, and the version {__version__} of provider/__init__.py.")
    if not key:
        sys.exit("GPG_KEY names no key: a release is signed.")
    if not (notes := notes_of(__version__, changes)):
        sys.exit(f"CHANGELOG.md says nothing of {__version__}.")
    return notes


def notes_of(version: str, changes: str) -> str:
    """What stands below a version's heading, empty without one."""
    heading = rf"^## {re.escape(version)} - \d{{4}}-\d\d-\d\d\n"
    found = re.search(rf"{heading}(.*?)(?=^## |\Z)", changes, re.DOTALL | re.MULTILINE)
    return f"{found[1].strip()}\n" if found and found[1].strip() else ""


def describe(release: Path, network_mirror: Path, key: str = "") -> None:
    """Write everything that goes with the zips of this version in `release`."""
    zips = sorted(release.glob(f"{STEM}_*.zip"))
    if not zips:
        sys.exit(f"There is no zip of {__version__} in {release}. Run `make build`.")
    manifest = release / f"{STEM}_manifest.json"
    write_json(manifest, {"version": 1, "metadata": {"protocol_versions": ["6.0"]}})
    write_json(release / f"{STEM}_sbom.cdx.json", bill_of_materials())
    sums = release / f"{STEM}_SHA256SUMS"
    sums.write_text("".join(map(checksum, [*zips, manifest])), newline="\n")
    sign(sums, key)
    serve(zips, network_mirror)


def checksum(file: Path) -> str:
    """A line of the checksums."""
    return f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"


def sign(sums: Path, key: str) -> None:
    """Put a detached binary signature beside the checksums, or none without a key."""
    signature = sums.with_name(f"{sums.name}.sig")
    signature.unlink(missing_ok=True)
    if key:
        command = ["gpg", "--batch", "--yes", "--local-user", key, "--output", str(signature)]
        subprocess.run([*command, "--detach-sign", str(sums)], check=True)


def serve(zips: list[Path], network_mirror: Path) -> None:
    """Fill a folder that any HTTPS server can serve as a network mirror."""
    folder = network_mirror / ADDRESS
    folder.mkdir(parents=True, exist_ok=True)
    archives = {}
    for archive in zips:
        shutil.copyfile(archive, folder / archive.name)
        archives[platform_of(archive)] = {"url": archive.name, "hashes": [package_hash(archive)]}
    write_json(folder / "index.json", {"versions": {__version__: {}}})
    write_json(folder / f"{__version__}.json", {"archives": archives})


def platform_of(archive: Path) -> str:
    """The platform in the name of a zip, for example `linux_amd64`."""
    return archive.stem.removeprefix(f"{STEM}_")


def write_json(path: Path, content: object) -> None:
    """Write a JSON file that is the same for the same content."""
    path.write_text(json.dumps(content, indent=2) + "\n", newline="\n")


if __name__ == "__main__":
    main()

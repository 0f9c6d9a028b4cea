"""The registry zip: a package folder as one file, its hash, and the folder again.

Terraform hashes the entries of a zip and the files of a folder; the two agree only if the zip
holds no entry for a directory. It takes the modes of files from the zip, and does not follow
links in one.
"""

from __future__ import annotations

import base64
import hashlib
import stat
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

# The earliest time a zip can hold: the same for every build.
TIME = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def pack(folder: Path, archive: Path) -> None:
    """Write a zip with every file of the folder; the same files give the same bytes."""
    archive.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(archive, "w", ZIP_DEFLATED) as packed:
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = ZipInfo(file.relative_to(folder).as_posix(), TIME)
            entry.create_system = UNIX
            entry.compress_type = ZIP_DEFLATED
            mode = 0o755 if file.name.startswith("terraform-provider-") else 0o644
            entry.external_attr = (stat.S_IFREG | mode) << 16
            packed.writestr(entry, file.read_bytes())


def unpack(archive: Path, folder: Path) -> None:
    """Write the files of a zip into a folder, with their modes."""
    with ZipFile(archive) as packed:
        for entry in packed.infolist():
            path = Path(packed.extract(entry, folder))
            path.chmod(stat.S_IMODE(entry.external_attr >> 16))


def package_hash(archive: Path) -> str:
    """Terraform's `h1`: the hash of the sorted list of files with their hashes."""
    with ZipFile(archive) as packed:
        lines = [
            f"{hashlib.sha256(packed.read(name)).hexdigest()}  {name}\n"
            for name in sorted(packed.namelist())
        ]
    digest = hashlib.sha256("".join(lines).encode()).digest()
    return f"h1:{base64.b64encode(digest).decode()}"

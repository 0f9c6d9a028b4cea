"""What is inside the package and beside it is what installers expect."""

from __future__ import annotations

import base64
import hashlib
import json
import marshal
import os
import shutil
import stat
import subprocess
import sys
from importlib.metadata import version
from typing import TYPE_CHECKING
from zipfile import ZipFile

import pytest

from provider import __version__
from provider.bridge.host import Host
from provider.bridge.service import answers_in_advance
from provider.cloudsigma import CloudSigma
from tools.mirror import ADDRESS, ROOT, executable_name, platform_name
from tools.release import STEM, describe
from tools.requirements import locked

if TYPE_CHECKING:
    from pathlib import Path

EXECUTABLE = executable_name()
MANY_FILES = 70
MANY_BYTES = 40_000_000


def folder_hash(folder: Path) -> str:
    """The hash as Terraform takes it of an unpacked package."""
    listing = hashlib.sha256()
    for path in sorted(
        (p for p in folder.rglob("*") if p.is_file()),
        key=lambda p: p.relative_to(folder).as_posix(),
    ):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        listing.update(f"{digest}  {path.relative_to(folder).as_posix()}\n".encode())
    return f"h1:{base64.b64encode(listing.digest()).decode()}"


@pytest.fixture
def zipped(built: Path) -> Path:
    return built / "release" / f"{STEM}_{platform_name()}.zip"


def test_exactly_one_file_can_be_taken_for_the_executable(package: Path) -> None:
    found = [p.name for p in package.iterdir() if p.name.startswith("terraform-provider-")]

    assert found == [EXECUTABLE]
    assert os.access(package / EXECUTABLE, os.X_OK)


def test_the_package_holds_no_links_and_nothing_python_would_compile(package: Path) -> None:
    everything = list(package.rglob("*"))

    assert [p for p in everything if p.is_symlink()] == []
    assert [p for p in everything if p.suffix in {".py", ".pyc"}] == []


def test_the_answer_that_terraform_asks_for_first_is_prepared(package: Path) -> None:
    kept = marshal.loads((package / "lib" / "__pycache__" / "answers.bin").read_bytes())
    assert kept == answers_in_advance(Host(CloudSigma()))


def test_the_package_is_small_and_has_few_files(package: Path) -> None:
    files = [p for p in package.rglob("*") if p.is_file()]

    assert len(files) < MANY_FILES
    assert sum(p.stat().st_size for p in files) < MANY_BYTES


def test_the_zip_has_files_only_with_their_modes_and_one_time(zipped: Path) -> None:
    with ZipFile(zipped) as packed:
        entries = packed.infolist()

    assert not [entry for entry in entries if entry.is_dir()]
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert all(stat.S_ISREG(entry.external_attr >> 16) for entry in entries)
    executable = [e.filename for e in entries if e.external_attr >> 16 & stat.S_IXUSR]
    assert executable == [EXECUTABLE]


def test_a_run_by_hand_explains_itself(package: Path) -> None:
    command = [package / EXECUTABLE]

    by_hand = subprocess.run(command, env={}, capture_output=True, text=True, check=False)
    asked = subprocess.run(
        [*command, "--version"], env={}, capture_output=True, text=True, check=False
    )

    assert by_hand.returncode == 1
    assert "This program is a Terraform plugin" in by_hand.stderr
    assert asked.stdout == f"terraform-provider-cloudsigma {__version__}\n"


def test_the_licenses_of_all_that_ships_are_inside(package: Path) -> None:
    notices = (package / "NOTICES.txt").read_text()

    for name in ("Python", *(f"{name} {version(name)}" for name in locked())):
        assert f"=\n{name}\n=" in notices
    assert "not declared" not in notices


def test_the_checksums_cover_zip_and_manifest(built: Path, zipped: Path) -> None:
    manifest = built / "release" / f"{STEM}_manifest.json"

    sums = (built / "release" / f"{STEM}_SHA256SUMS").read_text().splitlines()

    files = [zipped, manifest]
    assert sums == [f"{hashlib.sha256(f.read_bytes()).hexdigest()}  {f.name}" for f in files]
    assert json.loads(manifest.read_text()) == {
        "version": 1,
        "metadata": {"protocol_versions": ["6.0"]},
    }


def test_the_network_mirror_names_zip_and_hash(built: Path, package: Path, zipped: Path) -> None:
    folder = built / "network-mirror" / ADDRESS

    versions = json.loads((folder / "index.json").read_text())
    archives = json.loads((folder / f"{__version__}.json").read_text())["archives"]

    assert versions == {"versions": {__version__: {}}}
    assert archives == {platform_name(): {"url": zipped.name, "hashes": [folder_hash(package)]}}
    assert (folder / zipped.name).read_bytes() == zipped.read_bytes()


def test_the_bill_of_materials_is_valid_and_complete(built: Path) -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = (built / "release" / f"{STEM}_sbom.cdx.json").read_text()

    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    listed = {c["name"]: c["version"] for c in bill["components"] if c["type"] == "library"}
    assert listed == locked()
    (ours,) = [d for d in bill["dependencies"] if "terraform-provider" in d["ref"]]
    assert f"pkg:pypi/protobuf@{version('protobuf')}" in ours["dependsOn"]
    (cryptography,) = [d for d in bill["dependencies"] if "/cryptography@" in d["ref"]]
    assert f"pkg:pypi/cffi@{version('cffi')}" in cryptography["dependsOn"]


@pytest.mark.skipif(not shutil.which("gpg"), reason="there is no gpg")
def test_with_a_key_the_checksums_are_signed(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "g"
    home.mkdir(mode=0o700)
    monkeypatch.setenv("GNUPGHOME", str(home))
    make_key = ["--passphrase", "", "--quick-generate-key", "release@example.com", "rsa2048"]
    subprocess.run(["gpg", "--batch", "--quiet", *make_key], check=True, capture_output=True)
    release = shutil.copytree(built / "release", tmp_path / "release")
    sums = release / f"{STEM}_SHA256SUMS"

    describe(release, tmp_path / "mirror", "release@example.com")

    verify = ["gpg", "--batch", "--verify", f"{sums}.sig", str(sums)]
    assert subprocess.run(verify, check=False, capture_output=True).returncode == 0
    subprocess.run(["gpgconf", "--kill", "gpg-agent"], check=True)


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="this is not a checkout")
def test_the_same_commit_gives_the_same_bytes_wherever_it_is_built(tmp_path: Path) -> None:
    built = []
    for name in ("here", "there"):
        checkout = tmp_path / name
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(checkout)], check=True)
        command = [sys.executable, "-m", "tools.build", "--target", str(checkout / "built")]
        subprocess.run(command, cwd=checkout, check=True)
        release = checkout / "built" / "release"
        built.append({file.name: file.read_bytes() for file in release.iterdir()})

    here, there = built
    assert here.keys() == there.keys()
    assert [name for name in here if here[name] != there[name]] == []

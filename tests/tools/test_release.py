"""What ships is exactly what is locked, and versions agree wherever one is written."""

from __future__ import annotations

import tomllib
from importlib.metadata import version
from typing import TYPE_CHECKING

import pytest

from provider import __version__
from tools import release
from tools.mirror import ROOT
from tools.requirements import PROJECT, dependents, locked

if TYPE_CHECKING:
    from pathlib import Path

LOCK = """\
alpha==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via
    #   beta
    #   terraform-provider-cloudsigma (pyproject.toml)
beta[extra]==2.0 ; sys_platform == 'never' \\
    --hash=sha256:cc
    # via terraform-provider-cloudsigma (pyproject.toml)
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    file = tmp_path / "requirements.lock"
    file.write_text(LOCK)
    return file


def test_only_what_this_platform_needs_is_locked(lock: Path) -> None:
    assert locked(lock) == {"alpha": "1.0"}


def test_the_lock_file_tells_who_asked_for_what(lock: Path) -> None:
    assert dependents(lock) == {"alpha": ["beta", PROJECT], "beta": [PROJECT]}


def test_the_environment_holds_what_is_locked() -> None:
    assert {name: version(name) for name in locked()} == locked()


def test_the_version_is_the_same_wherever_it_is_written() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    quickstart = (ROOT / "examples" / "quickstart" / "main.tf").read_text()

    assert project["version"] == __version__
    assert f'version = "{__version__}"' in quickstart


def test_a_release_without_zips_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="There is no zip"):
        release.describe(tmp_path, tmp_path / "mirror")


CHANGES = f"# Changelog\n\n## Unreleased\n\n- Later.\n\n## {__version__} - 2026-11-23\n\n- Now.\n"


def test_the_notes_of_a_release_are_its_section_of_the_changelog() -> None:
    older = "\n## 0.0.1 - 2026-01-01\n\n- Before.\n"

    assert release.publishable(f"v{__version__}", "KEY", CHANGES + older) == "- Now.\n"


@pytest.mark.parametrize(
    ("tag", "key", "changes", "why"),
    [
        ("v9.9.9", "KEY", CHANGES, "The tag is v9.9.9, and the version"),
        (__version__, "KEY", CHANGES, "The tag is"),
        (f"v{__version__}", "", CHANGES, "a release is signed"),
        (f"v{__version__}", "KEY", "## Unreleased\n\n- Later.\n", "says nothing of"),
        (f"v{__version__}", "KEY", f"## {__version__} - 2026-11-23\n\n", "says nothing of"),
    ],
)
def test_what_must_not_be_published_is_refused(tag: str, key: str, changes: str, why: str) -> None:
    with pytest.raises(SystemExit, match=why):
        release.publishable(tag, key, changes)


def test_this_version_has_notes() -> None:
    assert release.notes_of(__version__, release.CHANGES.read_text())


def test_a_release_describes_the_zips_of_all_platforms(tmp_path: Path) -> None:
    from zipfile import ZipFile

    for platform in ("darwin_arm64", "windows_amd64"):
        with ZipFile(tmp_path / f"{release.STEM}_{platform}.zip", "w") as packed:
            packed.writestr("terraform-provider-cloudsigma", platform)

    release.describe(tmp_path, tmp_path / "mirror")

    sums = (tmp_path / f"{release.STEM}_SHA256SUMS").read_text()
    assert sums.count(".zip\n") == 2
    listing = next((tmp_path / "mirror").rglob(f"{__version__}.json")).read_text()
    assert '"darwin_arm64"' in listing
    assert '"windows_amd64"' in listing

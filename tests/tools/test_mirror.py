from __future__ import annotations

import os
from typing import TYPE_CHECKING

from provider import __version__
from tools import mirror

if TYPE_CHECKING:
    from pathlib import Path


def test_the_executable_stands_where_terraform_looks_for_it(tmp_path: Path) -> None:
    executable = mirror.build(tmp_path)

    assert str(executable.relative_to(tmp_path)) == (
        f"terraform.local/cloudsigma/cloudsigma/{__version__}/{mirror.platform_name()}"
        f"/terraform-provider-cloudsigma_v{__version__}"
    )
    assert os.access(executable, os.X_OK)


def test_the_package_holds_the_executable_alone(tmp_path: Path) -> None:
    executable = mirror.build(tmp_path)

    assert list(executable.parent.iterdir()) == [executable]


def test_building_again_leaves_a_right_executable_untouched(tmp_path: Path) -> None:
    before = mirror.build(tmp_path).stat()

    after = mirror.build(tmp_path).stat()

    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_building_again_replaces_another_executable(tmp_path: Path) -> None:
    executable = mirror.build(tmp_path)
    executable.write_text("#!/bin/sh\necho from another environment\n")

    mirror.build(tmp_path)

    assert executable.read_text() == mirror.launcher()
    assert [path.name for path in executable.parent.parent.iterdir()] == [mirror.platform_name()]


def test_the_settings_survive_quotes_in_the_path(tmp_path: Path) -> None:
    assert '"/a \\"b\\"/ü"' in mirror.cli_config(tmp_path.__class__('/a "b"/ü'))

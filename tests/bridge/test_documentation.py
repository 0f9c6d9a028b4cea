"""The example of docs/bridge.md is a provider that Terraform applies."""

from __future__ import annotations

import re
import runpy
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest

from provider.bridge.testing import Harness
from tests.bridge.plugin import ROOT
from tests.e2e.terraform import Project
from tools import mirror
from tools.terraform import Terraform, available

PAGE = (ROOT / "docs" / "bridge.md").read_text()
FOUND = available()


def block(language: str, number: int = 0) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[number]


@pytest.fixture
def program(tmp_path: Path) -> Path:
    path = tmp_path / "files.py"
    path.write_text(block("python"))
    return path


def test_the_example_test_passes(program: Path, tmp_path: Path) -> None:
    names: dict[str, Any] = runpy.run_path(str(program)) | {
        "Harness": Harness,
        "folder": str(tmp_path),
    }

    exec(compile(block("python", 1), "docs/bridge.md", "exec"), names)

    assert names["made"].text == "Hello"


@pytest.mark.e2e
@pytest.mark.skipif(not FOUND, reason="there is no terraform: `make setup` brings one")
@pytest.mark.parametrize("terraform", FOUND[:1])
def test_terraform_applies_the_example(terraform: Terraform, program: Path, tmp_path: Path) -> None:
    folder = tmp_path / "example.com/demo/files/0.1.0" / mirror.platform_name()
    folder.mkdir(parents=True)
    launcher = folder / "terraform-provider-files_v0.1.0"
    command = shlex.join(["env", f"PYTHONPATH={ROOT}", sys.executable, "-B", str(program)])
    launcher.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    launcher.chmod(0o755)
    files = tmp_path / "text"
    files.mkdir()
    project = Project(tmp_path / "p", terraform, tmp_path, {"TF_VAR_folder": str(files)})
    project.write(block("hcl"))

    project.init()
    project.apply()

    assert (files / "hello.txt").read_text() == "Hello"
    assert project.plan_is_empty()
    project.destroy()
    assert list(files.iterdir()) == []

"""The workflows run what can be run here: make targets, and two commands of a release."""

from __future__ import annotations

from typing import Any

import yaml

from tests.tools.test_make import ROOT, declared_targets

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OUTSIDE = {"gpg": "release.yml", "gh": "release.yml"}


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS[0].parent / name).read_text())["jobs"]
    return found


def commands(name: str) -> list[list[str]]:
    steps = [step for job in jobs(name).values() for step in job["steps"]]
    return [step["run"].split() for step in steps if "run" in step]


def test_workflows_call_only_make_targets() -> None:
    for workflow in WORKFLOWS:
        for command, *arguments in commands(workflow.name):
            if OUTSIDE.get(command) == workflow.name:
                continue
            assert command == "make", arguments
            targets = {word for word in arguments if "=" not in word}
            assert targets <= declared_targets()


def test_every_supported_python_and_system_is_tested() -> None:
    tested = jobs("test.yml")

    assert tested["test"]["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    systems = {*tested["test"]["strategy"]["matrix"]["os"], tested["windows"]["runs-on"]}
    assert systems == {"ubuntu-latest", "macos-latest", "windows-latest"}
    assert {"1.5.7", "latest"} <= set(tested["terraform"]["strategy"]["matrix"]["version"])
    assert "opentofu" in tested


def test_nothing_but_the_release_may_write() -> None:
    for workflow in WORKFLOWS:
        document = yaml.safe_load(workflow.read_text())
        assert document["permissions"] == {"contents": "read"}
        writers = {name for name, job in document["jobs"].items() if "permissions" in job}
        assert writers <= {"publish"}

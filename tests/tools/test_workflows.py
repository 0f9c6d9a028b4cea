"""The workflows run what can be run here: make targets, and a few commands of a release."""

from __future__ import annotations

from typing import Any

import yaml

from tests.tools.test_make import ROOT, declared_targets

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
OUTSIDE = {
    "gpg --batch --import": "release.yml",
    "gh release create": "release.yml",
    ".venv/bin/python -m tools.audit": "release.yml",
    "git diff": "nightly.yml",
}


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((WORKFLOWS[0].parent / name).read_text())["jobs"]
    return found


def commands(name: str) -> list[list[str]]:
    return [step["run"].split() for job in jobs(name).values() for step in runs(job)]


def runs(job: dict[str, Any]) -> list[dict[str, Any]]:
    """The steps of a job that run a command."""
    return [step for step in job.get("steps", []) if "run" in step]


def test_workflows_call_only_make_targets() -> None:
    for workflow in WORKFLOWS:
        for words in commands(workflow.name):
            if any(" ".join(words).startswith(o) for o, w in OUTSIDE.items() if w == workflow.name):
                continue
            assert words[0] == "make", words
            targets = {word for word in words[1:] if "=" not in word}
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


def test_no_job_runs_for_ever() -> None:
    for workflow in WORKFLOWS:
        for name, job in jobs(workflow.name).items():
            assert "uses" in job or 0 < job["timeout-minutes"] <= 120, f"{workflow.name}: {name}"


def test_nothing_is_published_before_all_tests_have_passed() -> None:
    release = jobs("release.yml")

    assert set(release["publish"]["needs"]) == {"test", "build"}
    assert release["test"] == {"uses": "./.github/workflows/test.yml"}
    assert "workflow_call" in yaml.safe_load((WORKFLOWS[0].parent / "test.yml").read_text())[True]


def test_a_release_is_audited_and_signed_before_it_is_created() -> None:
    publish = runs(jobs("release.yml")["publish"])
    order = [step["run"] for step in publish]

    audit = order.index(".venv/bin/python -m tools.audit --required")
    described = order.index("make release PYTHON=python")
    (created,) = (n for n, run in enumerate(order) if run.startswith("gh release create"))
    assert audit < described < created
    assert publish[described]["env"] == {
        "GPG_KEY": "${{ vars.GPG_FINGERPRINT }}",
        "RELEASE_TAG": "${{ github.ref_name }}",
    }
    assert "--notes-file build/notes.md" in order[created]


def test_what_takes_long_runs_every_night() -> None:
    targets = {words[1] for words in commands("nightly.yml") if words[0] == "make"}

    assert targets == {"slow", "matrix", "soak"}
    assert "audit" in jobs("test.yml")["check"]["steps"][-1]["run"].split()

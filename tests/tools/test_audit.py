from __future__ import annotations

import json

import pytest

from tools.audit import judged

FINE = {"name": "requests", "version": "2.32", "vulns": []}
BAD = {"name": "urllib3", "version": "1.0", "vulns": [{"id": "PYSEC-1"}, {"id": "PYSEC-2"}]}
UNKNOWN = {"name": "certifi", "skip_reason": "not found"}


def report(*packages: object) -> str:
    return json.dumps({"dependencies": packages})


def test_what_is_not_vulnerable_passes() -> None:
    assert judged(report(FINE)) == ("Packages audited: 1 of 1; vulnerabilities: 0.", 0)


def test_each_vulnerability_is_named_and_fails() -> None:
    words, status = judged(report(FINE, BAD))

    assert status == 1
    assert words.splitlines()[1:] == ["urllib3 1.0: PYSEC-1", "urllib3 1.0: PYSEC-2"]


@pytest.mark.parametrize("required", [False, True])
def test_a_package_the_service_does_not_know_is_said_not_to_be_audited(required: bool) -> None:
    words, status = judged(report(FINE, UNKNOWN), required=required)

    assert status == required
    assert words.splitlines() == [
        "Packages audited: 1 of 2; vulnerabilities: 0.",
        "NOT AUDITED, as the service does not know it: certifi.",
    ]


@pytest.mark.parametrize("required", [False, True])
def test_a_service_that_knows_nothing_audits_nothing(required: bool) -> None:
    words, status = judged(report(UNKNOWN, UNKNOWN), required=required)

    assert status == required
    assert words == "NOT AUDITED: the advisory service knows none of the 2 packages."


@pytest.mark.parametrize("required", [False, True])
@pytest.mark.parametrize("silence", ["", "<html>", "{}", "[]", "Traceback\nNo route to host"])
def test_a_service_that_does_not_answer_audits_nothing(silence: str, required: bool) -> None:
    words, status = judged(silence, required=required)

    assert status == required
    assert words.startswith("NOT AUDITED: the advisory service could not be asked.")
    assert "vulnerabilities: 0" not in words

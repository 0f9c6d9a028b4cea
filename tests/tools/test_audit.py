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
    assert judged(report(FINE)) == ("Packages audited: 1; vulnerabilities: 0.", 0)


def test_each_vulnerability_is_named_and_fails() -> None:
    words, status = judged(report(FINE, BAD))

    assert status == 1
    assert words.splitlines()[1:] == ["urllib3 1.0: PYSEC-1", "urllib3 1.0: PYSEC-2"]


def test_what_the_service_does_not_know_is_said() -> None:
    words, status = judged(report(FINE, UNKNOWN))

    assert status == 0
    assert "Not known to the service: certifi." in words


@pytest.mark.parametrize("silence", ["", "<html>", "{}"])
def test_a_service_that_does_not_answer_fails_nothing(silence: str) -> None:
    words, status = judged(silence)

    assert (status, "nothing was audited" in words) == (0, True)

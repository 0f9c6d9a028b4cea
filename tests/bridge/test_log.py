"""Log lines that Terraform reads, whatever is put into them."""

from __future__ import annotations

import io
import json
import sys
from typing import Any

import pytest

from provider.bridge.log import Log, Stray, redacted, wanted_level
from provider.bridge.values import UNKNOWN


def written(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize(
    ("environ", "level"),
    [
        ({}, "off"),
        ({"TF_LOG": "INFO"}, "info"),
        ({"TF_LOG": "JSON"}, "trace"),
        ({"TF_LOG": "1"}, "trace"),
        ({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "ERROR"}, "error"),
        ({"TF_LOG_CORE": "TRACE"}, "off"),
    ],
)
def test_the_level_is_the_one_terraform_shows(environ: dict[str, str], level: str) -> None:
    assert wanted_level(environ) == level


def test_nothing_below_the_level_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    log = Log("provider", level="warn")
    for write in (log.trace, log.debug, log.info, log.warn, log.error):
        write("words")

    assert [line["@level"] for line in written(capsys)] == ["warn", "error"]


class Full(io.StringIO):
    """A file on a disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_log_that_cannot_be_written_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())

    Log("provider", level="trace").debug("words")


def test_a_field_never_takes_the_place_of_what_terraform_reads(
    capsys: pytest.CaptureFixture[str],
) -> None:
    fields: dict[str, Any] = {"@message": 1, "@level": None, "@timestamp": 2, "message": "m"}
    Log("provider", level="trace").debug("words", **fields)

    (line,) = written(capsys)
    assert (line["@message"], line["@level"], line["message"]) == ("words", "debug", "m")
    assert isinstance(line["@timestamp"], str)


def test_any_value_can_be_a_field(capsys: pytest.CaptureFixture[str]) -> None:
    odd: Any = {("a", 1): 2, "b": UNKNOWN, "c": {1, 2}, "d": "\ud800"}
    Log("provider", level="trace").bound(always=1).debug("words", odd=odd)

    (line,) = written(capsys)
    assert (line["always"], line["odd"]["b"]) == (1, "UNKNOWN")


def test_secrets_are_not_written() -> None:
    shown = redacted({"headers": [{"Authorization": "x"}, ("a", {"api_token": "y"})], "b": 1})

    assert shown == {
        "headers": [{"Authorization": "(redacted)"}, ["a", {"api_token": "(redacted)"}]],
        "b": 1,
    }


def test_a_line_is_never_longer_than_terraform_reads_in_one_piece(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Log("provider", level="trace").trace("body", body='{"@message": 1}' * 10_000)

    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert len(lines[0]) < 64 * 1024
    assert json.loads(lines[0])["@message"].startswith('{"body"')


def test_what_is_printed_in_pieces_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    stray = Stray(Log("provider", level="trace"), sys.stderr)

    print("a", 1, "", file=stray)
    print("\n", file=stray)

    assert [line["@message"] for line in written(capsys)] == ["a 1 "]

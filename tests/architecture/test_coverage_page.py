"""docs/coverage.md: every part of the API document has a test, and the test exists."""

from __future__ import annotations

import re

import pytest

from tests.architecture.test_imports import ROOT

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (ROOT / "docs" / "coverage.md").read_text().splitlines()
    if re.match(r"\| \d", line)
]


def test_all_parts_of_the_document_are_there() -> None:
    assert [row[0] for row in ROWS] == [str(number) for number in range(1, 49)]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row[0]}")
def test_the_test_of_a_row_exists(row: list[str]) -> None:
    found = re.fullmatch(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[3])
    assert found

    file, function = found.groups()

    assert re.search(rf"^(async )?def {function}\(", (ROOT / file).read_text(), re.MULTILINE)
    assert not file.startswith("tests/simulator/"), "that proves nothing of the provider"

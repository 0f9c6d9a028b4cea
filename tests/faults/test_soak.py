"""A few random histories; `make soak` runs as many as one likes."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.faults.history import History
from tools.soak import BROKEN, FORBIDDEN, failed, shown, soak
from tools.terraform import available

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 6
needs_terraform = pytest.mark.skipif(
    not available(), reason="there is no terraform: `make setup` brings one"
)


@pytest.mark.e2e
@needs_terraform
def test_random_histories_leave_nothing_behind(tmp_path: Path) -> None:
    counts = soak(range(RUNS), seed=1, directory=tmp_path, workers=2)

    assert {name: counts[name] for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)
    assert counts["runs"] == RUNS
    assert not failed(counts)


class Doomed(History):
    """A history whose second step cannot be judged, as when Terraform hangs."""

    def run(self) -> Counter[str]:
        if not self.dice.randrange(2):
            raise TimeoutError
        self.counts["runs"] += 1
        return self.counts


@pytest.mark.e2e
@needs_terraform
def test_a_history_that_cannot_be_judged_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts = soak(range(8), seed=3, directory=tmp_path, kind=Doomed)

    told = capsys.readouterr().err
    assert failed(counts)
    assert counts["runs"] + counts[BROKEN] == 8
    assert 0 < counts[BROKEN] == told.count("again: make soak SEED=3 ONLY=") < 8


@pytest.mark.parametrize("name", [*FORBIDDEN, BROKEN])
def test_whatever_should_be_zero_fails_the_soak(name: str) -> None:
    assert not failed(Counter(runs=3, faults=2, interrupts=1))
    assert failed(Counter({"runs": 3, name: 1}))
    assert f"{name} 1" in shown(Counter({name: 1}))

"""A few random histories; `make soak` runs as many as one likes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tools.soak import FORBIDDEN, soak
from tools.terraform import available

if TYPE_CHECKING:
    from pathlib import Path

RUNS = 5


@pytest.mark.e2e
@pytest.mark.skipif(not available(), reason="there is no terraform: `make setup` brings one")
def test_random_histories_leave_nothing_behind(tmp_path: Path) -> None:
    counts = soak(RUNS, seed=1, directory=tmp_path)

    assert {name: counts[name] for name in FORBIDDEN} == dict.fromkeys(FORBIDDEN, 0)
    assert counts["runs"] == RUNS

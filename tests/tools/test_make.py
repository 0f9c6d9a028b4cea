from __future__ import annotations

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()


def declared_targets() -> set[str]:
    declaration = re.search(r"^\.PHONY: ((?:.*\\\n)*.*)$", MAKEFILE, re.MULTILINE)
    assert declaration
    return set(declaration[1].replace("\\\n", "").split())


def test_plain_make_lists_every_target_with_what_it_does() -> None:
    listing = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout

    listed = dict(line.split(maxsplit=1) for line in listing.splitlines())
    assert listed.keys() == declared_targets()
    assert all(listed.values())


def test_no_target_takes_more_than_three_lines() -> None:
    recipes = re.findall(r"^[^\s:#]+:[^=\n]*\n((?:\t.*\n)*)", MAKEFILE, re.MULTILINE)

    assert recipes
    assert all(recipe.count("\n") <= 3 for recipe in recipes)

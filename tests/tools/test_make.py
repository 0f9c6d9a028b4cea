from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()

# What Windows does not have, as the workflow's job for it would find out.
COLLECT_AS_ON_WINDOWS = """
import os, sys, pytest
for name in ("fork", "geteuid", "killpg", "mkfifo", "setsid"):
    delattr(os, name)
sys.modules |= dict.fromkeys(("fcntl", "grp", "pwd", "resource", "termios"))
sys.exit(pytest.main(["--collect-only", "-q", "-p", "no:cacheprovider", *sys.argv[1:]]))
"""


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


def test_what_windows_does_not_have_is_not_needed_to_collect_the_smoke_test() -> None:
    recipe = re.search(r"^smoke:.*\n\t.* -m pytest (.*)$", MAKEFILE, re.MULTILINE)
    assert recipe

    command = [sys.executable, "-c", COLLECT_AS_ON_WINDOWS, *recipe[1].split()]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    assert run.returncode == 0, run.stdout
    assert "all_that_is_needed" in run.stdout


def test_make_sim_prints_what_makes_the_provider_use_it() -> None:
    command = ["make", "-s", "sim"]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as simulator:
        assert simulator.stdout
        url, *exports = [simulator.stdout.readline().strip() for _ in range(4)]
        os.killpg(simulator.pid, signal.SIGTERM)

    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/2\.0/", url)
    assert exports == [
        f"export CLOUDSIGMA_BASE_URL={url}",
        "export CLOUDSIGMA_USERNAME=demo@example.com",
        "export CLOUDSIGMA_PASSWORD=demo-password",
    ]

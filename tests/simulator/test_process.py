"""The simulator as a program: its command line, its file, its size, its page."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import requests

from simulator import Settings, Simulator
from simulator.__main__ import arguments, settings_from
from simulator.faults import KINDS
from simulator.running import Running

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
AUTH = ("demo@example.com", "demo-password")
DRIVE = {"name": "a", "media": "disk", "size": 2**30}


@contextmanager
def running(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The program and the base URL that it prints first."""
    command = [sys.executable, "-m", "simulator", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
def test_the_program_prints_its_url_and_ends_on_a_signal(end: signal.Signals) -> None:
    with running("--token", "t") as (process, url):
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+/api/2\.0/", url)
        answer = requests.get(url + "drives/", headers={"Authorization": "Bearer t"}, timeout=10)

        process.send_signal(end)

        assert (answer.status_code, process.wait(10)) == (200, 0)


def test_every_option_reaches_the_settings(tmp_path: Path) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text('[{"fault": "500"}]')
    line = (
        "--clock seconds:2 --latency-ms 3 --user u --password p --token t --location crk --db f "
        f"--seed-drives 4 --random-seed 5 --faults {faults} --rate-limit GET=6 "
        "--switch page_size=7 --switch strict_put=true"
    )

    settings = settings_from(arguments(line.split()))

    assert (settings.clock, settings.latency_ms, settings.location) == ("seconds:2", 3, "crk")
    assert (settings.user, settings.password, settings.token) == ("u", "p", "t")
    assert (settings.db, settings.seed_drives, settings.random_seed) == ("f", 4, 5)
    assert settings.faults == [{"fault": "500"}]
    assert settings.rate_limits["GET"] == 6
    assert (settings.switches.page_size, settings.switches.strict_put) == (7, True)


def test_help_explains_options_switches_and_faults() -> None:
    command = [sys.executable, "-m", "simulator", "--help"]

    shown = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout

    assert [kind for kind in KINDS if f"  {kind} " not in shown] == []
    assert [name for name in vars(Settings().switches) if name not in shown] == []


def test_an_answer_is_delayed_by_the_latency() -> None:
    with Simulator(latency_ms=50) as simulator:
        begun = time.monotonic()
        requests.get(simulator.url + "drives/", auth=AUTH, timeout=10)

        assert time.monotonic() - begun >= 0.05


def test_no_acknowledged_write_is_lost_by_a_kill(tmp_path: Path) -> None:
    options = ("--db", str(tmp_path / "world.db"), "--clock", "reads:2")
    with running(*options) as (process, url):
        made = [
            requests.post(url + "drives/", json=DRIVE, auth=AUTH, timeout=10).json()["objects"][0]
            for _ in range(20)
        ]
        kept, gone = made[0]["uuid"], made[1]["uuid"]
        for _ in range(3):
            requests.get(url + "drives/", auth=AUTH, timeout=10)
        tag = {"name": "t", "resources": [kept]}
        requests.post(url + "tags/", json=tag, auth=AUTH, timeout=10)
        requests.delete(url + f"drives/{gone}/", auth=AUTH, timeout=10)
        process.send_signal(signal.SIGKILL)
        process.wait(10)

    with running(*options) as (_, url):
        drives = requests.get(url + "drives/detail/?limit=0", auth=AUTH, timeout=10).json()

    found = {drive["uuid"]: drive for drive in drives["objects"]}
    assert [drive["uuid"] for drive in drives["objects"]] == [drive["uuid"] for drive in made]
    assert found[gone]["status"] == "deleting"
    assert len(found[kept]["tags"]) == 1


def test_a_file_gives_back_exactly_what_was_put_in(tmp_path: Path) -> None:
    file = str(tmp_path / "world.db")
    with Simulator(db=file) as simulator:
        drive = simulator.control("drives", {"name": "é\ud800", "count": 1})["uuids"][0]
        simulator.control("servers", {"drives": [drive], "status": "running"})
        url = simulator.url + f"drives/{drive}/action/?do=clone"
        requests.post(url, json={}, auth=AUTH, timeout=10)
        before = everything(simulator)

    with Simulator(db=file) as simulator:
        assert everything(simulator) == before


def everything(simulator: Simulator) -> Any:
    """All objects of a simulator, as its file holds them."""
    tables = simulator._running.world.tables
    return {name: [vars(row) for row in table] for name, table in tables.items()}


def test_a_reset_empties_the_file_too(tmp_path: Path) -> None:
    file = str(tmp_path / "world.db")
    with Simulator(db=file, seed_drives=3) as simulator:
        simulator.control("reset", {})

    with Simulator(db=file) as simulator:
        assert simulator.control("state")["counts"]["drives"] == 0


def test_a_hundred_thousand_drives_are_listed_and_read_quickly() -> None:
    with Simulator(seed_drives=100_000) as simulator, requests.Session() as session:
        session.auth = AUTH

        def get(path: str) -> tuple[float, Any]:
            begun = time.monotonic()
            answer = session.get(simulator.url + path, timeout=60).json()
            return time.monotonic() - begun, answer

        lists = [get("drives/?limit=0&fields=uuid,status") for _ in range(2)]
        drives = lists[0][1]["objects"]
        reads = [get(f"drives/{drive['uuid']}/") for drive in drives[::5000]]

    # the best of several, because other tests run beside this one
    assert len(drives) == 100_000
    assert min(lists, key=lambda timed: timed[0])[0] < 2
    assert min(reads, key=lambda timed: timed[0])[0] < 0.005


def test_seeding_adds_only_what_is_missing(tmp_path: Path) -> None:
    file = str(tmp_path / "world.db")

    counts = []
    for wanted in (3, 2, 5):
        world = Running(Settings(db=file, seed_drives=wanted))
        counts.append(len(world.world.drives))
        world.database and world.database.close()

    assert counts == [3, 3, 5]


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--window-size=1400,760", "--virtual-time-budget=3000"),
)


@pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium to show the page in")
def test_the_page_shows_drives_servers_and_requests_in_a_browser(
    start: Any, tmp_path: Path
) -> None:
    api = start(clock="reads:3")
    uuid = api.seeded(name="<b>web-root</b>", size=20 * 2**30)
    api.mounted(uuid)
    api.post("drives/", {**DRIVE, "name": "quickstart", "storage_type": "nvme"})
    api.post("driveusers/", {"drive": uuid, "amount": 5})
    api.control("faults", {"fault": "503_concurrency", "path": "drives/*"})

    command = [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path}", "--dump-dom"]
    command.append(api.simulator.control_url)
    shown = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout

    text = re.sub(r"<script>.*?</script>|<[^>]*>", " ", shown, flags=re.DOTALL)
    for word in ("web-root", "quickstart", "creating", "20 GiB", "running", "POST", "503_conc"):
        assert word in text, word
    assert "&lt;b&gt;web-root" in text


def test_the_page_needs_nothing_from_elsewhere() -> None:
    page = (ROOT / "simulator" / "data" / "page.html").read_text(encoding="utf-8")

    assert re.findall(r"https?://|src=|<link", page) == []


def test_the_state_behind_the_page_is_json_that_stays_small(start: Any) -> None:
    api = start(seed_drives=500)

    state = api.control("state")

    assert (state["counts"]["drives"], len(state["drives"])) == (500, 40)
    assert len(json.dumps(state)) < 100_000

"""The journal of creates: who may take over what, and who never."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from provider import adoption, journal
from provider.api.settings import Settings
from provider.bridge import Operation

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(data_directory: Path) -> Path:
    place = journal.place()
    assert place is not None
    return place


def test_a_create_that_is_under_way_is_nobody_elses(folder: Path) -> None:
    one = journal.begin("alike", folder)
    other = journal.begin("alike", folder)

    assert one.token != other.token
    assert (one.inherited, other.inherited) == (False, False)
    one.close()
    other.close()


def test_an_abandoned_create_is_taken_over_once(folder: Path) -> None:
    abandoned = journal.begin("alike", folder)
    abandoned.close()

    heir, next_one = journal.begin("alike", folder), journal.begin("alike", folder)

    assert (heir.token, heir.inherited) == (abandoned.token, True)
    assert (next_one.token != abandoned.token, next_one.inherited) == (True, False)
    heir.close()
    next_one.close()


def test_a_create_of_something_else_is_not_taken_over(folder: Path) -> None:
    journal.begin("one", folder).close()

    entry = journal.begin("another", folder)

    assert not entry.inherited
    entry.close()


def test_a_settled_create_leaves_nothing(folder: Path) -> None:
    entry = journal.begin("alike", folder)

    entry.settle()

    assert list(folder.iterdir()) == []


def test_an_answered_create_is_settled_at_the_goodbye(folder: Path) -> None:
    entry = journal.begin("alike", folder)
    entry.settle_once_answered()
    assert len(list(folder.iterdir())) == 1

    journal.settle_answered()

    assert list(folder.iterdir()) == []


def test_an_answered_create_is_not_taken_over_while_its_answer_travels(folder: Path) -> None:
    journal.begin("alike", folder).settle_once_answered()

    entry = journal.begin("alike", folder)

    assert not entry.inherited
    entry.close()
    journal.settle_answered()


def test_what_a_state_has_is_not_taken_over(folder: Path) -> None:
    abandoned = journal.begin("alike", folder)
    abandoned.close()

    journal.forget(abandoned.token, folder)

    entry = journal.begin("alike", folder)
    assert not entry.inherited
    entry.close()


def test_the_create_of_a_killed_process_can_be_taken_over(folder: Path) -> None:
    program = (
        "import os, signal, sys, pathlib\n"
        "from provider import journal\n"
        "print(journal.begin('alike', pathlib.Path(sys.argv[1])).token, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL

    entry = journal.begin("alike", folder)

    assert (entry.token, entry.inherited) == (killed.stdout.strip(), True)
    entry.close()


def test_where_terraform_keeps_no_data_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TF_DATA_DIR", str(tmp_path / "absent"))

    entry = journal.begin("alike", journal.place())

    assert (len(entry.token), entry.inherited) == (32, False)
    entry.settle_once_answered()
    journal.settle_answered()


def test_a_folder_that_cannot_be_written_does_not_stop_a_create(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    entry = journal.begin("alike", tmp_path / "file" / "folder")

    assert not entry.inherited
    entry.close()


def test_others_cannot_read_the_journal(folder: Path) -> None:
    entry = journal.begin("alike", folder)

    (file,) = folder.iterdir()

    assert (folder.stat().st_mode & 0o777, file.stat().st_mode & 0o777) == (0o700, 0o600)
    assert file.read_bytes() == b""
    entry.settle()


@pytest.mark.parametrize(
    "state", ["terraform.tfstate", "terraform.tfstate.d/prod/terraform.tfstate"]
)
def test_what_a_state_file_names_is_not_taken_over(
    folder: Path, state: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / state).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / state).write_text('{"uuid": "5d537d3f"}')
    for uuid in ("5d537d3f", "6e648e40"):
        abandoned = journal.begin(uuid, folder)
        abandoned.note(uuid)
        abandoned.close()

    held, free = journal.begin("5d537d3f", folder), journal.begin("6e648e40", folder)

    assert (held.inherited, free.inherited) == (False, True)
    held.settle()
    free.settle()


def test_an_interrupted_create_outlives_a_hasty_goodbye(folder: Path) -> None:
    journal.begin("alike", folder).settle_once_answered(at_goodbye=False)

    journal.settle_answered()

    assert len(list(folder.iterdir())) == 1


def test_another_backend_is_noticed(data_directory: Path) -> None:
    assert journal.states_are_here()

    (data_directory / "terraform.tfstate").write_text("{}")

    assert not journal.states_are_here()


def test_what_a_dying_process_holds_is_waited_for(folder: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from provider import journal\n"
        "entry = journal.begin('alike', pathlib.Path(sys.argv[1]))\n"
        "print(entry.token, flush=True)\n"
        "sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as dying:
        assert dying.stdout is not None
        token = dying.stdout.readline().strip()

        def pause(_: float) -> None:
            dying.kill()
            dying.wait()

        entry = journal.begin("alike", folder, pause=pause)

    assert (entry.token, entry.inherited) == (token, True)
    entry.settle()


def test_what_another_process_goes_on_to_hold_is_left_to_it(folder: Path) -> None:
    program = (
        "import pathlib, sys\n"
        "from provider import journal\n"
        "entry = journal.begin('alike', pathlib.Path(sys.argv[1]))\n"
        "print(entry.token, flush=True)\n"
        "sys.stdin.read()\n"
    )
    pauses: list[float] = []
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()

        entry = journal.begin("alike", folder, pause=pauses.append)
        other.kill()

    assert not entry.inherited
    assert sum(pauses) == pytest.approx(journal.DIES)
    entry.settle()


def as_account(**credentials: str) -> SimpleNamespace:
    """The context of a create that tells Terraform nothing."""
    settings = Settings(base_url="https://zrh.cloudsigma.com/api/2.0/", **credentials)
    operation = Operation()
    api = SimpleNamespace(settings=settings, operation=operation)
    return SimpleNamespace(api=api, saved=None, operation=operation)


@pytest.mark.parametrize(
    ("other", "taken_over"),
    [
        ({"token": "one"}, True),
        ({"token": "another"}, False),
        ({"username": "a@example.com", "password": "p"}, False),
    ],
)
@pytest.mark.usefixtures("folder")
def test_what_another_account_left_is_not_taken_over(
    other: dict[str, str], taken_over: bool
) -> None:
    with adoption.journaled(as_account(token="one"), "drives"):
        pass

    with adoption.journaled(as_account(**other), "drives") as entry:
        assert entry.inherited is taken_over

"""Which creates have begun and were never answered: an empty file for each, locked by its maker.

The files lie in Terraform's data directory, so they belong to one working directory, as its
states do. The system drops a lock when its process ends in whatever way; a file that nobody
locks is therefore of a create that Terraform has heard nothing of. Only a process that died in
the half second after an answer leaves a file although a state has the object; Terraform refreshes
what its state has before it creates anything, and `forget` then removes the file. What a state
file of the working directory names is never taken over, refreshed or not.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final

try:
    from fcntl import LOCK_EX, LOCK_NB, flock
except ImportError:  # where there are no such locks, nothing can be proven and nothing is kept
    KEEPS = False
else:
    KEEPS = True

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FOLDER: Final = "cloudsigma-creates"
ANSWER_TRAVELS: Final = 0.5  # seconds in which an answer has certainly reached Terraform
DIES: Final = 3.0  # seconds in which a plugin has certainly noticed that its Terraform is gone
TICK: Final = 0.1
PARENT: Final = os.getppid()


class Entry:
    """One create: its token, and whether an earlier process may have begun it.

    `amount` is what the object was asked to measure, which a later create may ask otherwise.
    """

    def __init__(self, name: str, path: Path | None, lock: int | None, *, inherited: bool) -> None:
        head, _, self.token = name.rpartition(".")
        self.amount = int(head.rpartition("-")[2])
        self.inherited = inherited
        self.others: list[Path] = []  # of the same definition, and begun by nobody else
        self._path = path
        self._lock = lock
        if lock is not None:
            _own.add(self.token)

    def settle(self) -> None:
        """Nothing is left to be found: a state has the object, or there is none."""
        if self._path is not None:
            self._path.unlink(missing_ok=True)
        self.close()

    def take_next(self) -> bool:
        """There is no object: whether another create of the definition can be stood in for."""
        while self.others:
            other = _taken(self.others.pop(0))
            if other is not None:
                self.settle()
                self.token, self.amount = other.token, other.amount
                self._path, self._lock = other._path, other._lock
                return True
        return False

    def begin_again(self, amount: int) -> None:
        """There is no object: it is about to be asked for with this amount."""
        if self._path is not None:
            definition = self._path.stem.rpartition("-")[0]
            renamed = self._path.with_name(f"{definition}-{amount}.{self.token}")
            with suppress(OSError):
                self._path = self._path.rename(renamed)

    def note(self, uuid: str) -> None:
        """The object exists by now: this is how a state would name it."""
        if self._lock is not None:
            os.pwrite(self._lock, uuid.encode(), 0)

    def settle_once_answered(self, *, at_goodbye: bool = True) -> None:
        """As soon as the answer, which is about to leave, has reached Terraform.

        That is so when Terraform says goodbye, unless it does so without hearing everybody out.
        """
        if at_goodbye:
            _answered.add(self)
        timer = Timer(ANSWER_TRAVELS, _settle_one, [self])
        timer.daemon = True
        timer.start()

    def close(self) -> None:
        """From here on another create may take over what is not settled."""
        if self._lock is not None:
            os.close(self._lock)
            _own.discard(self.token)
        self._path = self._lock = None


_own: Final[set[str]] = set()
_answered: Final[set[Entry]] = set()
_settling: Final = Lock()


def settle_answered() -> None:
    """Terraform has processed every answer."""
    for entry in list(_answered):
        _settle_one(entry)


def _settle_one(entry: Entry) -> None:
    with _settling:  # the timer and the goodbye may come together
        _answered.discard(entry)
        if os.getppid() == PARENT:
            entry.settle()
        else:
            entry.close()  # killed meanwhile, Terraform may not have stored the answer


def begin(
    definition: str,
    folder: Path | None,
    *,
    amount: int = 0,
    fits: Callable[[int], bool] = lambda _: True,
    pause: Callable[[float], object] = time.sleep,
) -> Entry:
    """The entry of an unanswered create of the same definition, else a fresh one.

    Taken is the entry of the largest amount that `fits`. No two creates ever hold the same. What
    another process holds may be a plugin's whose Terraform was killed; it is given time to end.
    """
    for _ in range(round(DIES / TICK) if folder else 0):
        unanswered = _unanswered(definition, folder, fits)
        left = iter(unanswered)
        entry = next(filter(None, map(_taken, left)), None)
        if entry is not None:
            entry.others = list(left)
            return entry
        if all(path.suffix[1:] in _own or not path.exists() for path in unanswered):
            break
        pause(TICK)
    name = f"{definition}-{amount}.{os.urandom(16).hex()}"
    begun = None if folder is None else folder / name
    lock = None if begun is None else _appears_locked(begun)
    return Entry(name, None if lock is None else begun, lock, inherited=False)


def _unanswered(definition: str, folder: Path | None, fits: Callable[[int], bool]) -> list[Path]:
    """The files of a definition, those of the largest amounts first."""
    paths = sorted(folder.glob(f"{definition}-*.*")) if folder else []
    amounts = {path: int(path.stem.rpartition("-")[2]) for path in paths}
    return sorted((p for p in paths if fits(amounts[p])), key=lambda p: -amounts[p])


def _taken(path: Path) -> Entry | None:
    """The entry of a file that nobody locks, unless a state has the object."""
    lock = _locked(path)
    if lock is None:
        return None
    entry = Entry(path.name, path, lock, inherited=True)
    if not _is_in_a_state(os.pread(lock, 64, 0)):
        return entry
    entry.settle()
    return None


def forget(token: str | None, folder: Path | None) -> None:
    """The object with this token is in a state: nobody may take it over."""
    if token and folder is not None:
        for path in folder.glob(f"*.{token}"):
            path.unlink(missing_ok=True)


def forget_all(definition: str, folder: Path | None) -> None:
    """The only object there can be of this definition is in a state: nobody may take it over."""
    for path in _unanswered(definition, folder, lambda _: True):
        path.unlink(missing_ok=True)


def place(environ: Mapping[str, str] = os.environ) -> Path | None:
    """The folder of the entries; None where Terraform keeps no data, or nothing can be proven."""
    data = Path(environ.get("TF_DATA_DIR") or ".terraform")
    return data / FOLDER if KEEPS and data.is_dir() else None


def states_are_here(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether Terraform keeps its states in files of the working directory."""
    data = Path(environ.get("TF_DATA_DIR") or ".terraform")
    return not (data / "terraform.tfstate").exists()  # where it notes any other backend


def _is_in_a_state(uuid: bytes) -> bool:
    """Whether a state file of the working directory names the object."""
    files = [Path("terraform.tfstate"), *Path("terraform.tfstate.d").glob("*/terraform.tfstate")]
    return bool(uuid) and any(uuid in file.read_bytes() for file in files if file.is_file())


def _locked(path: Path, flags: int = 0) -> int | None:
    """A lock on a file that exists, or None when somebody else has it."""
    try:
        lock = os.open(path, os.O_RDWR | os.O_CLOEXEC | flags, 0o600)
    except OSError:
        return None
    try:
        flock(lock, LOCK_EX | LOCK_NB)
        if os.fstat(lock).st_nlink:
            return lock
    except OSError:
        pass  # its maker is alive, or the file system knows no locks
    os.close(lock)
    return None


def _appears_locked(path: Path) -> int | None:
    """A lock on a file that was locked before it got this name: no other create takes it."""
    with suppress(OSError):
        path.parent.mkdir(mode=0o700, exist_ok=True)
    draft = path.with_name(path.suffix[1:])
    lock = _locked(draft, os.O_CREAT)
    with suppress(OSError):
        if lock is not None:
            draft.rename(path)
        else:
            draft.unlink()
    return lock

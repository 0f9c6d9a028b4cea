"""Every operation of the real Terraform, cut short in every way at each of its changes."""

from __future__ import annotations

import os
import signal
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from tests.faults.matrix import Cell, Trial
from tests.faults.operations import Operation
from tests.faults.site import Service, plugins_of, restore_state

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tests.e2e.attached import Attached
    from tests.e2e.terraform import Project

CHANGING = {"POST", "PUT", "DELETE"}
WORK = {"clock": "seconds:0.6"}  # what the cuts fall into
SHORT = {"create": "2s", "update": "2s", "delete": "2s"}
LONG = 0.2  # seconds of an answer that the cut comes before
PRESSED_AGAIN = 0.1  # seconds after which somebody interrupts a second time


class Moment(NamedTuple):
    """When the cut comes: as a change has been sent, or when the request after it has been."""

    change: int
    after: int

    def has_come(self, made: list[str]) -> bool:
        """Whether it has come, by the methods of the requests so far."""
        changes = [number for number, method in enumerate(made) if method in CHANGING]
        return len(changes) > self.change and len(made) > changes[self.change] + self.after

    def lengthened(self) -> list[dict[str, Any]]:
        """Faults that let the answers take so long that the cut comes before them."""
        methods = ["GET"] if self.after else sorted(CHANGING)
        return [{"fault": "slow", "seconds": LONG, "method": m, "times": None} for m in methods]


def moments(methods: list[str]) -> list[Moment]:
    """All moments of an operation that makes these requests."""
    changes = [number for number, method in enumerate(methods) if method in CHANGING]
    return [
        Moment(change, after)
        for change, number in enumerate(changes)
        for after in (0, 1)
        if number + after < len(methods)
    ]


class Cut(NamedTuple):
    """What is cut short, and by what."""

    service: Service
    running: subprocess.Popen[str]

    def interrupt(self) -> None:
        """One SIGINT to Terraform."""
        self.running.send_signal(signal.SIGINT)

    def interrupt_group(self) -> None:
        """One SIGINT to the process group, as Ctrl-C does."""
        os.killpg(self.running.pid, signal.SIGINT)

    def interrupt_twice(self) -> None:
        """Two SIGINTs to the process group."""
        self.interrupt_group()
        time.sleep(PRESSED_AGAIN)
        self.interrupt_group()

    def terminate(self) -> None:
        """SIGTERM to Terraform."""
        self.running.terminate()

    def kill_plugin(self) -> None:
        """SIGKILL to the plugin."""
        os.kill(plugins_of(self.running)[-1], signal.SIGKILL)

    def kill_terraform(self) -> None:
        """SIGKILL to Terraform."""
        self.running.kill()

    def kill_both(self) -> None:
        """SIGKILL to Terraform and the plugin."""
        os.killpg(self.running.pid, signal.SIGKILL)

    def kill_service(self) -> None:
        """SIGKILL to the simulator, which starts again with what it had stored."""
        self.service.kill()
        self.service.start()


CUTS: tuple[Callable[[Cut], None], ...] = (
    *(Cut.interrupt, Cut.interrupt_group, Cut.interrupt_twice, Cut.terminate),
    *(Cut.kill_plugin, Cut.kill_terraform, Cut.kill_both, Cut.kill_service),
)
# What makes an operation take longer than its `timeouts` block allows.
DELAYS: dict[str, dict[str, Any]] = {
    "The work never ends, and the time runs out": {"fault": "stuck"},
    "The API is busy until the time runs out": {"fault": "503_concurrency"},
}


def words(cut: Callable[[Cut], None]) -> str:
    """A cut as the table names it."""
    return (cut.__doc__ or "").rstrip(".")


def requests(site: Site, operation: Operation) -> list[str]:
    """The methods of the requests that the operation makes when nothing goes wrong."""
    trial = site.begin(operation)
    assert site.finish(trial) == 0
    return [request.method for request in site.service.requests]


class Site(NamedTuple):
    """One account and one directory, with served plugins for what is not cut short."""

    service: Service
    served: Attached
    launched: Project

    def begin(self, operation: Operation) -> Trial:
        """The account and the directory where the operation begins."""
        self.service.control("clock", {"clock": "immediate"})
        trial = Trial(self.service, operation, project=self.served)
        self.service.control("clock", WORK)
        return trial

    def start(self, trial: Trial) -> subprocess.Popen[str]:
        """The operation, with launched plugins."""
        trial.write()
        return self.launched.start("apply", "-auto-approve")

    def finish(self, trial: Trial) -> int:
        """The exit status of the whole operation."""
        return self.launched.finish(self.start(trial)).exit


def cut_short(site: Site, operation: Operation, cut: Callable[[Cut], None], moment: Moment) -> bool:
    """Whether the operation ended well, although it was cut short. An unsound end raises."""
    trial = site.begin(operation)
    site.service.control("faults", moment.lengthened())
    running = site.start(trial)
    while not moment.has_come([request.method for request in site.service.requests]):
        assert running.poll() is None, f"{operation.name} ended before {moment}"
    cut(Cut(site.service, running))
    status = site.launched.finish(running).exit
    restore_state(site.launched)
    trial.heal()
    with _said_of(f"{operation.name}, {cut.__name__}, {moment}"):
        assert trial.run().errors == ()
        trial.is_sound()
    return status == 0


def delayed(site: Site, operation: Operation, rule: dict[str, Any]) -> bool:
    """Whether the operation ended well, although its time ran out. An unsound end raises."""
    short = operation._replace(before=_short(operation.before), after=_short(operation.after))
    trial = site.begin(short)
    rules = [{**rule, "method": method, "times": None} for method in sorted(CHANGING)]
    site.service.control("faults", rules)
    status = site.finish(trial)
    trial.heal()
    with _said_of(f"{operation.name}, {rule}"):
        assert trial.goes_on().errors == ()
        trial.is_sound()
    return status == 0


def _short(arguments: Any) -> Any:
    return None if arguments is None else {**arguments, "timeouts": SHORT}


@contextmanager
def _said_of(case: str) -> Iterator[None]:
    """What fails says in which case it did."""
    try:
        yield
    except AssertionError as error:
        raise AssertionError(f"{case}: {error}") from error


def cell(site: Site, row: str, operation: Operation) -> Cell:
    """The operation, cut short at each of its moments, or out of time."""
    if row in DELAYS:
        ends = [delayed(site, operation, DELAYS[row])]
    else:
        (cut,) = [cut for cut in CUTS if words(cut) == row]
        found = moments(requests(site, operation))
        ends = [cut_short(site, operation, cut, moment) for moment in found]
    return Cell(ends.count(True), ends.count(False))


ROWS = (*map(words, CUTS), *DELAYS)

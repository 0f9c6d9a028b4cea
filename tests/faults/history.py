"""One random history of a configuration, its account, and what goes wrong between them."""

from __future__ import annotations

import json
import os
import signal
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from provider.adoption import TOKEN_KEY
from simulator.faults import TRANSIENT
from tests.e2e.attached import Attached
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project
from tests.faults.configuration import resource
from tests.faults.operations import GIB, SOURCE
from tests.faults.site import plugins_of, restore_state

if TYPE_CHECKING:
    import random
    import subprocess

    from simulator import Simulator

FAULTS = (*TRANSIENT, "401", "403", "500", "eventual", "unknown_status", "unavailable", "stuck")
READY = {"mounted", "unmounted"}
STEPS = 3
PATIENCE = 4  # applies in which a step must have come to its end
PRESSED_AGAIN = (0.0, 0.3)  # seconds after which somebody interrupts a second time
COMPARED = ("name", "size", "storage_type")
LIMITS = {"create": "3s", "update": "3s", "delete": "3s"}
MEETINGS = ("none", "fault", "fault", "fault", "stop", "two stops", "end", "kill", "kill both")


class History:
    """A configuration that changes step by step, and the account it is applied to."""

    def __init__(
        self, dice: random.Random, project: Served | Launched, simulator: Simulator
    ) -> None:
        self.dice, self.project, self.simulator = dice, project, simulator
        self.drives: dict[str, dict[str, Any]] = {}
        self.counts: Counter[str] = Counter()
        self.expendable: set[str] = set()  # drives that the configuration gave up
        simulator.control("reset", {})
        simulator.control("clock", {"clock": "seconds:0.1~0.1"})
        simulator.control("drives", {"uuid": SOURCE, "name": "golden", "size": GIB})
        for path in project.directory.glob("terraform.tfstate*"):
            path.unlink()

    def run(self) -> Counter[str]:
        """What was counted in some steps and a last look for drift."""
        self.counts["runs"] += 1
        for _ in range(STEPS):
            for change in self.dice.sample(CHANGES, 2):
                change(self)
            self._apply_until_done()
        self.counts["wrong states"] += not self.project.plan_is_empty()
        return self.counts

    # What the practitioner, and others, change

    def add(self) -> None:
        """One drive or two alike, new or cloned."""
        arguments: dict[str, Any] = {"name": f"drive {len(self.drives)}", "size": GIB}
        if self.dice.random() < 0.4:
            arguments["clone_drive_id"] = SOURCE
        elif self.dice.random() < 0.5:
            arguments["meta"] = {"purpose": "soak"}
        arguments["count"] = self.dice.choice([1, 1, 2])
        self.drives[f"d{self.dice.getrandbits(32):08x}"] = arguments

    def rename(self) -> None:
        """Another name and other meta."""
        if label := self._some():
            self.drives[label] |= {"name": f"name {self.dice.random():.6f}", "meta": {"k": "v"}}

    def grow(self) -> None:
        """A larger size."""
        if label := self._some():
            self.drives[label]["size"] += GIB

    def replace(self) -> None:
        """Another storage."""
        if label := self._some():
            self._give_up(label)
            present = self.drives[label].get("storage_type")
            self.drives[label]["storage_type"] = "dssd" if present == "zadara" else "zadara"

    def remove(self) -> None:
        """A drive less."""
        if label := self._some():
            self._give_up(label)
            del self.drives[label]

    def mount(self) -> None:
        """Somebody mounts a drive on a server."""
        if uuid := self._one():
            status = self.dice.choice(["running", "stopped"])
            self.simulator.control("servers", {"drives": [uuid], "status": status})

    def edit_outside(self) -> None:
        """Somebody renames a drive."""
        if uuid := self._one():
            self.simulator.control(f"drives/{uuid}", {"name": "theirs"})

    def delete_outside(self) -> None:
        """Somebody deletes a drive."""
        if uuid := self._one():
            self.expendable.add(uuid)
            self.simulator.control(f"drives/{uuid}", {"status": "gone"})

    def _some(self) -> str | None:
        return self.dice.choice(sorted(self.drives)) if self.drives else None

    def _one(self) -> str | None:
        account = self._account()
        managed = {i["address"]: i["uuid"] for i in self._instances() if i["uuid"] in account}
        return managed[self.dice.choice(sorted(managed))] if managed else None

    def _give_up(self, label: str) -> None:
        mine = [instance for instance in self._instances() if instance["label"] == label]
        self.expendable |= {instance["uuid"] for instance in mine}

    # What Terraform makes of it

    def _apply_until_done(self) -> None:
        self.project.write("".join(map(self._written, self.drives)))
        done = self._disturbed_apply()
        for _ in range(PATIENCE):
            self._heal()
            if done:
                break
            self._untaint()
            done = self.project.run("apply", "-auto-approve").exit == 0
        self.counts["wrong states"] += not done
        self._examine()

    def _written(self, label: str) -> str:
        arguments = {"media": "disk", **self.drives[label], "timeouts": LIMITS}
        return resource("cloudsigma_drive", label, arguments)

    def _disturbed_apply(self) -> bool:
        """Whether an apply, which most of the time a fault or a signal meets, ended well."""
        kind = self.dice.choice(MEETINGS)
        if kind == "fault":
            self._break()
        running = self.project.start("apply", "-auto-approve")
        if kind not in {"none", "fault"}:
            self._cut(running, kind)
        run = self.project.finish(running)
        if kind == "two stops":
            self.project.outlive(running)
        if kind in {"two stops", "kill both"}:
            self.counts["torn states"] += restore_state(self.project)
        return run.exit == 0

    def _break(self) -> None:
        rules = [
            {"fault": self.dice.choice(FAULTS), "skip": self.dice.randrange(10)}
            for _ in range(self.dice.choice([1, 2, 4]))
        ]
        self.simulator.control("faults", rules)

    def _cut(self, running: subprocess.Popen[str], kind: str) -> None:
        """A signal once the account has seen some more requests, unless all is over before."""
        wanted = len(self.simulator.requests) + self.dice.randrange(1, 12)
        while len(self.simulator.requests) < wanted:
            if running.poll() is not None:
                return
            time.sleep(0.002)
        self.counts["interrupts"] += 1
        match kind:
            case "stop":
                self.project.signal(running, signal.SIGINT)
            case "two stops":
                self.project.signal(running, signal.SIGINT)
                time.sleep(self.dice.uniform(*PRESSED_AGAIN))
                self.project.signal(running, signal.SIGINT)
            case "end":
                running.terminate()
            case "kill":
                self.project.kill_plugin(running)
            case "kill both":
                self.project.kill_both(running)

    def _heal(self) -> None:
        """Nothing goes wrong any more, and support frees what was stuck."""
        rules = self.simulator.control("faults")
        self.counts["faults"] += sum(rule["applied"] for rule in rules)
        self.simulator.control("faults", method="DELETE")
        if any(rule["fault"] == "stuck" and rule["applied"] for rule in rules):
            for uuid, drive in self._account().items():
                if drive["status"] not in READY:
                    gone = drive["status"] == "deleting"
                    status = {"status": "gone" if gone else "unmounted"}
                    self.simulator.control(f"drives/{uuid}", status)
        for server in self.simulator.control("state")["servers"]:
            if server["status"] == "running":
                Cloud(self.simulator).stop(server["uuid"])

    def _untaint(self) -> None:
        """What the messages advise after a create that failed."""
        for instance in self._instances():
            if instance["tainted"]:
                self.project.run("untaint", instance["address"])

    # What came of it

    def _examine(self) -> None:
        instances, account = self._instances(), self._account()
        uuids = [instance["uuid"] for instance in instances]
        tokens = [
            drive["meta"][TOKEN_KEY] for drive in account.values() if TOKEN_KEY in drive["meta"]
        ]
        deleted = {r.path.split("/")[4] for r in self.simulator.requests if r.method == "DELETE"}
        self.counts["orphans"] += len(account.keys() - set(uuids))
        self.counts["duplicates"] += len(uuids) - len(set(uuids)) + len(tokens) - len(set(tokens))
        self.counts["needless destroys"] += len(deleted - self.expendable)
        wanted = sum(arguments["count"] for arguments in self.drives.values())
        self.counts["wrong states"] += len(instances) != wanted
        self.counts["wrong states"] += sum(
            any(instance[name] != account.get(instance["uuid"], {}).get(name) for name in COMPARED)
            for instance in instances
        )

    def _instances(self) -> list[dict[str, Any]]:
        """The drives in the state, each with its label, its address, and whether it is tainted."""
        path = self.project.directory / "terraform.tfstate"
        state = json.loads(path.read_text()) if path.exists() else {"resources": []}
        return [
            instance["attributes"]
            | {
                "label": resource["name"],
                "address": f"cloudsigma_drive.{resource['name']}[{instance['index_key']}]",
                "tainted": instance.get("status") == "tainted",
            }
            for resource in state["resources"]
            for instance in resource["instances"]
        ]

    def _account(self) -> dict[str, dict[str, Any]]:
        drives = self.simulator.control("state")["drives"]
        return {drive["uuid"]: drive for drive in drives if drive["uuid"] != SOURCE}


CHANGES = (
    *(History.add, History.add, History.rename, History.grow, History.replace, History.remove),
    *(History.mount, History.edit_outside, History.delete_outside),
)


class Served(Attached):
    """A project whose plugin is served, and can be killed; the next command gets another one."""

    def signal(self, running: subprocess.Popen[str], number: int) -> None:
        """Send Terraform a signal."""
        running.send_signal(number)

    def kill_plugin(self, running: subprocess.Popen[str]) -> None:
        """End the plugin as a crash would."""
        if self._plugin is not None:
            self._plugin.kill()
            self._plugin.communicate()
            self._plugin = self._served_with = None

    def kill_both(self, running: subprocess.Popen[str]) -> None:
        """End Terraform and the plugin as a power failure would."""
        running.kill()
        self.kill_plugin(running)

    def outlive(self, running: subprocess.Popen[str]) -> None:
        """Terraform gave up; a launched plugin would end with it."""
        self.kill_plugin(running)


class Launched(Project):
    """A project whose plugins Terraform launches, in its process group, as for practitioners."""

    def signal(self, running: subprocess.Popen[str], number: int) -> None:
        """Send the whole process group a signal, as Ctrl-C does."""
        os.killpg(running.pid, number)

    def kill_plugin(self, running: subprocess.Popen[str]) -> None:
        """End the plugin as a crash would."""
        for pid in plugins_of(running)[-1:]:
            os.kill(pid, signal.SIGKILL)

    def kill_both(self, running: subprocess.Popen[str]) -> None:
        """End Terraform and the plugin as a power failure would."""
        os.killpg(running.pid, signal.SIGKILL)

    def outlive(self, running: subprocess.Popen[str]) -> None:
        """The plugin notices by itself that its Terraform has ended."""

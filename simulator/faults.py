"""Faults as data: which requests are to go wrong, how, and how often.

A rule is a JSON object:

    {"method": "POST", "path": "drives/", "fault": "reset_after", "times": 1, "skip": 0}

`method` and `path` may be left out and then match everything. `path` is what follows the
API's prefix, as a glob or, when it begins with `^`, as a regular expression; it may include
the query. The first `skip` matches pass, the following `times` go wrong (null: all of them).
What each fault does is in `breakage`.
"""

from __future__ import annotations

import fnmatch
import random
import re
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from simulator import fates

# kind: what it does, with the parameters it reads and their defaults
KINDS = {
    "refuse": "the request is answered; then connections are refused for `seconds` (1)",
    "reset_before": "the connection is reset, nothing is done",
    "reset_after": "the work is done, then the connection is reset",
    "slow": "the answer comes after `seconds` (1)",
    "stall": "half of the body comes, then nothing for `seconds` (60)",
    "truncate": "the body ends in the middle",
    "html": "an HTML error page with `status` (502)",
    "empty": "an answer with `status` (that of the work) and no body",
    "wrong_type": "the body is called text/plain",
    "401": "credentials are refused",
    "402": "the account is short of money",
    "403": "permission is refused",
    "409": "a conflict",
    "429": "too many requests; `retry_after` (null) seconds are named if given",
    "500": "a server fault",
    "502": "bad gateway, as an HTML page",
    "503_concurrency": "a conflicting operation; `retry_after` as for 429",
    "503_capacity": "no capacity for a storage type; `retry_after` as for 429",
    "504": "gateway timeout, as an HTML page",
    "unknown_status": "every object in the answer has the status `status` (quiescing)",
    "stuck": "work on the objects of the answer never ends",
    "unavailable": "the drive is unavailable for `reads` (1) reads and `seconds` (0)",
    "vanish": "somebody deletes the drive before the request is served",
    "edit": "somebody changes the drive's fields to `changes` before the request is served",
    "eventual": "new objects answer 404 to their first `reads` (1) reads",
    "skew": "the Date of the answer is `seconds` (3600) off",
    "random": "with a chance of `rate` (0.1) one of `kinds`, drawn from the seed `seed` (0)",
}
# the faults that a client is expected to survive without help
TRANSIENT = (
    *("reset_before", "reset_after", "truncate", "html", "empty"),
    *("429", "502", "503_concurrency", "503_capacity", "504"),
)


@dataclass
class Rule:
    """Requests that go wrong; a fault that is an answer does the work only with `work`."""

    fault: str
    method: str = "*"
    path: str = "*"
    times: int | None = 1
    skip: int = 0
    work: bool = False
    seconds: float | None = None
    status: int | str | None = None
    retry_after: int | None = None
    reads: int = 1
    changes: dict[str, Any] = field(default_factory=dict)
    rate: float = 0.1
    seed: int = 0
    kinds: list[str] = field(default_factory=lambda: list(TRANSIENT))
    matched: int = 0
    applied: int = 0

    def __post_init__(self) -> None:
        unknown = {self.fault, *self.kinds} - KINDS.keys()
        if unknown:
            raise ValueError(f"no fault {sorted(unknown)}; there are {sorted(KINDS)}")
        if unknown := self.changes.keys() - fates.OVERWRITABLE:
            raise ValueError(f"no such fields of a drive to change: {sorted(unknown)}")
        self.dice = random.Random(self.seed)

    def matches(self, method: str, path: str) -> bool:
        """Whether the rule speaks about this request."""
        if self.method not in {"*", method}:
            return False
        return any(self._fits(address) for address in (path, path.partition("?")[0]))

    def _fits(self, address: str) -> bool:
        if self.path.startswith("^"):
            return re.search(self.path, address) is not None
        return fnmatch.fnmatchcase(address, self.path)

    def drawn(self) -> str | None:
        """The fault of the next matching request; None lets it pass."""
        self.matched += 1
        if self.matched <= self.skip or self.applied == self.times:
            return None
        if self.fault != "random":
            self.applied += 1
            return self.fault
        if self.dice.random() >= self.rate:
            return None
        self.applied += 1
        return self.dice.choice(self.kinds)


class Faults:
    """The rules in force; the first one that has a fault for a request decides."""

    def __init__(self) -> None:
        self.rules: list[Rule] = []
        self.hidden: dict[str, int] = {}

    def add(self, rules: list[dict[str, Any]]) -> None:
        """Put more rules in force; one that is misspelled raises ValueError."""
        names = {f.name for f in fields(Rule)}
        for rule in rules:
            if unknown := rule.keys() - names:
                raise ValueError(f"a fault rule has no {sorted(unknown)}")
        self.rules += [Rule(**rule) for rule in rules]

    def clear(self) -> None:
        """Let everything go right."""
        self.rules.clear()
        self.hidden.clear()

    def shown(self) -> list[dict[str, Any]]:
        """The rules with their counts."""
        return [asdict(rule) for rule in self.rules]

    def drawn(self, method: str, path: str) -> tuple[Rule, str] | None:
        """The rule and fault for a request."""
        for rule in self.rules:
            if rule.matches(method, path) and (fault := rule.drawn()):
                return rule, fault
        return None

    def hides(self, method: str, path: str) -> bool:
        """Whether a created object is still invisible to this read."""
        segments = path.partition("?")[0].rstrip("/").split("/")
        for key in ("/".join(segments[-2:]), segments[-1]):
            if method == "GET" and self.hidden.get(key):
                self.hidden[key] -= 1
                return True
        return False

"""Everything a simulator is started with."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

# documented: the rate limits of each verb, said to be subject to change
RATE_LIMITS = {"POST": 10_000, "PUT": 10_000, "GET": 10_000, "DELETE": 1_000}

# documented: newer answers have these keys
NEWER_KEYS = ("backup_scheduler", "iops", "remote_snapshots", "is_downloadable", "is_ephemeral")
# documented: older answers lack the sharing keys
SHARING_KEYS = ("grantees", "permissions")


@dataclass
class Switches:
    """Behavior on which the sources disagree; every position occurs in some of them."""

    strict_put: bool = False
    windows_check: bool = False
    extra_keys: list[str] = field(default_factory=list)
    missing_keys: list[str] = field(default_factory=list)
    server_meta: bool = False
    page_size: int = 20

    def change(self, changes: dict[str, Any]) -> None:
        """Set the named switches; a name or value that does not exist raises ValueError."""
        kinds = {f.name: type(getattr(self, f.name)) for f in fields(self)}
        for name, value in changes.items():
            if kinds.get(name) is not type(value):
                raise ValueError(f"no switch {name}={value!r}; there are {sorted(kinds)}")
        for name, value in changes.items():
            setattr(self, name, value)


@dataclass
class Settings:
    """The account, the place and the pace of one simulator."""

    user: str = "demo@example.com"
    password: str = "demo-password"  # noqa: S105 - public, for demonstrations
    token: str = "demo-token"  # noqa: S105 - public, for demonstrations
    clock: str = "reads:1"
    latency_ms: int = 0
    location: str = "zrh"
    db: str | None = None
    seed_drives: int = 0
    random_seed: int = 0
    rate_limits: dict[str, int] = field(default_factory=lambda: dict(RATE_LIMITS))
    switches: Switches = field(default_factory=Switches)
    faults: list[dict[str, Any]] = field(default_factory=list)

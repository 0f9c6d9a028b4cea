"""Sizes, storage types and storage hosts: what a location offers and where drives live.

API: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from simulator.errors import OutOfCapacity, Problem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.records import Drive

# documented: 1207959631 is stored as 1207975936, so sizes grow to a multiple of 16 KiB
SIZE_STEP = 16 * 1024

# assumed: every storage type has three hosts
HOSTS = 3

MIB, GIB = 1024**2, 1024**3

# documented: sizes and iops of the capabilities sample; zadara prints its minimum as a float
TYPES: dict[str, dict[str, Any]] = {
    "dssd": {"min": 512 * MIB, "max": 15492389427364, "iops": (1, 30000, 60000)},
    "nvme": {"min": 512 * MIB, "max": 12074020121525, "iops": (1, 30000, 60000)},
    "zadara": {"min": float(GIB), "max": 14180205493621, "iops": (1, 4000, 8000)},
}
# documented: local_nvme exists; no simulated location offers it
ELSEWHERE = frozenset({"local_nvme"})

# assumed: it is Clark that lacks nvme
WITHOUT_NVME = frozenset({"crk"})


def place(location: str) -> dict[str, dict[str, Any]]:
    """The storage types a location offers."""
    return {n: t for n, t in TYPES.items() if n != "nvme" or location not in WITHOUT_NVME}


def rounded(size: int, storage_type: str) -> int:
    """The size the API stores for the one asked."""
    # assumed: create, edit, resize and clone round alike, and never beyond the maximum
    up = -(-size // SIZE_STEP) * SIZE_STEP
    return up if up <= TYPES[storage_type]["max"] else size // SIZE_STEP * SIZE_STEP


def unknown_type(storage_type: str) -> Problem | None:
    """The problem of a storage type that exists nowhere."""
    if storage_type in TYPES or storage_type in ELSEWHERE:
        return None
    return Problem(f"'{storage_type}' is not a valid storage type", "storage_type")


def out_of_bounds(size: int, storage_type: str) -> Problem | None:
    """The problem of a size its storage type does not allow."""
    # assumed: the asked size is compared, not the rounded one
    limits = TYPES.get(storage_type)
    if limits is None:
        return None
    if size < limits["min"]:
        text = f"Ensure this value is greater than or equal to {int(limits['min'])}."
        return Problem(text, "size")
    if size > limits["max"]:
        return Problem(f"Ensure this value is less than or equal to {limits['max']}.", "size")
    return None


def require_offer(offered: dict[str, dict[str, Any]], storage_type: str) -> None:
    """Refuse a storage type the location does not have."""
    if storage_type not in offered:
        # documented: the text for a storage type without capacity
        raise OutOfCapacity(
            f"We currently cannot provide enough resources to create a {storage_type} drive"
        )


def capabilities(offered: dict[str, dict[str, Any]], snapshots: int) -> dict[str, Any]:
    """The part of `/capabilities/` that concerns drives."""
    return {
        "default_storage_type": "dssd",
        "drives": {
            name: {
                "iops": dict(zip(("min", "base", "max"), limits["iops"], strict=True)),
                "max_size": limits["max"],
                "min_size": limits["min"],
                "size": {"max": limits["max"], "min": limits["min"]},
            }
            for name, limits in offered.items()
        },
        "snapshots": {"current": snapshots, "max": 700, "max_per_drive": 90},
    }


def host_for(drives: Iterable[Drive], storage_type: str, avoid: list[list[Drive]]) -> int:
    """The storage host for another drive of this type.

    Hosts are avoided from left to right as far as one host remains; among the remaining ones
    the emptiest is taken.
    """
    # documented: avoid is best effort, and its left part wins
    hosts = set(range(HOSTS))
    for group in avoid:
        left = hosts - {drive.host for drive in group if drive.storage_type == storage_type}
        hosts = left or hosts
    # assumed: drives spread evenly over hosts
    load = dict.fromkeys(hosts, 0)
    for drive in drives:
        if drive.storage_type == storage_type and drive.host in load:
            load[drive.host] += 1
    return min(hosts, key=lambda host: (load[host], host))


def groups(drives: Iterable[Drive]) -> list[list[str]]:
    """The uuids of drives that share a storage host."""
    shared: dict[tuple[str, int], list[str]] = defaultdict(list)
    for drive in drives:
        shared[drive.storage_type, drive.host].append(drive.uuid)
    return list(shared.values())

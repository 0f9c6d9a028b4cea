"""Which sizes and IOPS a plan refuses: what the location, and the source of a clone, allow."""

from __future__ import annotations

from typing import Any

import pytest

from provider.bridge import UNKNOWN
from provider.bridge.testing import Harness, Refused
from provider.resources.drive import DriveResource
from simulator import storage
from tests.e2e.cloud import GIB, Cloud

MIB = 1024**2
MOST = 15492389427364  # what dssd has at most; no multiple of what the API rounds to
USABLE = MOST // 16384 * 16384
TOO_MUCH = 13_000_000_000_000  # more than nvme has, and less than dssd


def refusal(harness: Harness, **arguments: Any) -> str:
    """What the plan of a new drive is refused with, if it is."""
    try:
        harness.resource(DriveResource).plan(**{"name": "data", "media": "disk"} | arguments)
    except Refused as refused:
        return str(refused)
    return ""


@pytest.fixture
def zadara_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    real = storage.capabilities
    other = {"default_storage_type": "zadara"}
    monkeypatch.setattr(storage, "capabilities", lambda *of: real(*of) | other)


@pytest.mark.parametrize("size", [300 * MIB, 10**400])
def test_a_size_is_held_against_what_the_location_says(harness: Harness, size: int) -> None:
    assert "Drive size is outside the limits" in refusal(harness, size=size)


def test_a_size_that_nobody_can_have_is_not_spelled_out(harness: Harness) -> None:
    assert "the plan asks for 1.000e+400 bytes" in refusal(harness, size=10**400)


@pytest.mark.parametrize(("size", "refused"), [(USABLE, False), (USABLE + 1, True), (MOST, True)])
def test_a_size_that_the_api_would_round_down_is_refused(
    harness: Harness, size: int, refused: bool
) -> None:
    words = refusal(harness, size=size)

    assert (f"to {USABLE} bytes" in words) is refused


@pytest.mark.parametrize("size", [None, 300 * MIB])
def test_a_clone_may_be_as_small_as_its_source(
    harness: Harness, cloud: Cloud, size: int | None
) -> None:
    source = cloud.make_drive(name="netinst", media="cdrom", size=300 * MIB)
    clone = harness.resource(DriveResource)

    made = clone.apply(name="data", media="cdrom", clone_drive_id=source, size=size)

    assert made.size == 300 * MIB


def test_a_clone_that_is_larger_than_a_small_source_has_the_limits_of_all(
    harness: Harness, cloud: Cloud
) -> None:
    source = cloud.make_drive(name="netinst", size=300 * MIB)

    words = refusal(harness, clone_drive_id=source, size=301 * MIB)

    assert "Drive size is outside the limits" in words


@pytest.mark.usefixtures("zadara_is_the_default")
def test_a_clone_has_the_limits_of_its_sources_storage_type(harness: Harness, cloud: Cloud) -> None:
    source = cloud.make_drive(name="golden", size=600 * MIB, storage_type="dssd")

    assert refusal(harness, clone_drive_id=source, size=700 * MIB) == ""
    assert "A drive on zadara" in refusal(harness, size=700 * MIB)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"size": TOO_MUCH}, "A drive on nvme has"),
        ({"size": TOO_MUCH, "storage_type": "dssd"}, ""),
        ({"size": TOO_MUCH, "storage_type": UNKNOWN}, ""),
        ({"iops": 70000}, "nvme offers 1 to 60000"),
        ({"iops": 9000, "storage_type": "zadara"}, "zadara offers 1 to 8000"),
        ({"iops": 60000}, ""),
    ],
)
def test_what_a_clone_is_asked_to_be_is_held_against_its_own_storage_type(
    harness: Harness, cloud: Cloud, arguments: dict[str, Any], words: str
) -> None:
    source = cloud.make_drive(name="golden", size=GIB, storage_type="nvme")

    told = refusal(harness, clone_drive_id=source, **arguments)

    assert words in told
    assert bool(words) == bool(told)

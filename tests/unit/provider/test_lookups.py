"""How data sources choose: what they ask the API for, what they compare, what they pick."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from provider.bridge import UNKNOWN, DiagnosticError
from provider.bridge.values import UnknownUsedError
from provider.data_sources import drives
from provider.data_sources.drive import DriveData, DriveLookup, Filter, passes
from provider.data_sources.drives import Drives
from provider.data_sources.library_drive import recency
from provider.facts import DriveFacts, facts, notes
from provider.selection import exactly_one

MANY = frozenset(str(UUID(int=number)) for number in range(drives.MOST_IN_ADDRESS + 1))


def record(**fields: Any) -> dict[str, Any]:
    return {"uuid": "u", "name": "web", "status": "unmounted"} | fields


def test_of_several_the_first_ten_are_shown() -> None:
    found = [record(uuid=f"u{number}") for number in range(12)]

    with pytest.raises(DiagnosticError) as refusal:
        exactly_one("drive", {"name": "web"}, found, lambda drive: drive["status"])

    assert refusal.value.summary == "Several drives found"
    assert '12 drives fit name "web"' in refusal.value.detail
    assert "u9: unmounted\n  and 2 more" in refusal.value.detail


def test_few_uuids_are_a_filter_of_the_api_and_many_are_compared_here() -> None:
    few = frozenset(sorted(MANY)[:2])

    assert drives.asked(Drives(uuids=few)) == {"uuid": sorted(few)}
    assert drives.asked(Drives(uuids=MANY)) == {}
    assert drives.asked(Drives(uuids=frozenset())) == {}


def test_only_the_columns_that_are_needed_travel() -> None:
    assert drives.columns(Drives(status="mounted")) is None
    assert drives.columns(Drives(fields=frozenset({"size"}), mounted=False)) == [
        "mounted_on",
        "name",
        "size",
        "uuid",
    ]


def test_what_did_not_travel_is_null() -> None:
    shown = facts(DriveFacts, {"uuid": "u", "name": "web"})

    assert (shown.id, shown.name, shown.tags, shown.jobs, shown.size) == ("u", "web", *[None] * 3)


def test_the_token_of_a_creation_is_no_note() -> None:
    assert notes({"meta": {"terraform-token": "x", "team": "all"}}) == {"team": "all"}
    assert notes({}) is None


@pytest.mark.parametrize(
    ("name", "values", "fits"),
    [
        ("name", ["web", "x"], True),
        ("name", ["x"], False),
        ("name", None, False),
        ("size", ["1024"], True),
        ("allow_multimount", ["false"], True),
        ("tags", ["red"], True),
        ("owner", [""], True),
    ],
)
def test_the_old_filter_compares_spelled_values(
    name: str, values: list[str] | None, fits: bool
) -> None:
    drive = record(size=1024, allow_multimount=False, tags=[{"uuid": "red"}], owner=None)

    assert passes(drive, Filter(name=name, values=values)) is fits


def test_the_old_filter_names_an_attribute() -> None:
    for name in ("color", None):
        with pytest.raises(DiagnosticError):
            passes(record(), Filter(name=name, values=["x"]))


def test_a_search_for_what_is_not_known_yet_is_not_refused() -> None:
    with pytest.raises(UnknownUsedError):
        DriveData().validate(DriveLookup(uuid=UNKNOWN))
    with pytest.raises(DiagnosticError):
        DriveData().validate(DriveLookup())


def test_the_newest_image_is_of_the_latest_date_or_else_the_highest_version() -> None:
    old, new = record(version="9.10"), record(version="9.9")
    dated = record(version="1", created_at="2026-01-01T00:00:00+00:00")

    assert max([new, old, dated], key=recency) is dated
    assert max([new, old, record()], key=recency) is old

"""Values that Terraform lets through and nobody can mean."""

from __future__ import annotations

from typing import Any

import pytest

from provider.bridge.testing import Harness, Refused
from provider.resources.drive import DriveResource
from provider.resources.rds_drive import RdsDriveResource
from provider.resources.tag import TagResource
from simulator import views
from tests.e2e.cloud import GIB, Cloud

DRIVE: dict[str, Any] = {"name": "data", "media": "disk", "size": GIB}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tags", [None]),
        ("avoid", [None]),
        ("affinities", ["ssd", None]),
        ("meta", {"a": None}),
    ],
)
def test_null_in_a_drives_collections_is_an_error_on_the_attribute(
    harness: Harness, name: str, value: Any
) -> None:
    with pytest.raises(Refused, match=f"`{name}` must not hold null") as refused:
        harness.resource(DriveResource).plan(**DRIVE, **{name: value})

    (error,) = refused.value.diagnostics
    assert [step.attribute_name for step in error.attribute.steps] == [name]


def test_null_in_a_tags_notes_is_an_error(harness: Harness) -> None:
    with pytest.raises(Refused, match="`meta` must not hold null"):
        harness.resource(TagResource).plan(name="red", meta={"a": None})


def test_a_state_without_tags_is_planned_without_a_refresh(harness: Harness) -> None:
    drive = harness.resource(DriveResource)
    drive.apply(**DRIVE)
    assert drive.tree is not None
    drive.tree |= {"tags": None, "tags_all": None}

    plan = drive.plan(**DRIVE | {"name": "other"})

    assert plan.replacements == []


@pytest.mark.parametrize("kind", [DriveResource, TagResource, RdsDriveResource])
def test_an_object_is_imported_by_a_uuid_in_any_case(
    harness: Harness, cloud: Cloud, kind: Any
) -> None:
    uuid = cloud.tag("red") if kind is TagResource else cloud.make_drive(name="data", size=GIB)
    if kind is RdsDriveResource:
        cloud.call("POST", "driveusers/", {"drive": uuid, "amount": 3})
    imported = harness.resource(kind)

    state = imported.import_state(uuid.upper())

    assert state.id == uuid


def test_a_record_of_which_an_answer_lacks_everything_is_as_it_was(
    harness: Harness, cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    uuid = cloud.make_drive(name="windows", size=GIB)
    record = harness.resource(RdsDriveResource)
    made = record.apply(drive=uuid, amount=3)
    monkeypatch.setattr(views, "_RDS_RECORD", {})

    assert record.refresh() == made

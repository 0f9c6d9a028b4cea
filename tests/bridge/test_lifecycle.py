"""The life of a resource instance, every answer held against Terraform's rules."""

from __future__ import annotations

import json
import time
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest

from provider.bridge import UNKNOWN
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.testing import BrokenRule, Harness, Managed, Refused
from provider.bridge.values import wholly_known

if TYPE_CHECKING:
    from pathlib import Path

    from tests.toy.note import Note
    from tests.toy.shape import Shape
    from tests.toy.trouble import Trouble

FULL_SHAPE: dict[str, Any] = {
    "ratio": "0.1",
    "speed": 2.5,
    "anything": {"a": [1, "x", None]},
    "matrix": [[1, 2], []],
    "words": {"é": "e\u0301"},
    "pair": ["one", 1],
    "center": {"name": "middle", "hidden": "treasure"},
    "points": [{"name": "a", "x": 3}, {"name": "bb"}],
    "spots": [{"name": "ccc"}, {"name": "d"}],
    "named": {"first": {"name": "e"}},
    "head": {"name": "top", "mark": [{"text": "m"}]},
    "corner": [{"name": "left"}, {"name": "right", "mark": [{"text": "x"}, {"text": "y"}]}],
    "hole": [{"text": "h"}],
    "side": {"north": {"name": "n"}},
}


def errors(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [d.summary for d in refusal.value.diagnostics if d.severity == pb.Diagnostic.ERROR]


def test_a_resource_lives_from_create_to_delete(note: Managed[Note], tmp_path: Path) -> None:
    made = note.apply(title="first", lines=[{"text": "a"}])
    changed = note.apply(title="second", lines=[{"text": "a"}, {"text": "b", "style": "bold"}])
    note.destroy()

    assert (made.revision, changed.revision, changed.id) == (1, 2, made.id)
    assert [(line.number, line.style) for line in changed.lines or ()] == [
        (0, "plain"),
        (1, "bold"),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_shape_of_every_type_and_nesting_lives(shape: Managed[Shape]) -> None:
    made = shape.apply(**FULL_SHAPE)
    grown = shape.apply(
        **{**FULL_SHAPE, "points": [{"name": "a"}, {"name": "cc"}, {"name": "ddd"}]}
    )
    shape.destroy()

    assert made.words == {"é": "é"}
    assert [point.distance for point in grown.points or ()] == [1, 2, 3]
    assert {spot.distance for spot in grown.spots or ()} == {1, 3}
    assert grown.corner[1].size == 2


def test_an_empty_shape_lives(shape: Managed[Shape]) -> None:
    made = shape.apply()

    assert (made.corner, made.hole, made.side, made.head) == ([], frozenset(), {}, None)


def test_unknown_values_of_every_nesting_are_planned(shape: Managed[Shape]) -> None:
    plan = shape.plan(
        ratio=UNKNOWN,
        anything=UNKNOWN,
        center=UNKNOWN,
        points=[UNKNOWN, {"name": UNKNOWN}],
        spots=[{"name": UNKNOWN}, {"name": UNKNOWN}],
        named={"a": {"name": UNKNOWN}},
        corner=UNKNOWN,
        hole=[{"text": UNKNOWN}],
        side={"north": {"name": UNKNOWN}},
    )

    assert plan.state is not None
    assert plan.state["corner"] is UNKNOWN
    assert len(plan.state["spots"]) == 2
    assert plan.state["points"][1]["x"] == 0


def test_a_configured_set_element_keeps_what_was_computed_for_it(shape: Managed[Shape]) -> None:
    shape.apply(spots=[{"name": "a"}, {"name": "bb"}])

    changed = shape.apply(spots=[{"name": "bb"}, {"name": "ccc"}])

    assert {spot.name: spot.distance for spot in changed.spots or ()} == {"bb": 2, "ccc": 3}


def test_an_unknown_element_joins_a_set(shape: Managed[Shape]) -> None:
    shape.apply(spots=[{"name": "a"}])

    plan = shape.plan(spots=[{"name": "a"}, UNKNOWN])

    assert plan.state is not None
    assert len(plan.state["spots"]) == 2


def test_a_change_inside_a_nested_attribute_can_need_another_object(shape: Managed[Shape]) -> None:
    shape.apply(points=[{"name": "a", "color": "red"}])

    plan = shape.plan(points=[{"name": "a", "color": "blue"}])

    assert plan.replacements == ["points"]


def test_a_chosen_nested_attribute_may_be_unset(shape: Managed[Shape]) -> None:
    assert shape.apply().extent is None
    assert shape.apply(extent={"name": "wide"}).extent is not None


def test_another_spelling_of_the_same_value_changes_nothing(note: Managed[Note]) -> None:
    note.apply(title="Hello  World")

    plan = note.plan(title="hello world")

    assert plan.state == note.tree
    assert note.state is not None
    assert note.state.title == "Hello  World"


def test_reading_keeps_the_practitioners_spelling(note: Managed[Note]) -> None:
    note.apply(title="Hello  World")

    read = note.refresh()

    assert read is not None
    assert read.title == "Hello  World"


def test_a_deleted_object_is_gone_when_read(note: Managed[Note], tmp_path: Path) -> None:
    made = note.apply(title="a")
    (tmp_path / f"{made.id}.json").unlink()

    assert note.refresh() is None


def test_what_was_configured_and_is_not_any_more_is_taken_back(note: Managed[Note]) -> None:
    note.apply(title="a", labels=["x"])

    assert note.apply(title="a").labels == frozenset()


def test_what_was_never_configured_stays_as_it_is(note: Managed[Note], tmp_path: Path) -> None:
    made = note.apply(title="a")
    file = tmp_path / f"{made.id}.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"labels": ["theirs"]}))
    note.refresh()

    assert note.apply(title="b").labels == {"theirs"}


@pytest.mark.parametrize(
    ("before", "after", "replaced"),
    [
        ({"kind": "a"}, {"kind": "b"}, ["kind"]),
        ({"kind": "a"}, {}, []),
        ({"shelf": "a"}, {"shelf": "b"}, ["shelf"]),
        ({"shelf": "a"}, {}, []),
        ({"rank": 2}, {"rank": 1}, ["rank"]),
        ({"rank": 2}, {"rank": 3}, []),
        ({"rank": 2}, {"rank": UNKNOWN}, ["rank"]),
        ({"copied_from": "a"}, {"copied_from": "b"}, []),
    ],
)
def test_only_some_changes_need_another_object(
    note: Managed[Note], before: dict[str, Any], after: dict[str, Any], replaced: list[str]
) -> None:
    note.apply(title="a", **before)

    assert note.plan(title="a", **after).replacements == replaced


def test_a_replaced_object_is_another_one(note: Managed[Note]) -> None:
    first = note.apply(title="a", kind="x")

    assert note.apply(title="a", kind="y").id != first.id


def test_what_counts_at_creation_only_keeps_its_value(note: Managed[Note]) -> None:
    note.apply(title="a", copied_from="x")

    assert note.apply(title="b", copied_from="y").copied_from == "x"


def test_a_write_only_value_reaches_the_object_and_no_state(
    note: Managed[Note], tmp_path: Path
) -> None:
    made = note.apply(title="a", secret="hush", secret_version=1)

    assert json.loads((tmp_path / f"{made.id}.json").read_text())["secret"] == "hush"
    assert made.secret is None


def test_private_data_lasts_from_operation_to_operation(note: Managed[Note]) -> None:
    note.apply(title="a")
    note.apply(title="b")

    assert json.loads(note.private)["own"] == {"writes": 2}


def test_checks_of_a_plan_refuse_and_warn(note: Managed[Note]) -> None:
    note.apply(title="a", lines=[{"text": "a"}])

    with pytest.raises(Refused) as refusal:
        note.plan(title="a")

    assert errors(refusal) == ["Note cannot shrink"]
    assert note.plan(title="LOUD", lines=[{"text": "a"}]).warnings == ["Loud title"]


def test_a_check_that_meets_an_unknown_value_is_put_off(note: Managed[Note]) -> None:
    note.apply(title="a", lines=[{"text": "a"}])

    assert note.plan(title="a", lines=UNKNOWN).warnings == []


def test_destruction_and_replacement_are_announced(note: Managed[Note]) -> None:
    note.apply(title="a", color="red", kind="x")

    assert note.plan(title="a", color="red", kind="y").warnings == ["Red note"]


def test_the_identity_is_that_of_the_state(note: Managed[Note]) -> None:
    made = note.apply(title="a")

    assert made.id.encode() in note.identity.identity_data.msgpack


def test_an_object_is_imported_by_its_id(harness: Harness, note: Managed[Note]) -> None:
    made = note.apply(title="a")
    other = Managed(harness, type(harness.host.parts["resources"]["toy_note"]))

    found = other.import_state(made.id)

    assert found == made


@pytest.mark.parametrize(
    ("mode", "summary"),
    [
        ("bug", "Unexpected error in the provider"),
        ("unspeakable", "Unexpected error in the provider"),
        ("exit", "Unexpected error in the provider"),
        ("explained", "Note vanished"),
        ("promise", "Provider broke a rule of Terraform in apply"),
        ("unknown", "Provider broke a rule of Terraform in apply"),
        ("type", "Value of the wrong type"),
        ("surrogate", "Value of the wrong type"),
        ("nothing", "Unexpected error in the provider"),
    ],
)
def test_a_failure_after_creation_keeps_the_object(
    trouble: Managed[Trouble], tmp_path: Path, mode: str, summary: str
) -> None:
    with pytest.raises(Refused) as refusal:
        trouble.apply(mode=mode, size=1)

    assert errors(refusal) == [summary]
    assert trouble.tainted
    assert trouble.state is not None
    assert (tmp_path / f"{trouble.state.id}.json").exists()


def test_several_failures_are_all_told(trouble: Managed[Trouble]) -> None:
    with pytest.raises(Refused) as refusal:
        trouble.apply(mode="several")

    assert errors(refusal) == ["One", "Two"]


def test_a_failure_before_creation_leaves_no_state(trouble: Managed[Trouble]) -> None:
    with pytest.raises(Refused):
        trouble.apply(mode="unsaved")

    assert trouble.state is None


@pytest.mark.parametrize("mode", ["bug", "type", "promise", "unknown"])
def test_a_failed_update_keeps_an_object_in_the_state(trouble: Managed[Trouble], mode: str) -> None:
    made = trouble.apply(mode="fine", size=1)

    with pytest.raises(Refused):
        trouble.apply(mode=mode, size=2)

    assert trouble.state is not None
    assert trouble.state.id == made.id
    assert not trouble.tainted


def test_a_failed_deletion_keeps_the_object(trouble: Managed[Trouble]) -> None:
    trouble.apply(mode="undeletable")

    with pytest.raises(Refused) as refusal:
        trouble.destroy()

    assert errors(refusal) == ["Trouble stays"]
    assert trouble.state is not None


def test_a_failed_read_keeps_the_state(trouble: Managed[Trouble]) -> None:
    trouble.apply(mode="read")

    with pytest.raises(Refused) as refusal:
        trouble.refresh()

    assert errors(refusal) == ["Unexpected error in the provider"]
    assert trouble.state is not None


def test_a_write_only_value_the_resource_returns_is_not_stored(trouble: Managed[Trouble]) -> None:
    assert trouble.apply(mode="secret", secret="x").secret is None


def test_an_operation_ends_when_its_time_is_over(trouble: Managed[Trouble]) -> None:
    with pytest.raises(Refused) as refusal:
        trouble.apply(mode="wait", timeouts={"create": "10ms"})

    assert errors(refusal) == ["Operation timed out"]
    assert trouble.state is not None
    assert wholly_known(trouble.tree)


def stopped_once(harness: Harness, reached: Any) -> Thread:
    """Terraform's wish to stop, as soon as something has come true."""

    def wish() -> None:
        while not reached():
            time.sleep(0.005)
        time.sleep(0.02)
        harness.ask("StopProvider")

    thread = Thread(target=wish)
    thread.start()
    return thread


def test_an_interrupted_creation_is_finished_by_the_next_apply(
    harness: Harness, trouble: Managed[Trouble], tmp_path: Path
) -> None:
    stop = stopped_once(harness, lambda: list(tmp_path.glob("*.json")))

    with pytest.raises(BrokenRule, match="empty"):
        trouble.apply(mode="wait")
    stop.join()
    (tmp_path / "go").touch()

    assert not trouble.tainted
    assert trouble.plan(mode="wait").state != trouble.tree
    assert trouble.apply(mode="wait").result == "changed"


def test_an_interrupted_update_says_so_and_keeps_the_state(
    harness: Harness, trouble: Managed[Trouble], tmp_path: Path
) -> None:
    made = trouble.apply(mode="fine")
    stop = stopped_once(harness, lambda: True)

    with pytest.raises(Refused) as refusal:
        trouble.apply(mode="wait")
    stop.join()

    assert errors(refusal) == ["Operation stopped"]
    assert trouble.state == made


def test_a_value_that_follows_from_another_is_planned_with_it(trouble: Managed[Trouble]) -> None:
    assert trouble.apply(mode="follow", size=1).result == "size 1"

    plan = trouble.plan(mode="follow", size=2)

    assert plan.state is not None
    assert plan.state["result"] == "size 2"


def test_a_state_that_is_read_holds_no_unknown_values(trouble: Managed[Trouble]) -> None:
    trouble.apply(mode="riddle")

    with pytest.raises(Refused) as refusal:
        trouble.refresh()

    assert errors(refusal) == ["Provider broke a rule of Terraform in read"]


def test_private_data_that_is_no_json_loses_no_state(trouble: Managed[Trouble]) -> None:
    assert trouble.apply(mode="private").result == "made"


def test_private_data_of_another_provider_is_passed_over(note: Managed[Note]) -> None:
    made = note.apply(title="a")

    for private in (b"\x00", b"[]"):
        note.private = private
        assert note.refresh() == made

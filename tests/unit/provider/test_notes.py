"""Notes on drives and tags: what is configured is managed, and all others are kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from provider.adoption import TOKEN_KEY
from provider.bridge.testing import Harness, Managed, Refused
from provider.resources.drive import DriveResource
from provider.resources.tag import TagResource
from simulator import tags, views
from tests.e2e.cloud import GIB, Cloud

DRIVE = {"name": "data", "media": "disk", "size": GIB}
OTHERS = {"ui": "note", "b": "2"}


class Kind:
    """A kind of object that has notes, and how somebody else makes and changes one."""

    def __init__(self, kind: Any, arguments: dict[str, Any], path: str) -> None:
        self.kind, self.arguments, self.path = kind, arguments, path

    def make(self, cloud: Cloud, meta: dict[str, str]) -> str:
        body = {"objects": [{**self.arguments, "meta": meta}]}
        return str(cloud.call("POST", f"{self.path}/", body)["objects"][0]["uuid"])

    def edit(self, cloud: Cloud, uuid: str, meta: dict[str, str]) -> None:
        cloud.call("PUT", f"{self.path}/{uuid}/", {**self.arguments, "meta": meta})

    def notes(self, cloud: Cloud, uuid: str) -> dict[str, str]:
        meta: dict[str, str] = cloud.call("GET", f"{self.path}/{uuid}/")["meta"]
        return {key: note for key, note in meta.items() if note and key != TOKEN_KEY}


KINDS = [Kind(DriveResource, DRIVE, "drives"), Kind(TagResource, {"name": "red"}, "tags")]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.path)
def kind(request: pytest.FixtureRequest) -> Kind:
    found: Kind = request.param
    return found


@pytest.fixture
def managed(harness: Harness, kind: Kind) -> Managed[Any]:
    return harness.resource(kind.kind)


@pytest.fixture
def imported(managed: Managed[Any], kind: Kind, cloud: Cloud) -> Managed[Any]:
    """An object with notes of others, imported."""
    managed.import_state(kind.make(cloud, OTHERS))
    return managed


def test_a_first_configuration_of_imported_notes_keeps_the_others(
    imported: Managed[Any], kind: Kind, cloud: Cloud
) -> None:
    assert imported.state.meta == OTHERS

    made = imported.apply(**kind.arguments, meta={"a": "1", "b": "3"})

    assert made.meta == {"a": "1", "b": "3"}
    assert kind.notes(cloud, made.uuid) == {"a": "1", "b": "3", "ui": "note"}


def test_after_that_the_configured_keys_are_managed(
    imported: Managed[Any], kind: Kind, cloud: Cloud
) -> None:
    made = imported.apply(**kind.arguments, meta={"a": "1", "b": "3"})
    imported.refresh()
    imported.apply(**kind.arguments, meta={"a": "1"})
    assert kind.notes(cloud, made.uuid) == {"a": "1", "ui": "note"}

    imported.apply(**kind.arguments)

    assert kind.notes(cloud, made.uuid) == {"ui": "note"}


def test_a_first_configuration_that_failed_keeps_the_others_the_next_time(
    imported: Managed[Any], kind: Kind, cloud: Cloud
) -> None:
    cloud.faults({"fault": "403", "method": "PUT"})
    with pytest.raises(Refused):
        imported.apply(**kind.arguments, meta={"a": "1"})
    imported.refresh()

    made = imported.apply(**kind.arguments, meta={"a": "1"})

    assert kind.notes(cloud, made.uuid) == {"a": "1", **OTHERS}


@pytest.mark.parametrize("meta", [None, {"a": "1"}])
def test_notes_made_since_the_plan_outlive_a_rename(
    managed: Managed[Any], kind: Kind, cloud: Cloud, meta: dict[str, str] | None
) -> None:
    made = managed.apply(**kind.arguments, meta=meta)
    kind.edit(cloud, made.uuid, {**(meta or {}), **OTHERS})

    renamed = managed.apply(**kind.arguments | {"name": "other"}, meta=meta)

    assert kind.notes(cloud, made.uuid) == {**(meta or {}), **OTHERS}
    assert renamed.name == "other"


def test_notes_the_api_adds_to_a_tag_are_no_difference(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Callable[..., Any] = tags._create_one

    def described(world: Any, definition: dict[str, Any]) -> Any:
        tag = real(world, definition)
        tag.meta = tag.meta | {"description": ""}
        return world.tags.put(tag)

    monkeypatch.setattr(tags, "_create_one", described)
    tag = harness.resource(TagResource)

    made = tag.apply(name="red", meta={"a": "1"})

    assert made.meta == {"a": "1"}
    assert tag.refresh() == made


@pytest.mark.parametrize("key", [TOKEN_KEY, "k" * 33, ""])
def test_keys_that_no_note_may_have_are_refused(
    managed: Managed[Any], kind: Kind, key: str
) -> None:
    with pytest.raises(Refused, match="must have keys each of which"):
        managed.plan(**kind.arguments, meta={key: "x"})


def test_a_tag_of_which_an_answer_lacks_everything_is_as_it_was(
    harness: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = harness.resource(TagResource)
    made = tag.apply(name="red", meta={"a": "1"})
    monkeypatch.setattr(views, "_TAG", {"uuid": views._TAG["uuid"]})

    assert tag.refresh() == made

"""Own values and the provider block's: what a plan shows, and what of a drive is its own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from provider import defaults
from provider.bridge import UNKNOWN, Model, computed, optional


class Tagged(Model):
    tags: frozenset[str] | None = optional("Own.", computed=True)
    meta: dict[str, str] | None = optional("Own.", computed=True)
    tags_all: frozenset[str] | None = computed("All.")
    meta_all: dict[str, str] | None = computed("All.")


RED, BLUE = frozenset({"red"}), frozenset({"blue"})
PARTLY = ("red", UNKNOWN)


def context(default: Any, configured: Any) -> SimpleNamespace:
    config = SimpleNamespace(tags=configured, meta=None)
    return SimpleNamespace(settings=SimpleNamespace(default_tags=default), config=config)


@pytest.mark.parametrize(
    ("own", "configured", "default", "everything"),
    [
        (RED, RED, BLUE, RED | BLUE),
        (RED, RED, None, RED),
        (frozenset(), frozenset(), BLUE, BLUE),
        (RED, None, BLUE, RED | BLUE),  # kept as somebody else has made it
        (UNKNOWN, None, BLUE, BLUE),  # a drive to create
        (UNKNOWN, None, None, UNKNOWN),
        (UNKNOWN, UNKNOWN, BLUE, UNKNOWN),
        (PARTLY, PARTLY, BLUE, UNKNOWN),
        (RED, RED, UNKNOWN, UNKNOWN),
        (RED, RED, PARTLY, UNKNOWN),
        (UNKNOWN, None, UNKNOWN, UNKNOWN),
    ],
)
def test_a_plan_shows_what_the_drive_will_have(
    own: Any, configured: Any, default: Any, everything: Any
) -> None:
    plan = Tagged(tags=own, meta={})

    merged = defaults.merged(context(default, configured), plan)

    assert merged.tags_all == everything
    assert merged.tags is own


def test_without_a_provider_block_all_is_own() -> None:
    ctx = SimpleNamespace(settings=None, config=SimpleNamespace(tags=RED, meta=None))

    assert defaults.merged(ctx, Tagged(tags=RED, meta={"a": "b"})).tags_all == RED


@pytest.mark.parametrize(
    ("own", "everything", "present", "left"),
    [
        (RED, RED | BLUE, RED | BLUE, RED),
        (RED, RED, RED | BLUE, RED | BLUE),  # somebody else has added one
        (frozenset(), BLUE, RED, RED),
        (UNKNOWN, BLUE, BLUE, frozenset()),
        (UNKNOWN, UNKNOWN, BLUE, BLUE),
        (None, BLUE, RED | BLUE, RED),  # imported
    ],
)
def test_tags_that_are_not_from_the_defaults_alone_are_own(
    own: Any, everything: Any, present: frozenset[str], left: frozenset[str]
) -> None:
    assert defaults.own_tags(present, Tagged(tags=own, tags_all=everything)) == left


def test_only_managed_notes_are_shown() -> None:
    told = Tagged(meta={"own": "1"}, meta_all={"own": "1", "all": "2"})
    present = {"own": "x", "all": "y", "theirs": "z"}

    assert defaults.own_meta(present, told) == {"own": "x"}
    assert defaults.all_meta(present, told) == {"own": "x", "all": "y"}
    assert defaults.all_meta(present, Tagged(meta=UNKNOWN, meta_all=UNKNOWN)) == {}

"""Terraform's rules for plans and states, each broken once."""

from __future__ import annotations

from typing import Any

import pytest

from provider.bridge import UNKNOWN, Model, block, computed, optional, required
from provider.bridge.diagnostics import spelled
from provider.bridge.rules import apply_violations, plan_violations
from provider.bridge.schema import object_type
from provider.bridge.testing import (
    BrokenRule,
    Harness,
    Managed,
    demand,
    faults,
    refines,
)
from provider.bridge.trees import storable
from provider.bridge.types import DYNAMIC, conform
from provider.bridge.values import Dynamic
from tests.toy.provider import Toy
from tests.toy.trouble import Trouble


class Inner(Model):
    name: str | None = optional("Its name.")
    size: int | None = computed("Its size.")


class Thing(Model):
    name: str = required("Its name.")
    plain: str | None = optional("Whatever.")
    chosen: str | None = optional("Whatever.", computed=True)
    secret: str | None = optional("Not stored.", write_only=True)
    parts: list[Inner] | None = optional("Its parts.")
    named: dict[str, Inner] | None = optional("By name.")
    bag: frozenset[Inner] | None = optional("In any order.")
    words: frozenset[str] | None = optional("Words.")
    anything: Any = optional("Whatever.")
    row: list[Inner] = block("In a row.")


def thing(**values: Any) -> dict[str, Any]:
    tree = conform(object_type(Thing), {"name": "n", **values})
    return storable(Thing, tree, write_only=True)


@pytest.mark.parametrize(
    ("config", "prior", "planned", "places"),
    [
        ({"plain": "a"}, {}, {"plain": "b"}, ["plain"]),
        ({"plain": "a"}, {"plain": "b"}, {"plain": "b"}, []),
        ({}, {}, {"plain": "b"}, ["plain"]),
        ({}, {}, {"chosen": "b"}, []),
        ({"chosen": UNKNOWN}, {}, {"chosen": "b"}, ["chosen"]),
        ({"secret": "x"}, {}, {"secret": "x"}, ["secret"]),
        ({"secret": "x"}, {}, {}, []),
        ({"parts": [{}]}, {}, {"parts": []}, ["parts"]),
        ({"parts": [{}]}, {}, {}, ["parts"]),
        ({"parts": [{}]}, {}, {"parts": UNKNOWN}, ["parts"]),
        ({"parts": [{"name": "a"}]}, {}, {"parts": [{"name": "b"}]}, ["parts[0].name"]),
        ({"parts": [{"name": "a"}]}, {}, {"parts": [{"name": "a", "size": 1}]}, []),
        ({"named": {"k": {}}}, {}, {"named": {"k": {"name": "b"}}}, ['named["k"].name']),
        ({"bag": [{"name": "a"}]}, {}, {"bag": [{"name": "a", "size": UNKNOWN}]}, []),
        ({"bag": [{"name": "a"}]}, {}, {"bag": []}, ["bag"]),
        (
            {"row": [{"name": "a"}]},
            {"row": [{"name": "b"}]},
            {"row": [{"name": "c"}]},
            ["row[0].name"],
        ),
    ],
)
def test_a_plan_is_configured_or_prior_or_free(
    config: dict[str, Any], prior: dict[str, Any], planned: dict[str, Any], places: list[str]
) -> None:
    found = plan_violations(Thing, thing(**config), thing(**prior), thing(**planned))

    assert [spelled(path) for path, _ in found] == places


@pytest.mark.parametrize(
    ("planned", "state", "places"),
    [
        ({"plain": "a"}, {"plain": "a"}, []),
        ({"plain": "a"}, {"plain": "b"}, ["plain"]),
        ({"plain": UNKNOWN}, {"plain": "b"}, []),
        ({"plain": UNKNOWN}, {"plain": UNKNOWN}, ["plain"]),
        ({}, {"secret": "x"}, ["secret"]),
        ({"parts": [{"size": UNKNOWN}]}, {"parts": [{"size": 1}]}, []),
        ({"parts": [{"name": "a"}]}, {"parts": [{"name": "b"}]}, ["parts"]),
        ({"parts": [{"name": "a"}]}, {"parts": [{"name": "a"}, {}]}, ["parts"]),
        ({"named": {"k": {}}}, {"named": {}}, ["named"]),
        ({"anything": [UNKNOWN, 1]}, {"anything": [2, 1]}, []),
        ({"anything": [UNKNOWN, 1]}, {"anything": [2, 3]}, ["anything"]),
        ({"words": ["a", UNKNOWN]}, {"words": ["a", "b"]}, []),
        ({"words": ["a", UNKNOWN]}, {"words": ["a"]}, []),
        ({"words": ["a", UNKNOWN]}, {"words": ["b", "c"]}, ["words"]),
        ({"words": ["a", UNKNOWN]}, {"words": ["a", "b", "c"]}, ["words"]),
        (
            {"bag": [{"name": "b", "size": UNKNOWN}, {"name": "a", "size": 9}]},
            {"bag": [{"name": "a", "size": 9}, {"name": "b", "size": 1}]},
            [],
        ),
    ],
)
def test_a_state_keeps_what_was_planned(
    planned: dict[str, Any], state: dict[str, Any], places: list[str]
) -> None:
    found = apply_violations(Thing, thing(**planned), thing(**state))

    assert [spelled(path) for path, _ in found] == places


@pytest.mark.parametrize(
    ("early", "late", "held"),
    [
        ({"a": UNKNOWN}, {"a": 1}, True),
        ({"a": 1}, {"a": 2}, False),
        ({"a": 1}, {}, False),
        ([1, 2], [1, 2], True),
        ([1, UNKNOWN], [2, 1], True),
        ([1, UNKNOWN], [2, 3], False),
        (Dynamic(DYNAMIC, [UNKNOWN, 1]), Dynamic(DYNAMIC, [2, 1]), True),
        (Dynamic(DYNAMIC, [UNKNOWN, 1]), Dynamic(DYNAMIC, [2, 2]), False),
        (None, 1, False),
    ],
)
def test_the_harness_knows_what_refines_a_plan(early: Any, late: Any, held: bool) -> None:
    assert refines(early, late) is held


def test_the_harness_knows_a_faulty_plan() -> None:
    config, planned = thing(plain="a"), thing(plain="b", secret="x")

    assert faults(Thing, config, None, planned) == ["plain", "secret"]


def test_a_broken_rule_fails_a_test() -> None:
    with pytest.raises(BrokenRule, match="a rule"):
        demand(False, "a rule")


def test_the_harness_notices_a_plan_that_never_becomes_empty(tmp_path: Any) -> None:
    class Restless(Managed[Trouble]):
        """Terraform, if it lost a value after each apply."""

        def _keep(self, state: Any, private: bytes, identity: Any) -> None:
            super()._keep(state, private, identity)
            if self.tree is not None:
                self.tree["size"] = 7

    from tests.toy.trouble import TroubleResource

    trouble = Restless(Harness(Toy(), folder=str(tmp_path)), TroubleResource)

    with pytest.raises(BrokenRule, match="the state is the planned one"):
        trouble.apply(mode="fine", size=1)

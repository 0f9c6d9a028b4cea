"""What an author declares on an attribute, through the real RPCs."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from provider.bridge import UNKNOWN, DiagnosticError, Model, optional
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.testing import Managed, Refused
from tests.bridge.plugin import ROOT
from tests.toy.form import Form, FormResource

if TYPE_CHECKING:
    from pathlib import Path

    from provider.bridge.testing import Harness

FINE: dict[str, Any] = {"paper": "A4"}
UUID = "5d537d3f-22ea-4967-9ec0-32e837a8b390"


@pytest.fixture
def form(harness: Harness) -> Managed[Form]:
    return harness.resource(FormResource)


@pytest.mark.parametrize(
    ("good", "bad", "place"),
    [
        ({"owner": UUID}, {"owner": "me"}, ["owner"]),
        ({"code": "ABC"}, {"code": "ABCD"}, ["code"]),
        ({"pages": 9}, {"pages": 10}, ["pages"]),
        ({"copies": 1}, {"copies": 0}, ["copies"]),
        ({"words": ["ab"]}, {"words": ["ab", "c"]}, ["words"]),
        ({"notes": {"abcd": ""}}, {"notes": {"abcde": ""}}, ["notes"]),
        ({}, {"screen": "x"}, ["paper"]),
        ({"paper": None, "screen": "x", "phone": "1"}, {"paper": None, "phone": "1"}, ["paper"]),
        ({"line": [{}, {}]}, {"line": [{}, {}, {}]}, ["line"]),
    ],
)
def test_each_kind_of_rule_is_tried_on_what_is_known(
    form: Managed[Form], good: dict[str, Any], bad: dict[str, Any], place: list[str]
) -> None:
    form.plan(**FINE | good)
    form.plan(**FINE | dict.fromkeys(bad, UNKNOWN))
    with pytest.raises(Refused) as refusal:
        form.plan(**FINE | bad)

    steps = [[s.attribute_name for s in d.attribute.steps] for d in refusal.value.diagnostics]
    assert steps == [place]


def test_one_of_several_has_to_be_set(form: Managed[Form]) -> None:
    with pytest.raises(Refused) as refusal:
        form.plan(screen="x")

    assert "at least one of" in str(refusal.value)


NESTED: dict[str, Any] = {
    "first": {"label": "A"},
    "fields": [{"label": "B"}, {"label": "C", "kind": "date"}],
    "extra": [{"label": "DD"}, {"label": "EEE"}],
    "named": {"f": {"label": "F"}},
    "head": {"label": "G", "part": [{"label": "H"}]},
    "line": [{"label": "I", "part": [{}]}],
    "mark": [{"label": "J"}, {"label": "K"}],
    "side": {"l": {"label": "L"}},
}


def test_defaults_reach_every_nesting(form: Managed[Form]) -> None:
    made = form.apply(**FINE | NESTED)

    assert made.first is not None
    assert made.first.kind == "text"
    assert [field.kind for field in made.fields or ()] == ["text", "date"]
    assert {field.kind for field in made.extra or ()} == {"text"}
    assert (made.named or {})["f"].kind == "text"
    assert made.head is not None
    assert (made.head.kind, (made.head.part or [])[0].kind) == ("text", "text")
    assert (made.line[0].kind, (made.line[0].part or [])[0].kind) == ("text", "text")
    assert {line.kind for line in made.mark} == {"text"}
    assert made.side["l"].kind == "text"


def test_another_spelling_inside_changes_nothing(form: Managed[Form]) -> None:
    form.apply(**FINE | NESTED)

    plan = form.plan(
        **FINE
        | NESTED
        | {
            "first": {"label": "a"},
            "fields": [{"label": "b"}, {"label": "c", "kind": "date"}],
            "named": {"f": {"label": "f"}},
            "head": {"label": "g", "part": [{"label": "h"}]},
            "line": [{"label": "i", "part": [{}]}],
            "side": {"l": {"label": "l"}},
        }
    )

    assert plan.state == form.tree


def test_what_is_stable_inside_keeps_its_value(form: Managed[Form]) -> None:
    made = form.apply(**FINE | {"fields": [{"label": "A"}], "named": {"b": {"label": "BB"}}})

    plan = form.plan(
        **FINE | {"fields": [{"label": "ZZZ"}, {}], "named": {"b": {"label": "Z"}, "c": {}}}
    )

    assert plan.state is not None
    assert made.fields is not None
    assert [f["number"] for f in plan.state["fields"]] == [1, UNKNOWN]
    assert {k: f["number"] for k, f in plan.state["named"].items()} == {"b": 2, "c": UNKNOWN}


def test_a_function_decides_what_is_planned(form: Managed[Form]) -> None:
    created = form.plan(**FINE)
    form.apply(**FINE)
    changed = form.plan(paper="A5")

    assert created.state is not None
    assert changed.state is not None
    assert (created.state["seal"], changed.state["seal"]) == (UNKNOWN, 7)


def test_what_is_deprecated_says_so(harness: Harness) -> None:
    schema = harness.ask("GetProviderSchema").resource_schemas["toy_form"]

    blocks = {b.type_name: b for b in schema.block.block_types}
    assert schema.block.deprecation_message == "Forms are not used any more."
    assert blocks["line"].block.deprecation_message == "Use fields."
    assert blocks["line"].block.description_kind == pb.MARKDOWN
    assert not blocks["mark"].block.deprecated


def test_a_plan_made_again_sees_what_the_first_one_kept(harness: Harness) -> None:
    form = harness.resource(FormResource)
    value = {"type_name": form.type_name, "prior_state": pb.DynamicValue(msgpack=b"\xc0")}
    from provider.bridge.testing import encoded

    config = encoded(Form, FINE)
    first = harness.ask("PlanResourceChange", **value, config=config, proposed_new_state=config)
    again = harness.ask(
        "PlanResourceChange",
        **value,
        config=config,
        proposed_new_state=config,
        planned_private=first.planned_private,
        client_capabilities={"store_planned_private": True},
    )

    assert not first.diagnostics
    assert [(d.summary, d.detail) for d in again.diagnostics] == [("Planned before", "1")]
    assert again.planned_private == first.planned_private


def test_an_option_that_does_not_exist_is_refused() -> None:
    with pytest.raises(TypeError, match="no option"):
        optional("A word.", needed=True)


def test_a_function_that_plans_another_type_is_a_fault() -> None:
    from provider.bridge.plan import planned_state

    class Odd(Model):
        size: int | None = optional("Its size.", computed=True, modify=lambda _: "large")

    with pytest.raises(DiagnosticError, match="well-formed number"):
        planned_state(Odd, {"size": None}, None, {"size": None})


TYPED = """
from provider.bridge import Model, computed, optional, replaced, required

class Thing(Model):
    name: str = required("Its name.")
    size: int | None = optional("Its size.")
    id: str = computed("Its id.")

thing = Thing(name="a", size=1, id="x")
reveal_type(thing.name)
reveal_type(replaced(thing, size=2).size)
thing.size + 1
thing.color
Thing(size="large")
Thing(colour="red")
thing.name = "b"
"""


def test_a_model_is_typed(tmp_path: Path) -> None:
    (tmp_path / "typed.py").write_text(TYPED)
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--config-file="]

    said = subprocess.run(
        [*command, f"--cache-dir={tmp_path / 'cache'}", str(tmp_path / "typed.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout

    found = {int(line.split(":")[1]) for line in said.splitlines()}
    assert found == {10, 11, 12, 13, 14, 15, 16}
    assert 'Revealed type is "str"' in said.replace("builtins.", "")

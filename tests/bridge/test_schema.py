"""Class bodies as schemas, typed values and rules for values."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from provider.bridge import (
    UNKNOWN,
    Model,
    Operation,
    Stopped,
    at_least,
    at_least_one_of,
    between,
    block,
    computed,
    conflicts_with,
    each,
    each_key,
    exactly_one_of,
    from_json,
    is_uuid,
    length,
    matches,
    one_of,
    optional,
    replaced,
    required,
    required_with,
)
from provider.bridge.attribute import Attribute
from provider.bridge.schema import attributes, from_tree, meaning, object_type
from provider.bridge.trees import to_tree
from provider.bridge.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Collection,
    ConformError,
    Object,
    Tuple,
)


class Inner(Model):
    word: str | None = optional("A word.")
    number: int | None = computed("A number.")


class Outer(Model):
    name: str = required("Its name.", sensitive=True)
    one: Inner | None = optional("One.")
    many: list[Inner] | None = optional("Many.")
    named: dict[str, Inner] | None = optional("By name.")
    piece: list[Inner] = block("Pieces.")
    size: int | None = optional("Its size.", computed=True)
    weight: Decimal | None = optional("Its weight.")
    flags: frozenset[str] | None = optional("Flags.")


class Derived(Outer):
    extra: str | None = optional("More.")


@pytest.mark.parametrize(
    ("hint", "type_"),
    [
        (str, STRING),
        (bool, BOOL),
        (int, NUMBER),
        (float, NUMBER),
        (Any, DYNAMIC),
        (str | None, STRING),
        (list[str], Collection("list", STRING)),
        (frozenset[int], Collection("set", NUMBER)),
        (dict[str, bool], Collection("map", BOOL)),
        (tuple[str, int], Tuple((STRING, NUMBER))),
        (Inner, Object({"word": STRING, "number": NUMBER})),
    ],
)
def test_an_annotation_stands_for_a_type(hint: Any, type_: Any) -> None:
    assert meaning(hint).type == type_


@pytest.mark.parametrize("hint", [object, set[str], str | int])
def test_an_annotation_that_stands_for_no_type_is_refused(hint: Any) -> None:
    with pytest.raises(TypeError, match="stands for no Terraform type"):
        meaning(hint)


def test_a_derived_model_has_the_attributes_of_its_base_in_their_nesting() -> None:
    object_type(Outer)

    assert [a.nesting for a in attributes(Derived).values()] == [
        None,
        "single",
        "list",
        "map",
        "list",
        None,
        None,
        None,
        None,
    ]


def test_a_default_of_another_type_is_refused() -> None:
    class Wrong(Model):
        size: int = optional("Its size.", default="large")

    Wrong.__annotations__["size"] = int
    with pytest.raises(ConformError):
        object_type(Wrong)


def test_a_plain_attribute_has_no_nested_model() -> None:
    attribute: Attribute = attributes(Outer)["name"]

    with pytest.raises(TypeError, match="has no nested objects"):
        _ = attribute.inner


def test_a_value_does_not_change() -> None:
    value = Inner(word="a")

    with pytest.raises(AttributeError, match="does not change"):
        value.word = "b"  # type: ignore[misc]  # what is tried here
    assert replaced(value, word="b") == Inner(word="b")


def test_a_value_has_only_declared_attributes() -> None:
    with pytest.raises(TypeError, match="has no attribute"):
        Inner(color="red")  # type: ignore[call-arg]  # what is tried here


def test_equal_values_are_one_element() -> None:
    assert len({Inner(word="a"), Inner(word="a"), Inner(word="b")}) == 2


def test_a_sensitive_value_is_not_shown() -> None:
    shown = repr(Outer(name="secret", piece=[]))

    assert "secret" not in shown
    assert "name=(sensitive)" in shown


def test_what_an_api_answers_becomes_a_model() -> None:
    payload = {
        "name": "n",
        "unknown": 1,
        "one": {"word": "a", "other": 1},
        "many": [{"word": "b"}, None],
        "named": {"k": {"word": "c"}},
        "weight": 0.5,
        "flags": ["x", "x"],
    }

    made = from_json(Outer, payload, size=3)

    assert made.one == Inner(word="a")
    assert made.many == [Inner(word="b"), None]
    assert made.named == {"k": Inner(word="c")}
    assert (made.size, made.weight, made.flags) == (3, Decimal("0.5"), frozenset({"x"}))
    assert from_json(Outer, {"name": "n", "one": Inner(word="z")}).one == Inner(word="z")


def test_a_fraction_is_no_whole_number() -> None:
    tree = to_tree(Outer(name="n", piece=[])) | {"size": Decimal("1.5")}

    with pytest.raises(ConformError, match="A whole number"):
        from_tree(Outer, tree)


UUID = "5d537d3f-22ea-4967-9ec0-32e837a8b390"


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (one_of("a", 1), ["a", 1], ["b", 2]),
        (at_least(2, " bytes"), [2, 3], [1]),
        (between(1, 3), [1, 3], [0, 4]),
        (length(1), ["a"], [""]),
        (length(2), ["ab", [1, 2]], ["a"]),
        (length(1, 2), ["a", [1, 2]], ["", "abc"]),
        (matches("[a-z]+", "lower case"), ["abc"], ["abC", ""]),
        (is_uuid(), [UUID], [UUID[:-1], f"{UUID}\n"]),
        (each(length(1)), [["a", UNKNOWN, None], {"k": "v"}, []], [["a", ""], {"k": ""}]),
        (each_key(length(1, 2)), [{"a": ""}], [{"": "a"}]),
    ],
)
def test_a_rule_holds_for_good_values_only(check: Any, good: list[Any], bad: list[Any]) -> None:
    assert all(check.holds(value) for value in good)
    assert not any(check.holds(value) for value in bad)
    assert check.rule.startswith("must ")


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        (conflicts_with("b"), {(0, False), (1, False), (1, True)}),
        (required_with("b"), {(0, False), (1, False), (2, True)}),
        (exactly_one_of("b"), {(1, False), (1, True)}),
        (at_least_one_of("b"), {(1, False), (1, True), (2, True)}),
    ],
)
def test_a_rule_across_attributes_counts_what_is_set(
    rule: Any, allowed: set[tuple[int, bool]]
) -> None:
    possible = {(0, False), (1, False), (1, True), (2, True)}

    assert {case for case in possible if rule.holds(*case)} == allowed
    assert '"b"' in rule.rule


def test_an_operation_that_is_stopped_does_not_wait() -> None:
    operation = Operation()
    operation.stopping.set()

    with pytest.raises(Stopped):
        operation.pause(60)

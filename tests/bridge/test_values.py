"""Values: what is accepted, what is refused with which words, and in which place."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import msgpack
import pytest

from provider.bridge import codec, messages
from provider.bridge.checks import is_duration, seconds
from provider.bridge.diagnostics import Diagnostic, DiagnosticError, Key, leaves, raise_all, spelled
from provider.bridge.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Collection,
    ConformError,
    Object,
    Tuple,
    Type,
    conform,
    inferred,
    type_from_json,
)
from provider.bridge.values import (
    UNKNOWN,
    Dynamic,
    UnknownUsedError,
    as_set,
    known,
    number,
    shown,
    wholly_known,
    without_unknowns,
)

USES: list[Any] = [
    bool,
    str,
    len,
    iter,
    int,
    float,
    lambda unknown: f"{unknown}",
    lambda unknown: unknown + 1,
    lambda unknown: 1 - unknown,
    lambda unknown: unknown < 1,
    lambda unknown: unknown["a"],
    lambda unknown: "a" in unknown,
    lambda unknown: unknown.name,
]


@pytest.mark.parametrize("use", USES)
def test_an_unknown_value_cannot_be_used(use: Any) -> None:
    with pytest.raises(UnknownUsedError):
        use(UNKNOWN)


def test_an_unknown_value_can_be_compared_copied_and_shown() -> None:
    assert UNKNOWN == UNKNOWN
    assert UNKNOWN != ""
    assert copy.copy(UNKNOWN) is not None
    assert repr(UNKNOWN) == "UNKNOWN"
    assert not known(UNKNOWN)


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        ("1e1", 10),
        (Decimal("2.50"), Decimal("2.5")),
        ("-0", 0),
        (2**70, 2**70),
        ("1e2000", Decimal("1e2000")),
        ("1e-999999999", Decimal("1e-999999999")),
        (0.1, Decimal("0.1")),
    ],
)
def test_a_number_has_one_form(given: Any, canonical: Any) -> None:
    assert number(given) == canonical
    assert type(number(given)) is type(canonical)


def test_a_float_is_its_shortest_spelling() -> None:
    assert conform(NUMBER, 0.1) == Decimal("0.1")


@pytest.mark.parametrize("value", ["x", float("nan"), float("inf"), True, "1e9999999999999999999"])
def test_what_is_no_number_is_refused(value: Any) -> None:
    with pytest.raises(ConformError, match="number"):
        conform(NUMBER, value)


@pytest.mark.parametrize(
    ("type_", "value", "path"),
    [
        (STRING, 1, ""),
        (STRING, "\ud800", ""),
        (BOOL, 1, ""),
        (Collection("list", STRING), "abc", ""),
        (Collection("list", STRING), ["a", 1], "[1]"),
        (Collection("set", STRING), ["a", 1], ""),
        (Collection("map", STRING), {"a": 1}, '["a"]'),
        (Collection("map", STRING), {1: "a"}, ""),
        (Object({"a": Tuple((STRING, BOOL))}), {"a": ["x", 1]}, "a[1]"),
        (Object({"a": STRING}), {"b": "x"}, ""),
        (Tuple((STRING,)), ["a", "b"], ""),
        (DYNAMIC, {"a": [object()]}, '["a"][0]'),
    ],
)
def test_a_value_of_another_type_is_refused_in_its_place(
    type_: Type, value: Any, path: str
) -> None:
    with pytest.raises(ConformError) as error:
        conform(type_, value)

    assert spelled(error.value.path) == path


def test_a_plain_value_has_the_type_hcl_gives_it() -> None:
    value = {"a": [1, "x", None], "b": True, "c": Dynamic(STRING, "d")}

    assert inferred(value) == Object(
        {"a": Tuple((NUMBER, STRING, DYNAMIC)), "b": BOOL, "c": STRING}
    )


def test_strings_are_compared_in_one_form() -> None:
    assert conform(STRING, "e\u0301") == "\u00e9"
    assert conform(Collection("map", STRING), {"e\u0301": "x"}) == {"\u00e9": "x"}


def test_a_set_is_sorted_and_each_element_once() -> None:
    assert as_set(["b", "a", "b"]) == ["a", "b"]
    assert as_set([UNKNOWN, UNKNOWN]) == [UNKNOWN, UNKNOWN]
    type_ = Collection("set", Collection("map", NUMBER))
    assert conform(type_, [{"a": 1, "b": 2}, {"b": 2, "a": 1}]) == [{"a": 1, "b": 2}]


def test_what_is_unknown_can_be_told_and_taken_out() -> None:
    tree = {"a": [1, UNKNOWN], "b": Dynamic(STRING, UNKNOWN), "c": "x"}

    assert not wholly_known(tree)
    assert wholly_known((1, frozenset({2})))
    assert without_unknowns(tree) == {"a": [1, None], "b": Dynamic(STRING, None), "c": "x"}


@pytest.mark.parametrize("spelling", ["text", ["list"], ["bag", "string"], 1, None])
def test_what_spells_no_type_is_refused(spelling: Any) -> None:
    with pytest.raises(ValueError, match="not a Terraform type"):
        type_from_json(spelling)


@pytest.mark.parametrize(
    "plain", ["x", ["x"], [1, "a"], [b'"string"', 1], [b'"text"', "a"], [b"{", "a"]]
)
def test_a_malformed_dynamic_value_is_refused(plain: Any) -> None:
    with pytest.raises(DiagnosticError):
        codec.decode(DYNAMIC, msgpack.packb(plain))


@pytest.mark.parametrize(
    "data", [b"1", b'{"value": 1}', b'{"value": 1, "type": "text"}', b"1e99999999999999999999"]
)
def test_a_malformed_stored_dynamic_value_is_refused(data: bytes) -> None:
    with pytest.raises(DiagnosticError):
        codec.decode_json(DYNAMIC, data)


def test_a_timestamp_extension_is_unknown_as_all_are() -> None:
    assert codec.decode(STRING, msgpack.packb(msgpack.Timestamp(1, 2))) is UNKNOWN


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (2**64 - 1, 2**64 - 1),
        (2**64, str(2**64)),
        (-(2**63), -(2**63)),
        (-(2**63) - 1, str(-(2**63) - 1)),
    ],
)
def test_large_numbers_travel_as_text(value: int, plain: Any) -> None:
    assert msgpack.unpackb(codec.encode(value)) == plain


@pytest.mark.parametrize(
    ("text", "length"), [("90s", 90), ("1h30m", 5400), ("1.5s", 1.5), ("250ms", 0.25)]
)
def test_a_duration_is_read(text: str, length: float) -> None:
    assert seconds(text) == length
    assert is_duration(text)


@pytest.mark.parametrize("text", ["", "90", "s", "1d", "-1s", "0s", "1h 30m"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert not is_duration(text)


def test_an_error_says_where() -> None:
    path = ("rules", 0, "ports", Key("http"))

    assert str(DiagnosticError("Bad", "Very.", path)) == 'Bad: Very. (at rules[0].ports["http"])'
    assert str(DiagnosticError("Bad", "Very.")) == "Bad: Very."


def test_one_error_is_raised_alone_and_several_together() -> None:
    one, two = DiagnosticError("a", ""), DiagnosticError("b", "")

    raise_all([])
    with pytest.raises(DiagnosticError):
        raise_all([one])
    with pytest.raises(ExceptionGroup) as group:
        raise_all([one, two])
    assert list(leaves(ExceptionGroup("all", [group.value, one]))) == [one, two, one]


@pytest.mark.parametrize(
    ("tree", "written"),
    [
        (None, "null"),
        (True, "true"),
        (1, "1"),
        (Decimal("1.5"), "1.5"),
        ("a", '"a"'),
        (["a", UNKNOWN], '["a", (known after apply)]'),
        ({"a": {"b": False}}, "{a = {b = false}}"),
        (Dynamic(STRING, "a"), '"a"'),
        ("x" * 500, '"' + "x" * 199 + "…"),
    ],
)
def test_a_value_is_shown_as_people_write_it(tree: Any, written: str) -> None:
    assert shown(tree) == written


def test_what_a_terminal_obeys_is_not_told() -> None:
    said = messages.diagnostics([Diagnostic("error", "\x1b[2Jred", "a\u202eb\n\tc\x85")])

    assert (said[0].summary, said[0].detail) == ("\ufffd[2Jred", "a\ufffdb\n\tc\ufffd")

"""The functions about sizes: exact, strict, and each other's inverse where they can be."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provider.bridge import FunctionError
from provider.functions.sizes import UNITS, format_size, gib, mib, parse_size, round_size


@given(st.integers(0, 10**15), st.sampled_from(sorted(UNITS)))
def test_a_whole_number_of_any_unit_is_parsed_exactly(number: int, unit: str) -> None:
    assert parse_size(f"{number}{unit}") == number * UNITS[unit]


@given(st.integers(0, 10**18))
def test_a_formatted_size_is_parsed_back_within_its_two_decimals(size: int) -> None:
    text = format_size(size)
    unit = text.lstrip("0123456789.")

    back = Decimal(text.removesuffix(unit)) * UNITS[unit]

    assert abs(back - size) <= Decimal(UNITS[unit]) / 200


@given(st.integers(0, 10**18))
def test_a_stored_size_is_the_next_multiple_and_stays_itself(size: int) -> None:
    stored = round_size(size)

    assert size <= stored < size + 16384
    assert stored % 16384 == 0
    assert round_size(stored) == stored


@pytest.mark.parametrize(
    "text", ["", "10", "GiB", "-1GiB", "+1GiB", "1 GiB", "1GIB", "1Gib", "1e3GiB", ".5GiB", "1.GiB",
             "1GiB\n", "\uff11GiB", "1,5GiB", "0x1GiB", "1EiB"]
)  # fmt: skip
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(FunctionError) as refusal:
        parse_size(text)

    assert refusal.value.argument == 0


def test_fractions_have_to_come_to_whole_bytes() -> None:
    assert gib(Decimal("0.5")) == mib(Decimal(512)) == parse_size("0.5GiB")
    for refused in (lambda: gib(Decimal("0.1")), lambda: parse_size("0.1KiB")):
        with pytest.raises(FunctionError, match="do not come to whole bytes"):
            refused()


def test_units_change_where_the_next_one_is_whole() -> None:
    assert [format_size(size) for size in (0, 1023, 1024, 1024**4, 1024**5)] == [
        "0B",
        "1023B",
        "1KiB",
        "1TiB",
        "1024TiB",
    ]


@pytest.mark.parametrize("number", ["-1", "9223372036854775808", "1e99999999"])
def test_impossible_sizes_are_refused_at_once(number: str) -> None:
    with pytest.raises(FunctionError, match="A size is at least 0 and at most"):
        gib(Decimal(number))

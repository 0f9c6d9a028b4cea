"""Sizes in bytes: from numbers and texts, to texts, and as the API will store them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Final

from provider.bridge import FunctionError, function
from provider.definition import stored_size

UNITS: Final = {
    "B": 1,
    "KiB": 1024,
    "MiB": 1024**2,
    "GiB": 1024**3,
    "TiB": 1024**4,
    "kB": 1000,
    "MB": 1000**2,
    "GB": 1000**3,
    "TB": 1000**4,
}
LARGEST: Final = 2**63 - 1  # far above any drive, far below what would take long to compute
SIZE: Final = re.compile(rf"(\d+(?:\.\d+)?)({'|'.join(UNITS)})", re.ASCII)


@function(number="How many GiB, at least 0. A fraction has to come to whole bytes.")
def gib(number: Decimal) -> int:
    """The bytes in a number of GiB (1024 to the power of 3)."""
    return _bytes(number, "GiB")


@function(number="How many MiB, at least 0. A fraction has to come to whole bytes.")
def mib(number: Decimal) -> int:
    """The bytes in a number of MiB (1024 to the power of 2)."""
    return _bytes(number, "MiB")


@function(
    text="A number and a unit without a space between them: B, KiB, MiB, GiB, TiB (powers of "
    "1024), or kB, MB, GB, TB (powers of 1000)."
)
def parse_size(text: str) -> int:
    """The bytes that a text such as "10GiB" stands for."""
    found = SIZE.fullmatch(text)
    if found is None:
        raise FunctionError(
            f'"{text}" is not a size. Write a number and a unit, such as "10GiB" or "1.5TB"; '
            f"units are {', '.join(UNITS)}.",
            0,
        )
    return _bytes(Decimal(found[1]), found[2])


@function(bytes="A size in bytes, at least 0.")
def format_size(bytes: int) -> str:  # noqa: A002 - the practitioner's word
    """The size as a text in the largest fitting binary unit, to two decimals, such as "1.5GiB"."""
    _refuse_impossible(bytes)
    unit = next(u for u in ("TiB", "GiB", "MiB", "KiB", "B") if bytes >= UNITS[u] or u == "B")
    rounded = f"{Decimal(bytes) / UNITS[unit]:.2f}"
    return rounded.rstrip("0").rstrip(".") + unit


@function(bytes="A size in bytes, at least 0.")
def round_size(bytes: int) -> int:  # noqa: A002 - the practitioner's word
    """The size that CloudSigma stores for a drive: rounded up to the next 16 KiB."""
    _refuse_impossible(bytes)
    return stored_size(bytes)


def _bytes(number: Decimal, unit: str) -> int:
    _refuse_impossible(number)
    above, below = number.as_integer_ratio()
    size, rest = divmod(above * UNITS[unit], below)
    if rest:
        raise FunctionError(f"{number} {unit} do not come to whole bytes.", 0)
    return size


def _refuse_impossible(number: Decimal | int) -> None:
    if not 0 <= number <= LARGEST:
        raise FunctionError(f"A size is at least 0 and at most {LARGEST}; it is {number}.", 0)

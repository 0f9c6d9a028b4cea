"""Rules a practitioner's values must keep, declared on the attribute they are about.

A rule is never tried on a null or unknown value. Its words serve the error and the docs.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from provider.bridge.values import known

_UUID: Final = "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_UNITS: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


class Check(NamedTuple):
    """A rule about one value: what it must be, and whether it is."""

    rule: str
    holds: Callable[[Any], bool]


class Across(NamedTuple):
    """A rule about which of several attributes of one object are set.

    `holds` gets the number of those set, this one included, and whether this one is.
    """

    rule: str
    others: tuple[str, ...]
    holds: Callable[[int, bool], bool]


def _listed(values: tuple[object, ...]) -> str:
    return ", ".join(f'"{v}"' if isinstance(v, str) else str(v) for v in values)


def one_of(*values: object) -> Check:
    """One of the given values."""
    return Check(f"must be one of {_listed(values)}", lambda value: value in values)


def at_least(minimum: int, unit: str = "") -> Check:
    """Not below the minimum."""
    return Check(f"must be at least {minimum}{unit}", lambda value: bool(value >= minimum))


def between(minimum: int, maximum: int) -> Check:
    """Within the range, ends included."""
    rule = f"must be between {minimum} and {maximum}"
    return Check(rule, lambda value: bool(minimum <= value <= maximum))


def length(minimum: int, maximum: int | None = None) -> Check:
    """Not shorter or longer: a string by characters, a collection by elements."""
    if maximum is None:
        rule = "must not be empty" if minimum == 1 else f"must have at least {minimum} in length"
        return Check(rule, lambda value: len(value) >= minimum)
    rule = f"must have {minimum} to {maximum} in length"
    return Check(rule, lambda value: minimum <= len(value) <= maximum)


def matches(pattern: str, what: str) -> Check:
    """The whole string fits the regular expression; `what` describes it to people."""
    return Check(f"must be {what}", lambda value: re.fullmatch(pattern, value) is not None)


def is_uuid() -> Check:
    """A UUID, as in 5d537d3f-22ea-4967-9ec0-32e837a8b390."""
    return matches(_UUID, "a UUID")


def each(check: Check) -> Check:
    """Every element, or every value of a map, keeps the rule; unknown ones are left out."""

    def holds(values: Any) -> bool:
        elements = values.values() if isinstance(values, dict) else values
        return all(check.holds(e) for e in elements if e is not None and known(e))

    return Check(f"must have elements each of which {check.rule}", holds)


def each_key(check: Check) -> Check:
    """Every key of a map keeps the rule."""
    rule = f"must have keys each of which {check.rule}"
    return Check(rule, lambda values: all(map(check.holds, values)))


def conflicts_with(*others: str) -> Across:
    """Set only when none of the others is."""
    rule = f"cannot be set together with {_listed(others)}"
    return Across(rule, others, lambda count, this: not this or count == 1)


def required_with(*others: str) -> Across:
    """Needs all the others when it is set."""
    rule = f"needs {_listed(others)} to be set too"
    return Across(rule, others, lambda count, this: not this or count == len(others) + 1)


def exactly_one_of(*others: str) -> Across:
    """Set itself or exactly one of the others is."""
    rule = f"or exactly one of {_listed(others)} must be set"
    return Across(rule, others, lambda count, _: count == 1)


def at_least_one_of(*others: str) -> Across:
    """Set itself or at least one of the others is."""
    rule = f"or at least one of {_listed(others)} must be set"
    return Across(rule, others, lambda count, _: count >= 1)


def seconds(duration: str) -> float:
    """A duration as Terraform users write them, such as "1h30m"; ValueError for another text."""
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h)", duration)
    if not parts or "".join(n + unit for n, unit in parts) != duration:
        raise ValueError(f'"{duration}" is not a duration such as "30m" or "1h30m"')
    return sum(float(n) * _UNITS[unit] for n, unit in parts)


def is_duration(value: str) -> bool:
    """The text is a duration longer than zero."""
    try:
        return seconds(value) > 0
    except ValueError:
        return False

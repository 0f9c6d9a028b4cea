"""What a request body may hold: fields with their types, checked strictly and all at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from simulator.errors import Invalid, Problem, required

Check = Callable[[Any], Any]


class Field(NamedTuple):
    """A key of a body: `check` returns the clean value or raises ValueError."""

    check: Check
    required: bool = False


def text(value: Any) -> str:
    """A non-empty string without NUL."""
    # documented: a NUL character ends a string
    # assumed: names are not unique, not empty and hold no NUL
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("Enter a non-empty text")
    return value


def whole(value: Any) -> int:
    """An integer, which may be written as a decimal string."""
    # observed: numbers may be sent as decimal strings
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,30}", value):
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise ValueError("Enter a whole number")


def positive(value: Any) -> int:
    """A whole number above zero."""
    number = whole(value)
    if number < 1:
        raise ValueError("Ensure this value is greater than or equal to 1.")
    return number


def boolean(value: Any) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise ValueError("Enter true or false")
    return value


def string_map(value: Any) -> dict[str, str]:
    """A `meta` object."""
    # documented: meta has keys of at most 32 characters and strings as values
    if not isinstance(value, dict):
        raise ValueError("Enter an object")
    for key, inner in value.items():
        if len(key) > 32:
            raise ValueError(f"The key '{key}' is longer than 32 characters")
        if not isinstance(inner, str):
            raise ValueError(f"The value of '{key}' is not a string")
    return value


def texts(value: Any) -> list[str]:
    """A list of strings."""
    if not isinstance(value, list):
        raise ValueError("Enter a list")
    return [text(item) for item in value]


def reference(value: Any) -> str:
    """A uuid, given as such or inside an object."""
    # observed: a related object may be written as its uuid or as {"uuid": ...}
    return text(value.get("uuid") if isinstance(value, dict) else value)


def references(value: Any) -> list[str]:
    """Distinct uuids."""
    if not isinstance(value, list):
        raise ValueError("Enter a list")
    return list(dict.fromkeys(reference(item) for item in value))


def anything(value: Any) -> Any:
    """Any JSON value: the key exists, and has no bearing on drives."""
    return value


def one_of(*choices: str) -> Check:
    """One of some strings."""

    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError(f"Select one of {', '.join(choices)}")
        return str(value)

    return check


def nullable(check: Check) -> Check:
    """Null, or what the inner check allows."""
    return lambda value: None if value is None else check(value)


def cleaned(
    body: Any,
    fields: Mapping[str, Field],
    *,
    readonly: frozenset[str] = frozenset(),
    partial: bool = False,
) -> dict[str, Any]:
    """The known keys of a body, converted; every problem is reported in one refusal.

    Read-only keys are ignored. With `partial`, required keys may be absent.
    """
    if not isinstance(body, dict):
        raise Invalid("The body must be an object")
    clean: dict[str, Any] = {}
    problems = []
    for key, value in body.items():
        # documented: read-only keys in a request are ignored
        if key in readonly:
            continue
        # assumed: an unknown key in a body is refused
        if key not in fields:
            problems.append(Problem("Unknown field", key))
            continue
        try:
            clean[key] = fields[key].check(value)
        except ValueError as error:
            problems.append(Problem(str(error), key))
    if not partial:
        problems += [required(k) for k, f in fields.items() if f.required and k not in body]
    # documented: an error answer has one element for each wrong field
    if problems:
        raise Invalid(*problems)
    return clean


def listed(body: Any) -> list[Any]:
    """The objects of a body that is one object, a list, or a list inside `objects`."""
    # documented: creation takes a bare object, a bare list, or {"objects": [...]}
    if isinstance(body, dict) and "objects" in body:
        if len(body) > 1:
            raise Invalid("`objects` stands alone")
        body = body["objects"]
    objects = body if isinstance(body, list) else [body]
    # assumed: an empty object or list is refused
    if not objects or not all(objects):
        raise Invalid("The body is empty")
    return objects

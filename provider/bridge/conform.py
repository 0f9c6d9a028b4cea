"""Any plain value brought into the one tree its Terraform type allows, or refused with a path.

Everything that enters the bridge passes here: msgpack and JSON from Terraform, and what a
resource returns. Protocol: "object wire format" of the plugin protocol.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from provider.bridge.diagnostics import DiagnosticError, Key, Path
from provider.bridge.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    Collection,
    Dynamic,
    Object,
    Primitive,
    Tree,
    Tuple,
    Type,
    as_set,
    number,
    text,
)

# How the types of plain values are called by people who write configurations.
_GIVEN: Final[dict[type, str]] = {
    str: "a string",
    bool: "a bool",
    int: "a whole number",
    Decimal: "a fraction",
    list: "a list",
    dict: "an object",
}


_NUMBERS: Final = (int, float, str, Decimal)


class ConformError(DiagnosticError):
    """A value is not of the type it has to be."""

    def __init__(self, wanted: str, value: object, path: Path) -> None:
        given = _GIVEN.get(type(value), type(value).__name__)
        super().__init__("Value of the wrong type", f"{wanted} is required, not {given}.", path)


def conform(type_: Type, value: Any, path: Path = ()) -> Tree:
    """The value as a tree of the type; ConformError names the place that does not fit."""
    if value is None or value is UNKNOWN:
        return value
    match type_:
        case Primitive():
            return _primitive(type_, value, path)
        case Collection("map", element):
            items = sorted(_mapping(value, "a map", path).items())
            return {
                conform(STRING, k, path): conform(element, v, (*path, Key(k))) for k, v in items
            }
        case Collection(kind, element):
            values = _elements(value, f"a {kind}", path)
            if kind == "set":  # Terraform knows no path into a set
                return as_set([conform(element, v, path) for v in values])
            return [conform(element, v, (*path, i)) for i, v in enumerate(values)]
        case Tuple(types):
            values = _elements(value, f"a tuple of {len(types)}", path)
            if len(values) != len(types):
                raise ConformError(f"a tuple of {len(types)}", value, path)
            return [conform(t, values[i], (*path, i)) for i, t in enumerate(types)]
        case Object(attributes):
            return _object(attributes, value, path)


def _object(attributes: dict[str, Type], value: Any, path: Path) -> Tree:
    given = _mapping(value, "an object", path)
    if strange := sorted(given.keys() - attributes.keys()):
        raise ConformError(f"an object without {strange[0]!r}", value, path)
    return {name: conform(t, given.get(name), (*path, name)) for name, t in attributes.items()}


def _primitive(type_: Primitive, value: Any, path: Path) -> Tree:
    if type_ == STRING and isinstance(value, str):
        try:
            return text(value)
        except UnicodeError as error:
            raise ConformError("text without surrogates", value, path) from error
    if type_ == BOOL and isinstance(value, bool):
        return value
    if type_ == NUMBER and isinstance(value, _NUMBERS) and not isinstance(value, bool):
        return _number(value, path)
    if type_ == DYNAMIC:
        return _dynamic(value, path)
    raise ConformError(f"a {type_.name}", value, path)


def _number(value: float | str | Decimal, path: Path) -> int | Decimal:
    try:
        # A float stands for its shortest decimal spelling, as Terraform reads it.
        return number(repr(value) if isinstance(value, float) else value)
    except (ValueError, ArithmeticError) as error:
        raise ConformError("a number", value, path) from error


def _dynamic(value: Any, path: Path) -> Dynamic:
    if not isinstance(value, Dynamic):
        value = Dynamic(inferred(value, path), value)
    return Dynamic(value.type, conform(value.type, value.value, path))


def inferred(value: Any, path: Path = ()) -> Type:
    """The type of a plain value: lists become tuples and dicts objects, as in HCL."""
    match value:
        case Dynamic(type_, _):
            return type_
        case bool():
            return BOOL
        case str():
            return STRING
        case int() | float() | Decimal():
            return NUMBER
        case Mapping():
            return Object({str(k): inferred(v, (*path, Key(k))) for k, v in value.items()})
        case list() | tuple():
            return Tuple(tuple(inferred(v, (*path, i)) for i, v in enumerate(value)))
    if value is None or value is UNKNOWN:
        return DYNAMIC
    raise ConformError("a value Terraform has a type for", value, path)


def _mapping(value: Any, wanted: str, path: Path) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise ConformError(wanted, value, path)
    return value


def _elements(value: Any, wanted: str, path: Path) -> list[Any]:
    if isinstance(value, Dynamic) or not isinstance(value, list | tuple | set | frozenset):
        raise ConformError(wanted, value, path)
    return list(value)

"""Terraform's types: each makes of a plain value the one tree it allows, or refuses it.

Everything that enters the bridge passes here: msgpack and JSON from Terraform, what an API
answers, and what a resource returns.
Protocol: "type constraint JSON" and "object wire format".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from provider.bridge.diagnostics import DiagnosticError, Key, Path
from provider.bridge.values import UNKNOWN, Dynamic, Record, Tree, as_set, number, text

# How the types of plain values are called by people who write configurations.
_GIVEN: Final[dict[type, str]] = {
    str: "a string",
    bool: "a bool",
    int: "a whole number",
    Decimal: "a fraction",
    list: "a list",
    dict: "an object",
}


class ConformError(DiagnosticError):
    """A value is not of the type it has to be."""

    def __init__(self, wanted: str, value: object, path: Path) -> None:
        given = _GIVEN.get(type(value), type(value).__name__)
        said = f"{wanted[0].upper()}{wanted[1:]} is required, not {given}."
        super().__init__("Value of the wrong type", said, path)


class Form(NamedTuple):
    """How a plain value is written."""

    dynamic: Callable[[Any, Path], Dynamic]
    """The type and the plain value in what stands for a dynamic one."""
    lenient: bool = False
    """Attributes that an object's type does not have are left out, instead of refused."""


class Primitive(NamedTuple):
    """string, number, bool, or dynamic (any type, decided by the value)."""

    name: str

    def spelled(self) -> Any:
        """The type as Terraform spells it in JSON, for example ["list", "string"]."""
        return self.name

    def fit(self, value: Any, path: Path, form: Form) -> Tree:
        """The tree of a value that is neither null nor unknown."""
        if self.name == "dynamic":
            type_, plain = form.dynamic(value, path)
            return Dynamic(type_, conform(type_, plain, path, form))
        accepted, canonical = _CANONICAL[self.name]
        if not isinstance(value, accepted):
            raise ConformError(f"a {self.name}", value, path)
        try:
            return canonical(value)
        except (ValueError, ArithmeticError) as error:
            raise ConformError(f"a well-formed {self.name}", value, path) from error


_CANONICAL: Final[dict[str, tuple[Any, Callable[[Any], Tree]]]] = {
    "string": (str, text),
    "bool": (bool, bool),
    "number": ((int, float, str, Decimal), number),
}


class Collection(NamedTuple):
    """A list, set or map of one element type."""

    kind: Literal["list", "set", "map"]
    element: Type

    def spelled(self) -> Any:
        """The type in JSON."""
        return [self.kind, self.element.spelled()]

    def fit(self, value: Any, path: Path, form: Form) -> Tree:
        """The tree of a value that is neither null nor unknown."""
        element, kind = self.element, self.kind
        if kind == "map":
            if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
                raise ConformError("a map", value, path)
            items = {
                conform(STRING, k, path): conform(element, v, (*path, Key(k)), form)
                for k, v in value.items()
            }
            return {key: items[key] for key in sorted(items)}
        values = _elements(value, kind, path)
        if kind == "set":  # Terraform knows no path into a set
            return as_set([conform(element, v, path, form) for v in values])
        return [conform(element, v, (*path, i), form) for i, v in enumerate(values)]


class Tuple(NamedTuple):
    """Elements by position, each of its own type."""

    elements: tuple[Type, ...]

    def spelled(self) -> Any:
        """The type in JSON."""
        return ["tuple", [element.spelled() for element in self.elements]]

    def fit(self, value: Any, path: Path, form: Form) -> Tree:
        """The tree of a value that is neither null nor unknown."""
        wanted = f"tuple of {len(self.elements)}"
        values = _elements(value, wanted, path)
        if len(values) != len(self.elements):
            raise ConformError(f"a {wanted}", value, path)
        return [conform(t, values[i], (*path, i), form) for i, t in enumerate(self.elements)]


class Object(NamedTuple):
    """Named attributes, each of its own type."""

    attributes: dict[str, Type]

    def spelled(self) -> Any:
        """The type in JSON."""
        return ["object", {name: t.spelled() for name, t in self.attributes.items()}]

    def fit(self, value: Any, path: Path, form: Form) -> Tree:
        """The tree of a value that is neither null nor unknown; absent attributes are null."""
        given = vars(value) if isinstance(value, Record) else value
        if not isinstance(given, Mapping):
            raise ConformError("an object", value, path)
        if not form.lenient and not given.keys() <= self.attributes.keys():
            # By their form: what should be a name may be anything, even unknown.
            strange = min(map(repr, given.keys() - self.attributes.keys()))
            raise ConformError(f"an object without {strange}", value, path)
        return {
            name: conform(type_, given.get(name), (*path, name), form)
            for name, type_ in self.attributes.items()
        }


Type: TypeAlias = Primitive | Collection | Object | Tuple

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Primitive("dynamic")
PRIMITIVES: Final = {p.name: p for p in (STRING, NUMBER, BOOL, DYNAMIC)}


def type_from_json(spelled: Any) -> Type:
    """The type that Terraform spelled so; ValueError for anything else."""
    match spelled:
        case str() if spelled in PRIMITIVES:
            return PRIMITIVES[spelled]
        case ["list" | "set" | "map" as kind, element]:
            return Collection(kind, type_from_json(element))
        case ["object", dict(attributes)]:
            return Object({str(name): type_from_json(t) for name, t in attributes.items()})
        case ["tuple", list(elements)]:
            return Tuple(tuple(map(type_from_json, elements)))
    raise ValueError(f"not a Terraform type: {spelled!r:.80}")


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


def _with_its_type(value: Any, path: Path) -> Dynamic:
    return value if isinstance(value, Dynamic) else Dynamic(inferred(value, path), _bare(value))


def _bare(value: Any) -> Any:
    """The value without the types that parts of it were given as: the whole has its own."""
    match value:
        case Dynamic(_, inner):
            return inner
        case Mapping():
            return {key: _bare(inner) for key, inner in value.items()}
        case list() | tuple():
            return list(map(_bare, value))
    return value


PLAIN: Final = Form(_with_its_type)
PAYLOAD: Final = Form(_with_its_type, lenient=True)
"""What an API answers, which may say more than the model wants to know."""


def conform(type_: Type, value: Any, path: Path = (), form: Form = PLAIN) -> Tree:
    """The value as a tree of the type; ConformError names the place that does not fit."""
    return value if value is None or value is UNKNOWN else type_.fit(value, path, form)


def _elements(value: Any, wanted: str, path: Path) -> list[Any]:
    if isinstance(value, Dynamic) or not isinstance(value, list | tuple | set | frozenset):
        raise ConformError(f"a {wanted}", value, path)
    return list(value)

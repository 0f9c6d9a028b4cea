"""Terraform's types and its unknown value.

A *tree* is a value in plain form, between the wire and the models: None, UNKNOWN, str, bool,
int or Decimal, list (for list, tuple and set; sets are sorted and without repetition, so that
equality is list equality), dict (for map and object), Dynamic.
Protocol: "type constraint JSON" and "unknown values" of the object wire format.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import Any, Final, Literal, NamedTuple, NoReturn, TypeAlias, TypeGuard, TypeVar
from unicodedata import is_normalized, normalize

T = TypeVar("T")

Tree: TypeAlias = Any


class UnknownUsedError(Exception):
    """A value that is not known yet was used as if it were."""

    def __init__(self) -> None:
        super().__init__("a value that is known only after apply was used")


class Unknown:
    """The value Terraform will know only after apply: comparable by identity, unusable else."""

    def __repr__(self) -> str:
        return "UNKNOWN"

    def _refuse(self, *_: object) -> NoReturn:
        raise UnknownUsedError

    __bool__ = __str__ = __format__ = __iter__ = __len__ = __contains__ = __getitem__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __index__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __floordiv__ = _refuse
    __truediv__ = __mod__ = __neg__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)  # copy, debuggers and friends ask before they use
        raise UnknownUsedError


UNKNOWN: Final[Any] = Unknown()


class Primitive(NamedTuple):
    """string, number, bool, or dynamic (any type, decided by the value)."""

    name: str


class Collection(NamedTuple):
    """A list, set or map of one element type."""

    kind: Literal["list", "set", "map"]
    element: Type


class Object(NamedTuple):
    """Named attributes, each of its own type."""

    attributes: dict[str, Type]


class Tuple(NamedTuple):
    """Elements by position, each of its own type."""

    elements: tuple[Type, ...]


Type: TypeAlias = Primitive | Collection | Object | Tuple

STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")
DYNAMIC: Final = Primitive("dynamic")
PRIMITIVES: Final = {p.name: p for p in (STRING, NUMBER, BOOL, DYNAMIC)}


class Dynamic(NamedTuple):
    """A value together with the type it was given as."""

    type: Type
    value: Tree


def type_to_json(type_: Type) -> Any:
    """The type as Terraform spells it in JSON, for example ["list", "string"]."""
    match type_:
        case Primitive(name):
            return name
        case Collection(kind, element):
            return [kind, type_to_json(element)]
        case Object(attributes):
            return ["object", {name: type_to_json(t) for name, t in attributes.items()}]
        case Tuple(elements):
            return ["tuple", [type_to_json(t) for t in elements]]


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


def known(value: T | Unknown) -> TypeGuard[T]:
    """The value itself is known; what it contains may not be."""
    return value is not UNKNOWN


def wholly_known(tree: Tree) -> bool:
    """Nothing unknown is anywhere in the tree."""
    match tree:
        case Unknown():
            return False
        case Dynamic(_, value):
            return wholly_known(value)
        case dict():
            return all(map(wholly_known, tree.values()))
        case list() | tuple() | frozenset():
            return all(map(wholly_known, tree))
    return True


def without_unknowns(tree: Tree) -> Tree:
    """The tree with null wherever something was unknown: what may be stored after a failure."""
    match tree:
        case Unknown():
            return None
        case Dynamic(type_, value):
            return Dynamic(type_, without_unknowns(value))
        case dict():
            return {key: without_unknowns(value) for key, value in tree.items()}
        case list():
            return [without_unknowns(value) for value in tree]
    return tree


_EXACT = Context(prec=1000, Emin=MIN_EMIN, Emax=MAX_EMAX)
_LARGEST_EXPANDED = 1000  # digits; beyond, a number stays in exponent form


def number(value: float | str | Decimal) -> int | Decimal:
    """A number in its one canonical form: int when integral, else a Decimal without zeros."""
    exact = Decimal(value)
    if not exact.is_finite():
        raise ValueError("a finite number is required")
    if exact.adjusted() > _LARGEST_EXPANDED:
        return exact.normalize(_EXACT)
    return int(exact) if exact == exact.to_integral_value() else exact.normalize(_EXACT)


def text(value: str) -> str:
    """A string as Terraform will compare it: Unicode normal form C; ValueError if not UTF-8."""
    value.encode()
    return value if is_normalized("NFC", value) else normalize("NFC", value)


def as_set(elements: list[Tree]) -> list[Tree]:
    """The elements sorted and without repetition; unknown ones are all kept."""
    ordered = sorted(elements, key=repr)
    return [
        element
        for i, element in enumerate(ordered)
        if i == 0 or element != ordered[i - 1] or not wholly_known(element)
    ]

"""Terraform's values: the unknown, and plain trees that may hold it.

A *tree* is a value in plain form, between the wire and the models: None, UNKNOWN, str, bool,
int or Decimal, list (for list, tuple and set; sets are sorted and without repetition, so that
equality is list equality), dict (for map and object), Dynamic.
Protocol: "unknown values" of the object wire format.
"""

from __future__ import annotations

from decimal import MAX_EMAX, MIN_EMIN, Context, Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TypeAlias, TypeGuard, TypeVar
from unicodedata import is_normalized, normalize

if TYPE_CHECKING:
    from provider.bridge.types import Type

T = TypeVar("T")

Tree: TypeAlias = Any
Fields: TypeAlias = dict[str, Tree]
"""The tree of an object."""


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

    __bool__ = __str__ = __bytes__ = __format__ = __fspath__ = _refuse
    __iter__ = __reversed__ = __len__ = __contains__ = __getitem__ = _refuse
    __lt__ = __le__ = __gt__ = __ge__ = __int__ = __float__ = __index__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __pow__ = __rpow__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __divmod__ = __rdivmod__ = __neg__ = __pos__ = __abs__ = __round__ = __trunc__ = _refuse
    __floor__ = __ceil__ = __and__ = __rand__ = __or__ = __ror__ = __xor__ = __rxor__ = _refuse

    def __getattr__(self, name: str) -> NoReturn:
        if name.startswith("_"):
            raise AttributeError(name)  # copy, debuggers and friends ask before they use
        raise UnknownUsedError


UNKNOWN: Final[Any] = Unknown()
_LONGEST_SHOWN: Final = 200  # characters


class Dynamic(NamedTuple):
    """A value together with the type it was given as."""

    type: Type
    value: Tree


class Record:
    """Something whose fields are the attributes of an object: the base of models."""


def known(value: T | Unknown) -> TypeGuard[T]:
    """The value itself is known; what it contains may not be."""
    return value is not UNKNOWN


def shown(tree: Tree) -> str:
    """The tree as people write it in a configuration, shortened when it is long."""
    said = _spelled(tree)
    return said if len(said) <= _LONGEST_SHOWN else f"{said[:_LONGEST_SHOWN]}…"


def _spelled(tree: Tree) -> str:
    match tree:
        case None | bool():
            return {None: "null", True: "true", False: "false"}[tree]
        case str():
            return f'"{tree}"'
        case Dynamic(_, value):
            return _spelled(value)
        case list() | tuple() | frozenset():
            return f"[{', '.join(map(_spelled, tree))}]"
        case dict():
            return f"{{{', '.join(f'{key} = {_spelled(v)}' for key, v in tree.items())}}}"
    return "(known after apply)" if tree is UNKNOWN else str(tree)


def wholly_known(tree: Tree) -> bool:
    """Nothing unknown is anywhere in the tree."""
    if isinstance(tree, dict):
        return all(map(wholly_known, tree.values()))
    if isinstance(tree, list | tuple | frozenset):
        return all(map(wholly_known, tree))
    return tree is not UNKNOWN


def without_unknowns(tree: Tree, instead: Tree = None) -> Tree:
    """The tree with what is unknown in it taken from another one, else null.

    That is what may be stored after a failure.
    """
    match tree:
        case Unknown():
            return instead
        case Dynamic(type_, value):
            return Dynamic(type_, without_unknowns(value))
        case dict():
            known_as = instead if isinstance(instead, dict) else {}
            return {key: without_unknowns(v, known_as.get(key)) for key, v in tree.items()}
        case list():
            return list(map(without_unknowns, tree))
    return tree


_EXACT = Context(prec=1000, Emin=MIN_EMIN, Emax=MAX_EMAX)
_LARGEST_EXPANDED = 1000  # digits; beyond, a number stays in exponent form


def number(value: float | str | Decimal) -> int | Decimal:
    """A number in its one canonical form: int when integral, else a Decimal without zeros.

    A float stands for its shortest decimal spelling, as Terraform reads it.
    """
    if isinstance(value, bool):
        raise ValueError("a bool is no number")
    if isinstance(value, int):
        return value
    exact = Decimal(repr(value) if isinstance(value, float) else value)
    if not exact.is_finite():
        raise ValueError("a finite number is required")
    if exact.adjusted() > _LARGEST_EXPANDED:
        return exact.normalize(_EXACT)
    return int(exact) if exact == exact.to_integral_value() else exact.normalize(_EXACT)


def text(value: str) -> str:
    """A string as Terraform will compare it: Unicode normal form C; ValueError if not UTF-8."""
    if value.isascii():
        return value
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

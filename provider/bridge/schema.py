"""A class body is the schema: attributes declared once, typed for people and for Terraform.

A subclass of Model names its attributes with annotations and the words required, optional,
computed, block and timeouts. The annotations are read at run time: str, bool, int, float,
Decimal, Any (Terraform's dynamic), list[T], frozenset[T], dict[str, T], tuple[A, B],
`T | None`, and other models (nested attributes, or blocks).
Protocol: Schema, Schema.Attribute, Schema.Object, Schema.NestedBlock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import partial
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    TypeVar,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from provider.bridge.attribute import Attribute, Hint
from provider.bridge.checks import Check, is_duration
from provider.bridge.diagnostics import Key, Path
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
from provider.bridge.values import Fields, Record, Tree, wholly_known

M = TypeVar("M", bound="Model")

# The words of a class body return Any, so that `name: str = required("…")` type-checks.


def required(doc: str, **options: Any) -> Any:
    """An attribute the practitioner must set."""
    return Attribute(doc, required=True, **options)


def optional(doc: str, **options: Any) -> Any:
    """An attribute the practitioner may set; with computed=True the provider may, too."""
    return Attribute(doc, optional=True, **options)


def computed(doc: str, **options: Any) -> Any:
    """An attribute only the provider sets; stable=True when it never changes afterwards."""
    return Attribute(doc, computed=True, **options)


def block(doc: str, **options: Any) -> Any:
    """A nested block; min_items and max_items bound how many there are."""
    return Attribute(doc, optional=True, block=True, **options)


def timeouts(**defaults: str) -> Any:
    """A `timeouts` block: one argument per operation, with the time it has when unset."""
    return Attribute("How long operations may take.", optional=True, block=True, durations=defaults)


@dataclass_transform(
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(required, optional, computed, block, timeouts),
)
class Model(Record):
    """Base of the classes that are schema and typed value at once. Instances do not change."""

    _declared: ClassVar[dict[str, Attribute]] = {}
    _type: ClassVar[Object]
    _converted: ClassVar[list[tuple[str, Hint]]]  # the attributes that are no plain trees
    _stored_otherwise: ClassVar[bool]

    def __init_subclass__(cls) -> None:
        own = {name: word for name, word in vars(cls).items() if isinstance(word, Attribute)}
        cls._declared = cls._declared | own
        for name in own:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        if not values.keys() <= self._declared.keys():
            strange = sorted(values.keys() - self._declared.keys())
            raise TypeError(f"{type(self).__name__} has no attribute {strange}")
        vars(self).update(dict.fromkeys(self._declared) | values)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"{type(self).__name__} does not change; use replaced()")

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and vars(other) == vars(self)

    def __hash__(self) -> int:
        return hash((type(self), *(v for v in vars(self).values() if isinstance(v, str | int))))

    def __repr__(self) -> str:
        shown = (
            f"{name}={'(sensitive)' if word.sensitive else repr(getattr(self, name))}"
            for name, word in self._declared.items()
        )
        return f"{type(self).__name__}({', '.join(shown)})"


class Timeouts(Model):
    """What a `timeouts` block holds; the annotation that goes with the word `timeouts`."""


def _timeouts_model(defaults: dict[str, str]) -> type[Timeouts]:
    words = {
        operation: optional(
            f'How long to wait for {operation}, such as "90s" or "1h30m". Default: "{default}".',
            check=Check('must be a duration such as "30m" or "1h30m"', is_duration),
        )
        for operation, default in defaults.items()
    }
    annotations = dict.fromkeys(defaults, str | None)
    return type("Timeouts", (Timeouts,), {"__annotations__": annotations, **words})


def attributes(model: type[Model]) -> dict[str, Attribute]:
    """The attributes and blocks of the model by name, with their types."""
    object_type(model)
    return model._declared


def object_type(model: type[Model]) -> Object:
    """The Terraform type of the model's values; the annotations are read on the first call."""
    found: Object | None = vars(model).get("_type")
    if found is None:
        hints = get_type_hints(model)
        for name, a in model._declared.items():
            said = _timeouts_model(a.durations) if a.durations else hints[name]
            a.resolve(name, meaning(said), model._declared)
        found = Object({name: a.type for name, a in model._declared.items()})
        model._converted = [
            (name, a.hint) for name, a in model._declared.items() if a.hint.read is not _as_it_is
        ]
        model._stored_otherwise = any(
            a.write_only
            or (a.block and a.nesting != "single")
            or (a.model is not None and a.model._stored_otherwise)
            for a in model._declared.values()
        )
        model._type = found  # last: other threads take it for the sign that all is there
    return found


def is_stored_otherwise(model: type[Model]) -> bool:
    """Something in values of the model is write-only, or a block that is never null."""
    object_type(model)
    return model._stored_otherwise


def every_attribute(
    model: type[Model], fields: Fields, at: Path = ()
) -> Iterator[tuple[Attribute, Fields, Path]]:
    """Each attribute at any depth, with the object that has it, and its path."""
    for name, a in attributes(model).items():
        path = (*at, name)
        yield a, fields, path
        for _, inside, element in a.objects(fields[name], path):
            yield from every_attribute(a.inner, element, inside)


def from_tree(model: type[M], tree: Mapping[str, Tree], path: Path = ()) -> M:
    """The typed value of a tree; sets that are not wholly known stay tuples."""
    object_type(model)
    made = object.__new__(model)
    fields = vars(made)
    fields.update(tree)
    for name, hint in model._converted:
        fields[name] = hint.typed(tree[name], (*path, name))
    return made


def meaning(annotation: Any) -> Hint:
    """What an annotation stands for; TypeError when it stands for no Terraform type."""
    annotation = without_none(annotation)
    if annotation in _PRIMITIVES:
        return _PRIMITIVES[annotation]
    if isinstance(annotation, type) and issubclass(annotation, Model):
        read = partial(from_tree, annotation)
        return Hint(object_type(annotation), read, annotation, "single")
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is tuple:
        parts = [meaning(a) for a in arguments]
        return Hint(Tuple(tuple(p.type for p in parts)), partial(_tuple, parts))
    if origin not in _COLLECTIONS:
        raise TypeError(f"{annotation!r} stands for no Terraform type")
    kind, read_all = _COLLECTIONS[origin]
    element = meaning(arguments[-1])
    if kind == "set" and get_origin(without_none(arguments[-1])) in (list, dict):
        raise TypeError(f"{annotation!r} cannot be: Python has no sets of lists or of dicts")
    model = element.model if element.nesting == "single" else None
    whole = Collection(kind, element.type)
    return Hint(whole, partial(read_all, element), model, kind if model else None)


def without_none(annotation: Any) -> Any:
    """The annotation T of T | None."""
    if get_origin(annotation) not in (UnionType, Union):
        return annotation
    rest = [a for a in get_args(annotation) if a is not NoneType]
    return rest[0] if len(rest) == 1 else annotation


def _as_it_is(value: Tree, _: Path) -> Tree:
    return value


def _whole(value: Tree, path: Path) -> int:
    if not isinstance(value, int):
        raise ConformError("a whole number", value, path)
    return value


def _tuple(parts: list[Hint], value: Tree, path: Path) -> Any:
    return tuple(parts[i].typed(v, (*path, i)) for i, v in enumerate(value))


def _list(element: Hint, value: Tree, path: Path) -> Any:
    return [element.typed(v, (*path, i)) for i, v in enumerate(value)]


def _set(element: Hint, value: Tree, path: Path) -> Any:
    elements = (element.typed(v, path) for v in value)
    return frozenset(elements) if wholly_known(value) else tuple(elements)


def _map(element: Hint, value: Tree, path: Path) -> Any:
    return {key: element.typed(v, (*path, Key(key))) for key, v in value.items()}


_PRIMITIVES: Final[dict[Any, Hint]] = {
    str: Hint(STRING, _as_it_is),
    bool: Hint(BOOL, _as_it_is),
    int: Hint(NUMBER, _whole),
    float: Hint(NUMBER, lambda value, _: float(value), same=lambda a, b: float(a) == float(b)),
    Decimal: Hint(NUMBER, lambda value, _: Decimal(value)),
    Any: Hint(DYNAMIC, _as_it_is),
}
_COLLECTIONS: Final[dict[Any, tuple[Literal["list", "set", "map"], Callable[..., Any]]]] = {
    list: ("list", _list),
    frozenset: ("set", _set),
    dict: ("map", _map),
}

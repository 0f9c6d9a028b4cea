"""A class body is the schema: attributes declared once, typed for people and for Terraform.

A subclass of Model names its attributes with annotations and the words required, optional,
computed, block and timeouts. The annotations are read at run time: str, bool, int, float,
Decimal, Any (Terraform's dynamic), list[T], frozenset[T], dict[str, T], tuple[A, B],
`T | None`, and other models (nested attributes, or blocks).
Protocol: Schema, Schema.Attribute, Schema.Object, Schema.NestedBlock.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from types import NoneType, UnionType
from typing import (
    Any,
    ClassVar,
    Final,
    Literal,
    NamedTuple,
    TypeAlias,
    Union,
    dataclass_transform,
    get_args,
    get_origin,
    get_type_hints,
)

from provider.bridge.checks import Across, Check
from provider.bridge.conform import conform
from provider.bridge.durations import is_duration, seconds
from provider.bridge.values import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    UNKNOWN,
    Collection,
    Object,
    Tree,
    Tuple,
    Type,
)

UNSET: Final[Any] = type("Unset", (), {"__repr__": lambda _: "UNSET"})()

Nesting: TypeAlias = Literal["single", "list", "set", "map"]

_PRIMITIVES: Final[dict[Any, Type]] = {
    str: STRING,
    bool: BOOL,
    int: NUMBER,
    float: NUMBER,
    Decimal: NUMBER,
    Any: DYNAMIC,
}
_COLLECTIONS: Final[dict[Any, Literal["list", "set", "map"]]] = {
    list: "list",
    frozenset: "set",
    dict: "map",
}


class Change(NamedTuple):
    """How one attribute changes, as a `replace` predicate sees it."""

    prior: Any
    planned: Any
    config: Any


def if_configured(change: Change) -> bool:
    """For `replace`: only a value the practitioner sets needs another object."""
    return change.config is not None


@dataclass(eq=False)
class Attribute:
    """One attribute or nested block: what it is, who sets it, and how it is planned."""

    doc: str
    _: KW_ONLY
    required: bool = False
    optional: bool = False
    computed: bool = False
    default: Tree = UNSET
    stable: bool = False
    replace: bool | Callable[[Change], bool] = False
    create_only: bool = False
    when_removed: Tree = UNSET
    same: Callable[[Any, Any], bool] | None = None
    check: Check | Across | Sequence[Check | Across] = ()
    sensitive: bool = False
    write_only: bool = False
    deprecated: str = ""
    block: bool = False
    min_items: int = 0
    max_items: int = 0
    durations: dict[str, float] | None = None  # the defaults, for a timeouts block
    model: builtins.type[Model] | None = None  # of the elements, when there are any

    # Read from the annotation:
    name: str = field(init=False)
    hint: Any = field(init=False)  # without None
    type: Type = field(init=False)
    nesting: Nesting | None = field(init=False)

    def __post_init__(self) -> None:
        # A value the provider chooses is one Terraform allows in computed attributes only.
        chosen = self.default is not UNSET or self.when_removed is not UNSET
        self.computed = self.computed or chosen or self.create_only
        checks = [self.check] if isinstance(self.check, Check | Across) else self.check
        self.checks = [c for c in checks if isinstance(c, Check)]
        self.across = [c for c in checks if isinstance(c, Across)]

    @property
    def inner(self) -> builtins.type[Model]:
        """The model of the nested objects, where there are any."""
        if self.model is None:
            raise TypeError(f"{self.name} has no nested objects")
        return self.model

    def resolve(self, name: str, annotation: Any) -> None:
        """Take name and type from the annotation the class body gives."""
        self.name, self.hint = name, without_none(annotation)
        if self.durations is None:
            self.model, self.nesting = _nested(self.hint)
        else:
            self.hint, self.nesting = self.model, "single"
        self.type = terraform_type(self.hint)
        if self.default is not UNSET:
            self.default = conform(self.type, self.default, (name,))
        if self.when_removed is not UNSET:
            self.when_removed = conform(self.type, self.when_removed, (name,))

    def replaces(self, change: Change) -> bool:
        """The change needs another object; one to an unknown value may, so it does."""
        if not self.replace or change.prior == change.planned:
            return False
        if self.replace is True or change.planned is UNKNOWN:
            return True
        return self.replace(change)


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
    words = {
        operation: optional(
            f'How long to wait for {operation}, such as "90s" or "1h30m". Default: "{default}".',
            check=Check('must be a duration such as "30m" or "1h30m"', is_duration),
        )
        for operation, default in defaults.items()
    }
    annotations = dict.fromkeys(defaults, "str | None")
    body = {"__annotations__": annotations, "__module__": __name__, **words}
    return Attribute(
        "How long operations may take.",
        optional=True,
        block=True,
        model=type("Timeouts", (Model,), body),
        durations={operation: seconds(text) for operation, text in defaults.items()},
    )


@dataclass_transform(
    kw_only_default=True,
    frozen_default=True,
    field_specifiers=(required, optional, computed, block, timeouts),
)
class Model:
    """Base of the classes that are schema and typed value at once. Instances do not change."""

    _declared: ClassVar[dict[str, Attribute]] = {}
    _type: ClassVar[Object]

    def __init_subclass__(cls) -> None:
        own = {name: word for name, word in vars(cls).items() if isinstance(word, Attribute)}
        cls._declared = cls._declared | own
        for name in own:
            delattr(cls, name)

    def __init__(self, **values: Any) -> None:
        if strange := values.keys() - self._declared.keys():
            raise TypeError(f"{type(self).__name__} has no attribute {sorted(strange)}")
        for name in self._declared:
            object.__setattr__(self, name, values.get(name))

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


def attributes(model: type[Model]) -> dict[str, Attribute]:
    """The attributes and blocks of the model by name, with their types."""
    object_type(model)
    return model._declared


def object_type(model: type[Model]) -> Object:
    """The Terraform type of the model's values; the annotations are read on the first call."""
    found: Object | None = vars(model).get("_type")
    if found is None:
        hints = get_type_hints(model)
        for name, attribute in model._declared.items():
            attribute.resolve(name, hints[name])
        found = Object({name: a.type for name, a in model._declared.items()})
        model._type = found
    return found


def terraform_type(hint: Any) -> Type:
    """The Terraform type that an annotation stands for; TypeError when it stands for none."""
    hint = without_none(hint)
    if hint in _PRIMITIVES:
        return _PRIMITIVES[hint]
    if isinstance(hint, type) and issubclass(hint, Model):
        return object_type(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in _COLLECTIONS:
        return Collection(_COLLECTIONS[origin], terraform_type(arguments[-1]))
    if origin is tuple:
        return Tuple(tuple(map(terraform_type, arguments)))
    raise TypeError(f"{hint!r} stands for no Terraform type")


def without_none(hint: Any) -> Any:
    """The annotation T of T | None."""
    if get_origin(hint) not in (UnionType, Union):
        return hint
    rest = [a for a in get_args(hint) if a is not NoneType]
    return rest[0] if len(rest) == 1 else hint


def _nested(hint: Any) -> tuple[type[Model] | None, Nesting | None]:
    if isinstance(hint, type) and issubclass(hint, Model):
        return hint, "single"
    arguments = get_args(hint)
    element = without_none(arguments[-1]) if arguments else None
    if isinstance(element, type) and issubclass(element, Model):
        return element, _COLLECTIONS[get_origin(hint)]
    return None, None

"""One attribute or block of a schema, as it is declared, and the objects nested in its values."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias

from provider.bridge.checks import Across, Check
from provider.bridge.diagnostics import Key, Path
from provider.bridge.types import Type, conform
from provider.bridge.values import UNKNOWN, Tree, UnknownUsedError, as_set, known

if TYPE_CHECKING:
    from provider.bridge.schema import Model

UNSET: Final[Any] = type("Unset", (), {"__repr__": lambda _: "UNSET"})()

Nesting: TypeAlias = Literal["single", "list", "set", "map"]


class Change(NamedTuple):
    """How one attribute changes, as the functions for `replace` and `modify` see it."""

    prior: Any
    planned: Any
    config: Any


def if_configured(change: Change) -> bool:
    """For `replace`: only a value the practitioner sets needs another object."""
    return change.config is not None


def if_known(change: Change) -> bool:
    """For `replace`: only a known other value needs another object.

    While it is unknown, an update is planned: nothing is destroyed for a value that may turn out
    to be the same. Terraform refuses the apply when it turns out to be another.
    """
    return known(change.planned)


class Hint(NamedTuple):
    """What an annotation stands for: a type, and how values of it are given to people."""

    type: Type
    read: Callable[[Tree, Path], Any]
    model: builtins.type[Model] | None = None  # of the nested objects, where there are any
    nesting: Nesting | None = None
    same: Callable[[Any, Any], bool] | None = None  # values that are given alike

    def typed(self, value: Tree, path: Path = ()) -> Any:
        """The value as the annotation says: models, frozen sets, exact integers."""
        return value if value is None or value is UNKNOWN else self.read(value, path)


class Attribute:
    """One attribute or nested block: what it is, who sets it, and how it is planned."""

    required: bool = False
    optional: bool = False
    computed: bool = False
    default: Tree = UNSET
    stable: bool = False
    replace: bool | Callable[[Change], bool] = False
    create_only: bool = False
    when_removed: Tree = UNSET
    same: Callable[[Any, Any], bool] | None = None
    modify: Callable[[Change], Any] | None = None
    check: Check | Across | Sequence[Check | Across] = ()
    sensitive: bool = False
    write_only: bool = False
    deprecated: str = ""
    block: bool = False
    min_items: int = 0
    max_items: int = 0
    durations: dict[str, str] | None = None  # the defaults, for a timeouts block

    # Read from the annotation:
    name: str
    hint: Hint
    type: Type
    model: builtins.type[Model] | None
    nesting: Nesting | None
    beside: dict[str, Attribute]  # the attributes of the same object, this one included

    def __init__(self, doc: str, **options: Any) -> None:
        if strange := [name for name in options if not hasattr(Attribute, name)]:
            raise TypeError(f"an attribute has no option {strange}")
        self.doc = doc
        vars(self).update(options)
        # A value the provider chooses is one Terraform allows in computed attributes only.
        chosen = self.default is not UNSET or self.when_removed is not UNSET
        self.computed = self.computed or chosen or (self.create_only and not self.required)
        if self.required and self.computed:
            raise TypeError("a required attribute is not computed, and has no other value")
        checks = [self.check] if isinstance(self.check, Check | Across) else self.check
        self.checks = [c for c in checks if isinstance(c, Check)]
        self.across = [c for c in checks if isinstance(c, Across)]

    @property
    def inner(self) -> builtins.type[Model]:
        """The model of the nested objects, where there are any."""
        if self.model is None:
            raise TypeError(f"{self.name} has no nested objects")
        return self.model

    def resolve(self, name: str, hint: Hint, beside: dict[str, Attribute]) -> None:
        """Take name and type from what the class body says; TypeError when they do not fit."""
        self.name, self.hint, self.beside = name, hint, beside
        self.type, self.model, self.nesting = hint.type, hint.model, hint.nesting
        self.same = self.same or hint.same
        if self.nesting == "map" and (self.min_items or self.max_items):
            raise TypeError(f"{name}: bound the blocks of a map with check=length(…)")
        inside = vars(self.model)["_declared"].values() if self.model else ()
        if any(a.when_removed is not UNSET for a in inside):
            raise TypeError(f"{name}: what is inside has no when_removed")
        for option in ("default", "when_removed"):
            if (value := getattr(self, option)) is not UNSET:
                setattr(self, option, conform(self.type, value, (name,)))

    def is_given(self, value: Tree) -> bool:
        """A known value is set: Terraform sends blocks that are not there as empty collections."""
        return value is not None and bool(value or not self.block)

    def replaces(self, change: Change) -> bool:
        """The change needs another object; one whose value decides that and is unknown does."""
        if not self.replace or change.prior == change.planned:
            return False
        if self.replace is True or (change.config is UNKNOWN and self.replace is not if_known):
            return True
        try:
            return self.replace(change)
        except UnknownUsedError:
            return True

    def elements(self, value: Tree) -> dict[Any, Tree]:
        """What is nested in a value, by its step: None for single; nothing in null or unknown."""
        if self.model is None or value is None or value is UNKNOWN:
            return {}
        match self.nesting:
            case "single":
                return {None: value}
            case "map":
                return {Key(key): element for key, element in value.items()}
        return dict(enumerate(value))

    def assembled(self, elements: dict[Any, Tree]) -> Tree:
        """The value in which these are nested."""
        match self.nesting:
            case "single":
                return elements[None]
            case "map":
                return {str(key): element for key, element in elements.items()}
            case "set":
                return as_set(list(elements.values()))
        return list(elements.values())

    def changed(self, value: Tree, change: Callable[[Any, dict[str, Tree]], Tree]) -> Tree:
        """The value with each of its nested objects changed."""
        return self.assembled(
            {
                step: change(step, element) if isinstance(element, dict) else element
                for step, element in self.elements(value).items()
            }
        )

    def objects(self, value: Tree, path: Path) -> Iterator[tuple[Any, Path, dict[str, Tree]]]:
        """The nested objects in a value with step and path; Terraform knows no path into a set."""
        for step, element in self.elements(value).items():
            if isinstance(element, dict):
                whole = step is None or self.nesting == "set"
                yield step, path if whole else (*path, step), element

"""Models from trees, trees from models, and models from what an API answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar, get_args, get_origin

from provider.bridge.conform import ConformError, conform
from provider.bridge.diagnostics import Key, Path
from provider.bridge.schema import (
    Attribute,
    Model,
    attributes,
    object_type,
    without_none,
)
from provider.bridge.values import UNKNOWN, Tree, wholly_known, without_unknowns

M = TypeVar("M", bound=Model)


def from_tree(model: type[M], tree: Mapping[str, Tree]) -> M:
    """The typed value of a tree; sets that are not wholly known stay tuples."""
    return model(
        **{name: typed(a.hint, tree[name], (name,)) for name, a in attributes(model).items()}
    )


def to_tree(model: Model) -> dict[str, Tree]:
    """The tree of a typed value; ConformError when it does not keep to its own types."""
    tree: dict[str, Tree] = conform(object_type(type(model)), _plain(model))
    return storable(type(model), tree)


def salvaged(model: Model) -> dict[str, Tree]:
    """The tree of what can be told of a typed value, null where it breaks its own types."""
    tree = {}
    for name, a in attributes(type(model)).items():
        try:
            tree[name] = conform(a.type, _plain(getattr(model, name)))
        except ConformError:
            tree[name] = None
    return storable(type(model), without_unknowns(tree))


def from_json(model: type[M], payload: Mapping[str, Any], **more: Any) -> M:
    """The model filled with the keys of an API's answer that it knows, and with `more`."""
    known = {name: payload.get(name) for name in attributes(model)} | more
    plain = {name: _plain_json(a, known[name]) for name, a in attributes(model).items()}
    return from_tree(model, conform(object_type(model), plain))


def configured(model: Model) -> dict[str, Any]:
    """What the practitioner can set and what is known and not null, by name."""
    return {
        name: value
        for name, a in attributes(type(model)).items()
        if (a.required or a.optional) and not a.block
        for value in [getattr(model, name)]
        if value is not None and value is not UNKNOWN
    }


def replaced(model: M, **changes: Any) -> M:
    """The same model with some attributes changed."""
    return type(model)(**(vars(model) | changes))


def storable(
    model: type[Model], tree: dict[str, Tree], *, write_only: bool = False
) -> dict[str, Tree]:
    """The tree as Terraform stores it: absent blocks empty, nothing that is write-only.

    With `write_only`, as a configuration holds it.
    """
    for name, a in attributes(model).items():
        value = tree[name]
        if a.write_only and not write_only:
            tree[name] = None
        elif a.block and value is None and a.nesting != "single":
            tree[name] = {} if a.nesting == "map" else []
        elif a.model is not None and value is not None and value is not UNKNOWN:
            for _, element in elements(a, value):
                if isinstance(element, dict):
                    storable(a.model, element, write_only=write_only)
    return tree


def elements(attribute: Attribute, value: Tree) -> list[tuple[str | int | None, Tree]]:
    """The nested objects in a value, each with its step: none for single."""
    match attribute.nesting:
        case "single":
            return [(None, value)]
        case "map":
            return [(Key(key), element) for key, element in value.items()]
        case _:
            return list(enumerate(value))


def each_element(
    a: Attribute, value: Tree, change: Callable[[Any, dict[str, Tree]], dict[str, Tree]]
) -> Tree:
    """The value with each of its nested objects changed."""
    changed = {
        step: change(step, element) if isinstance(element, dict) else element
        for step, element in elements(a, value)
    }
    if a.nesting == "single":
        return changed[None]
    return changed if a.nesting == "map" else list(changed.values())


def _plain(value: Any) -> Any:
    match value:
        case Model():
            return {name: _plain(v) for name, v in vars(value).items()}
        case dict():
            return {key: _plain(v) for key, v in value.items()}
        case list() | tuple() | frozenset() if type(value) in (list, tuple, frozenset):
            return [_plain(v) for v in value]
    return value


def _plain_json(attribute: Attribute, value: Any) -> Any:
    """An API's value cut to the keys the nested model knows."""
    if attribute.model is None or value is None or value is UNKNOWN:
        return value
    inner = attributes(attribute.model)

    def cut(element: Any) -> Any:
        if isinstance(element, Mapping):
            return {name: _plain_json(a, element.get(name)) for name, a in inner.items()}
        return _plain(element)

    if attribute.nesting == "single":
        return cut(value)
    if attribute.nesting == "map":
        return {key: cut(element) for key, element in value.items()}
    return [cut(element) for element in value]


def typed(hint: Any, value: Tree, path: Path = ()) -> Any:
    """The value as the annotation says: models, frozen sets, exact integers."""
    hint = without_none(hint)
    if value is None or value is UNKNOWN or hint is Any:
        return value
    if isinstance(hint, type) and issubclass(hint, Model):
        return from_tree(hint, value)
    if hint is int and not isinstance(value, int):
        raise ConformError("a whole number", value, path)
    if hint in (float, Decimal):
        return hint(value)
    return _typed_collection(hint, value, path)


def _typed_collection(hint: Any, value: Tree, path: Path) -> Any:
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is dict:
        return {k: typed(arguments[1], v, (*path, Key(k))) for k, v in value.items()}
    if origin is tuple:
        return tuple(typed(arguments[i], v, (*path, i)) for i, v in enumerate(value))
    if origin in (list, frozenset):
        # Terraform knows no path into a set.
        items = [
            typed(arguments[0], v, (*path, i) if origin is list else path)
            for i, v in enumerate(value)
        ]
        if origin is list:
            return items
        return frozenset(items) if wholly_known(value) else tuple(items)
    return value

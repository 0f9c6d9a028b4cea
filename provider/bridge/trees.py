"""Trees from models, and models from what an API answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provider.bridge.schema import (
    M,
    Model,
    attributes,
    every_attribute,
    from_tree,
    is_stored_otherwise,
    object_type,
)
from provider.bridge.types import PAYLOAD, ConformError, conform
from provider.bridge.values import Fields, without_unknowns


def to_tree(model: Model) -> Fields:
    """The tree of a typed value; ConformError when it does not keep to its own types."""
    return storable(type(model), conform(object_type(type(model)), model))


def salvaged(model: Model) -> Fields:
    """The tree of what can be told of a typed value, null where it breaks its own types."""
    tree = {}
    for name, a in attributes(type(model)).items():
        try:
            tree[name] = conform(a.type, getattr(model, name))
        except ConformError:
            tree[name] = None
    return storable(type(model), without_unknowns(tree))


def from_json(model: type[M], payload: Mapping[str, Any], **more: Any) -> M:
    """The model filled with the keys of an API's answer that it knows, and with `more`."""
    return from_tree(model, conform(object_type(model), {**payload, **more}, (), PAYLOAD))


def replaced(model: M, **changes: Any) -> M:
    """The same model with some attributes changed."""
    return type(model)(**(vars(model) | changes))


def storable(model: type[Model], tree: Fields, *, write_only: bool = False) -> Fields:
    """The tree as Terraform stores it: absent blocks empty, nothing that is write-only.

    With `write_only`, as a configuration holds it.
    """
    for a, fields, _ in every_attribute(model, tree) if is_stored_otherwise(model) else ():
        if a.write_only and not write_only:
            fields[a.name] = None
        elif a.block and fields[a.name] is None and a.nesting != "single":
            fields[a.name] = {} if a.nesting == "map" else []
    return tree

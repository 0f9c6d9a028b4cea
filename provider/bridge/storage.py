"""What Terraform has stored, as an object of today, and as a configuration.

Protocol: UpgradeResourceState, GenerateResourceConfig.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from provider.bridge import codec
from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.resource import Resource
from provider.bridge.schema import Model, attributes, from_tree, object_type
from provider.bridge.trees import storable
from provider.bridge.types import conform
from provider.bridge.values import Fields, Tree


def upgraded(version: int, state: dict[str, Any], current: int, upgraders: Any) -> dict[str, Any]:
    """A stored state of an older schema version, brought to the current one step by step."""
    for step in range(version, current):
        upgrade: Callable[[dict[str, Any]], dict[str, Any]] | None = upgraders.get(step)
        if upgrade is None:
            raise DiagnosticError(
                "State cannot be upgraded",
                f"The state has schema version {version}; there is no way from {step} to "
                f"{step + 1}.",
            )
        state = upgrade(state)
    return state


def stored(model: type[Model], state: dict[str, Any]) -> Fields:
    """A stored state as a tree; attributes it lacks are null, ones it has too many dropped."""
    return storable(model, codec.tree_of(object_type(model), state))


def generated_config(resource: Resource[Any, Any], state: Fields) -> Fields:
    """The configuration that describes a state: what the practitioner can set of it."""
    own = resource.generated_config(from_tree(resource.model, state))
    config = _settable(resource.model, state) | dict(own)
    return storable(resource.model, conform(object_type(resource.model), config))


def _settable(model: type[Model], state: Fields) -> Fields:
    """What a configuration can say of a state: nothing that only the provider sets."""

    def part(a: Attribute, value: Tree) -> Tree:
        if value is None or a.deprecated or not (a.required or a.optional):
            return None
        if a.model is None:
            return value
        return a.changed(value, lambda _, element: _settable(a.inner, element))

    return {name: part(a, state[name]) for name, a in attributes(model).items()}

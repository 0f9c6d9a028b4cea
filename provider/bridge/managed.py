"""The RPCs of managed resources: messages to the life cycle, and the fields of the answers.

Protocol: UpgradeResourceState to ImportResourceState, MoveResourceState, GenerateResourceConfig,
identity.
"""

from __future__ import annotations

from typing import Any

from provider.bridge import codec
from provider.bridge.attribute import Attribute
from provider.bridge.call import Call
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.lifecycle import Instance
from provider.bridge.messages import (
    Answer,
    attribute_path,
    diagnostics,
    identity,
    identity_type,
    value,
)
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.resource import kept_in
from provider.bridge.schema import Model, attributes, from_tree, object_type
from provider.bridge.trees import storable, to_tree
from provider.bridge.types import conform
from provider.bridge.values import Fields, Tree


def upgrade_resource_state(call: Call) -> Answer:
    """The stored state in the current schema; touches nothing but the bytes."""
    part, version, raw = call.part, call.request.version, _stored(call.request.raw_state)
    state = _upgraded(version, raw, part.version, part.upgraders)
    return {"upgraded_state": value(_of_today(call.model, state))}


def upgrade_resource_identity(call: Call) -> Answer:
    """The stored identity in the current identity schema."""
    part, version, raw = call.part, call.request.version, _stored(call.request.raw_identity)
    upgraded = _upgraded(version, raw, part.identity_version, part.identity_upgraders)
    return {"upgraded_identity": identity(part, upgraded)}


def _stored(raw: pb.RawState) -> dict[str, Any]:
    if not raw.json:
        raise DiagnosticError("State is too old", "It was written by Terraform before 0.12.")
    state = codec.parse_json(raw.json)
    if not isinstance(state, dict):
        raise codec.CodecError("A stored state is an object.")
    return state


def _upgraded(version: int, state: dict[str, Any], current: int, upgraders: Any) -> dict[str, Any]:
    """A stored state of an older schema version, brought to the current one step by step."""
    for step in range(version, current):
        if step not in upgraders:
            raise DiagnosticError(
                "State cannot be upgraded",
                f"The state has schema version {version}; there is no way from {step} to "
                f"{step + 1}.",
            )
        state = upgraders[step](state)
    return state


def _of_today(model: type[Model], state: dict[str, Any]) -> Fields:
    """A stored state as a tree; attributes it lacks are null, ones it has too many dropped."""
    return storable(model, codec.tree_of(object_type(model), state))


def read_resource(call: Call) -> Answer:
    """The object as it is, null only when it is certainly gone."""
    prior = call.fields("current_state")
    ctx = call.context(call.request.private, prior)
    state = Instance(call.part, ctx).read(prior)
    return {
        "new_state": value(state),
        "private": ctx.private_bytes(),
        "new_identity": identity(call.part, state),
    }


def plan_resource_change(call: Call) -> Answer:
    """What the apply will do."""
    prior, proposed = call.tree("prior_state"), call.tree("proposed_new_state")
    # Terraform hands over what an object kept that the refresh has found to be gone.
    kept = call.request.prior_private if prior is not None else b""
    ctx = call.context(kept, unconfigured=True)
    ctx.first_plan = kept_in(call.request.planned_private).get("own", {})
    planned = Instance(call.part, ctx, call.tree("config")).plan(prior, proposed)
    state = None if proposed is None else planned.state
    return {
        "planned_state": value(state),
        "requires_replace": map(attribute_path, planned.replacements),
        "planned_private": ctx.private_bytes(),
        "planned_identity": identity(call.part, state),
        "deferred": call.deferral(ctx.deferred),
    }


def apply_resource_change(call: Call) -> Answer:
    """What was achieved, with the error when that is not all."""
    prior, planned = call.tree("prior_state"), call.tree("planned_state")
    call.verb = "delete" if planned is None else "create" if prior is None else "update"
    ctx = call.context(call.request.planned_private, planned or prior)
    applied = Instance(call.part, ctx, call.tree("config")).apply(prior, planned)
    return {
        "new_state": value(applied.state),
        "private": ctx.private_bytes(),
        "diagnostics": diagnostics(call.diagnose(applied.error) if applied.error else []),
        "new_identity": identity(call.part, applied.state),
    }


def import_resource_state(call: Call) -> Answer:
    """As much of the state as the read that follows needs."""
    ctx = call.context()
    if call.request.HasField("identity"):
        given = codec.decode(identity_type(call.part), call.request.identity.identity_data.msgpack)
        state = _of_today(call.model, given)
        call.part.check_import(ctx, from_tree(call.model, state))
    else:
        state = to_tree(call.part.import_state(ctx, call.request.id))
    imported = {
        "type_name": call.name,
        "state": value(state),
        "private": ctx.private_bytes(),
        "identity": identity(call.part, state),
    }
    return {"imported_resources": [imported]}


def move_resource_state(call: Call) -> Answer:
    """The state of an object that another type or provider managed, as one of ours."""
    source, type_name = call.request.source_provider_address, call.request.source_type_name
    moved = call.part.move(source, type_name, _stored(call.request.source_state))
    if moved is None:
        raise DiagnosticError(
            "Resource cannot be moved", f"A {type_name} of {source} cannot become a {call.name}."
        )
    state = to_tree(moved)
    return {
        "target_state": value(state),
        "target_private": call.request.source_private,
        "target_identity": identity(call.part, state),
    }


def generate_resource_config(call: Call) -> Answer:
    """The configuration that describes a state."""
    model, state = call.model, call.fields("state")
    own = call.part.generated_config(from_tree(model, state))
    config = conform(object_type(model), _settable(model, state) | dict(own))
    return {"config": value(storable(model, config))}


def _settable(model: type[Model], state: Fields) -> Fields:
    """What a configuration can say of a state: nothing that only the provider sets."""

    def part(a: Attribute, value: Tree) -> Tree:
        if value is None or a.deprecated or not (a.required or a.optional):
            return None
        if a.model is None:
            return value
        return a.changed(value, lambda _, element: _settable(a.inner, element))

    return {name: part(a, state[name]) for name, a in attributes(model).items()}

"""The RPCs of managed resources: messages to the life cycle and back.

Protocol: UpgradeResourceState to ImportResourceState, MoveResourceState, identity.
"""

from __future__ import annotations

from typing import Any

from provider.bridge import codec, lifecycle, messages, storage
from provider.bridge.call import Call
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.plan import Fields
from provider.bridge.trees import from_tree, to_tree
from provider.bridge.values import UNKNOWN


def upgrade_resource_state(call: Call) -> pb.UpgradeResourceState.Response:
    """The stored state in the current schema; touches nothing but the bytes."""
    resource, raw = call.part, _raw(call.request.raw_state)
    state = storage.upgraded(call.request.version, raw, resource.version, resource.upgraders)
    tree = storage.stored(call.model, state)
    return pb.UpgradeResourceState.Response(upgraded_state=messages.value(call.model, tree))


def _raw(raw: pb.RawState) -> dict[str, Any]:
    if not raw.json:
        raise DiagnosticError("State is too old", "It was written by Terraform before 0.12.")
    state = codec.parse_json(raw.json)
    if not isinstance(state, dict):
        raise codec.CodecError("A stored state is an object.")
    return state


def upgrade_resource_identity(call: Call) -> pb.UpgradeResourceIdentity.Response:
    """The stored identity in the current identity schema."""
    resource, raw = call.part, _raw(call.request.raw_identity)
    version, upgraders = resource.identity_version, resource.identity_upgraders
    identity = storage.upgraded(call.request.version, raw, version, upgraders)
    return pb.UpgradeResourceIdentity.Response(upgraded_identity=_identity(call, identity))


def read_resource(call: Call) -> pb.ReadResource.Response:
    """The object as it is, null only when it is certainly gone."""
    prior = call.fields("current_state")
    ctx = call.context(call.request.private, prior)
    state = lifecycle.read(call.part, ctx, prior)
    return pb.ReadResource.Response(
        new_state=messages.value(call.model, state),
        private=ctx.private_bytes(),
        new_identity=_identity(call, state),
    )


def plan_resource_change(call: Call) -> pb.PlanResourceChange.Response:
    """What the apply will do."""
    config, prior = call.tree("config"), call.tree("prior_state")
    proposed = call.tree("proposed_new_state")
    ctx = call.context(call.request.prior_private, unconfigured=True)
    planned = lifecycle.plan(call.part, ctx, config, prior, proposed)
    state = None if proposed is None else planned.state
    return pb.PlanResourceChange.Response(
        planned_state=messages.value(call.model, state),
        requires_replace=[messages.attribute_path(path) for path in planned.replacements],
        planned_private=ctx.private_bytes(),
        planned_identity=_identity(call, state),
        deferred=messages.UNTIL_CONFIGURED if call.may_be_deferred else None,
    )


def apply_resource_change(call: Call) -> pb.ApplyResourceChange.Response:
    """What was achieved, with the error when that is not all."""
    prior, planned = call.tree("prior_state"), call.tree("planned_state")
    call.verb = "delete" if planned is None else "create" if prior is None else "update"
    ctx = call.context(call.request.planned_private, planned or prior)
    applied = lifecycle.apply(call.part, ctx, prior, planned, call.tree("config"))
    found = call.diagnose(applied.error) if applied.error else []
    return pb.ApplyResourceChange.Response(
        new_state=messages.value(call.model, applied.state),
        private=ctx.private_bytes(),
        diagnostics=messages.diagnostics(found),
        new_identity=_identity(call, applied.state),
    )


def import_resource_state(call: Call) -> pb.ImportResourceState.Response:
    """As much of the state as the read that follows needs."""
    ctx = call.context()
    if call.request.HasField("identity"):
        type_ = messages.identity_type(type(call.part))
        given = codec.decode(type_, call.request.identity.identity_data.msgpack)
        state = storage.stored(call.model, given)
        call.part.check_import(ctx, from_tree(call.model, state))
    else:
        state = to_tree(call.part.import_state(ctx, call.request.id))
    imported = pb.ImportResourceState.ImportedResource(
        type_name=call.name,
        state=messages.value(call.model, state),
        private=ctx.private_bytes(),
        identity=_identity(call, state),
    )
    return pb.ImportResourceState.Response(imported_resources=[imported])


def move_resource_state(call: Call) -> pb.MoveResourceState.Response:
    """The state of an object that another type or provider managed, as one of ours."""
    source, type_name = call.request.source_provider_address, call.request.source_type_name
    moved = call.part.move(source, type_name, _raw(call.request.source_state))
    if moved is None:
        raise DiagnosticError(
            "Resource cannot be moved", f"A {type_name} of {source} cannot become a {call.name}."
        )
    state = to_tree(moved)
    return pb.MoveResourceState.Response(
        target_state=messages.value(call.model, state),
        target_private=call.request.source_private,
        target_identity=_identity(call, state),
    )


def generate_resource_config(call: Call) -> pb.GenerateResourceConfig.Response:
    """The configuration that describes a state."""
    config = storage.generated_config(call.part, call.fields("state"))
    return pb.GenerateResourceConfig.Response(config=messages.value(call.model, config))


def _identity(call: Call, state: Fields | None) -> pb.ResourceIdentityData | None:
    """The identity of the object in a state, when there is one and all of it is set and known.

    Terraform cannot show a plan with an unknown identity as JSON.
    """
    if not call.part.identity or state is None:
        return None
    if any(state.get(name) in (None, UNKNOWN) for name in call.part.identity):
        return None
    return messages.identity(type(call.part), state)

"""The RPCs of managed resources: messages to the life cycle and back.

Protocol: ValidateResourceConfig to ImportResourceState, MoveResourceState, identity.
"""

from __future__ import annotations

from typing import Any

from provider.bridge import codec, lifecycle, messages
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.host import Host
from provider.bridge.log import Log
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.plan import Fields
from provider.bridge.resource import USUAL_TIME, Context, Resource, allowed_time
from provider.bridge.schema import Model
from provider.bridge.trees import from_tree, to_tree
from provider.bridge.values import wholly_known

AnyResource = Resource[Any, Any]
AnyContext = Context[Any, Any]


def resource_named(host: Host, type_name: str) -> AnyResource:
    """The resource of a type, which Terraform knows from our own schema."""
    if type_name not in host.resources:
        raise DiagnosticError("Unknown resource type", f"There is no resource {type_name}.")
    return host.resources[type_name]


def provider_meta(host: Host, message: pb.DynamicValue) -> Model | None:
    """What the module's `provider_meta` block says, if the provider reads one."""
    model = host.provider.meta_model
    found = messages.tree(model, message) if model else None
    return from_tree(model, found) if model and found else None


def validate_resource_config(
    host: Host, request: pb.ValidateResourceConfig.Request, log: Log
) -> pb.ValidateResourceConfig.Response:
    """Refuse what is wrong in the configuration by itself."""
    resource = resource_named(host, request.type_name)
    lifecycle.validate(resource.model, messages.fields(resource.model, request.config))
    return pb.ValidateResourceConfig.Response()


def upgrade_resource_state(
    host: Host, request: pb.UpgradeResourceState.Request, log: Log
) -> pb.UpgradeResourceState.Response:
    """The stored state in the current schema; touches nothing but the bytes."""
    resource = resource_named(host, request.type_name)
    state = _raw(request.raw_state)
    state = lifecycle.upgraded(request.version, state, resource.version, resource.upgraders)
    tree = lifecycle.stored(resource.model, state)
    return pb.UpgradeResourceState.Response(upgraded_state=messages.value(resource.model, tree))


def _raw(raw: pb.RawState) -> dict[str, Any]:
    if not raw.json:
        raise DiagnosticError("State is too old", "It was written by Terraform before 0.12.")
    state: dict[str, Any] = codec.parse_json(raw.json)
    return state


def upgrade_resource_identity(
    host: Host, request: pb.UpgradeResourceIdentity.Request, log: Log
) -> pb.UpgradeResourceIdentity.Response:
    """The stored identity in the current identity schema."""
    resource = resource_named(host, request.type_name)
    stored = _raw(request.raw_identity)
    version, upgraders = resource.identity_version, resource.identity_upgraders
    identity = lifecycle.upgraded(request.version, stored, version, upgraders)
    message = messages.identity(type(resource), identity)
    return pb.UpgradeResourceIdentity.Response(upgraded_identity=message)


def read_resource(
    host: Host, request: pb.ReadResource.Request, log: Log
) -> pb.ReadResource.Response:
    """The object as it is, null only when it is certainly gone."""
    resource = resource_named(host, request.type_name)
    prior = messages.fields(resource.model, request.current_state)
    ctx = _context(host, log, request.private, request.provider_meta, resource, prior, "read")
    state = lifecycle.read(resource, ctx, prior)
    return pb.ReadResource.Response(
        new_state=messages.value(resource.model, state),
        private=ctx.private_bytes(),
        diagnostics=messages.diagnostics(ctx.warnings),
        new_identity=_identity(resource, state),
    )


def plan_resource_change(
    host: Host, request: pb.PlanResourceChange.Request, log: Log
) -> pb.PlanResourceChange.Response:
    """What the apply will do."""
    resource = resource_named(host, request.type_name)
    model = resource.model
    prior = messages.tree(model, request.prior_state)
    config, proposed = (
        messages.tree(model, m) for m in (request.config, request.proposed_new_state)
    )
    ctx = _context(host, log, request.prior_private, request.provider_meta, resource, None, "plan")
    try:
        planned = lifecycle.plan(resource, ctx, config, prior, proposed)
    except Exception as error:
        found = host.diagnose(error, resource.name, "plan")
        return pb.PlanResourceChange.Response(
            diagnostics=messages.diagnostics([*found, *ctx.warnings])
        )
    state = None if proposed is None else planned.state
    return pb.PlanResourceChange.Response(
        planned_state=messages.value(model, state),
        requires_replace=[messages.attribute_path(path) for path in planned.replacements],
        planned_private=ctx.private_bytes(),
        diagnostics=messages.diagnostics(ctx.warnings),
        planned_identity=_identity(resource, state),
    )


def apply_resource_change(
    host: Host, request: pb.ApplyResourceChange.Request, log: Log
) -> pb.ApplyResourceChange.Response:
    """What was achieved, with the error when that is not all."""
    resource = resource_named(host, request.type_name)
    model = resource.model
    prior, planned, config = (
        messages.tree(model, m)
        for m in (request.prior_state, request.planned_state, request.config)
    )
    verb = "delete" if planned is None else "create" if prior is None else "update"
    meta, limits = request.provider_meta, planned or prior
    ctx = _context(host, log, request.planned_private, meta, resource, limits, verb)
    applied = lifecycle.apply(resource, ctx, prior, planned, config)
    found = host.diagnose(applied.error, resource.name, verb) if applied.error else []
    return pb.ApplyResourceChange.Response(
        new_state=messages.value(model, applied.state),
        private=ctx.private_bytes(),
        diagnostics=messages.diagnostics([*found, *ctx.warnings]),
        new_identity=_identity(resource, applied.state),
    )


def import_resource_state(
    host: Host, request: pb.ImportResourceState.Request, log: Log
) -> pb.ImportResourceState.Response:
    """As much of the state as the read that follows needs."""
    resource = resource_named(host, request.type_name)
    ctx = _context(host, log, b"", pb.DynamicValue(), resource, None, "import")
    if request.HasField("identity"):
        type_ = messages.identity_type(type(resource))
        given = codec.decode(type_, request.identity.identity_data.msgpack)
        state = lifecycle.stored(resource.model, given)
        resource.check_import(ctx, from_tree(resource.model, state))
    else:
        state = to_tree(resource.import_state(ctx, request.id))
    imported = pb.ImportResourceState.ImportedResource(
        type_name=request.type_name,
        state=messages.value(resource.model, state),
        private=ctx.private_bytes(),
        identity=_identity(resource, state),
    )
    return pb.ImportResourceState.Response(
        imported_resources=[imported], diagnostics=messages.diagnostics(ctx.warnings)
    )


def move_resource_state(
    host: Host, request: pb.MoveResourceState.Request, log: Log
) -> pb.MoveResourceState.Response:
    """The state of an object that another type or provider managed, as one of ours."""
    resource = resource_named(host, request.target_type_name)
    source, type_name = request.source_provider_address, request.source_type_name
    moved = resource.move(source, type_name, _raw(request.source_state))
    if moved is None:
        raise DiagnosticError(
            "Resource cannot be moved",
            f"A {type_name} of {source} cannot become a {request.target_type_name}.",
        )
    state = to_tree(moved)
    return pb.MoveResourceState.Response(
        target_state=messages.value(resource.model, state),
        target_identity=_identity(resource, state),
    )


def generate_resource_config(
    host: Host, request: pb.GenerateResourceConfig.Request, log: Log
) -> pb.GenerateResourceConfig.Response:
    """The configuration that describes a state."""
    resource = resource_named(host, request.type_name)
    state = messages.fields(resource.model, request.state)
    config = lifecycle.generated_config(resource, state)
    return pb.GenerateResourceConfig.Response(config=messages.value(resource.model, config))


def _identity(resource: AnyResource, state: Fields | None) -> pb.ResourceIdentityData | None:
    """The identity, once it is known: Terraform cannot show a plan with an unknown one as JSON."""
    if state is None or not resource.identity:
        return None
    if not all(wholly_known(state[name]) for name in resource.identity):
        return None
    return messages.identity(type(resource), state)


def _context(  # noqa: PLR0917 - what every operation is made of
    host: Host,
    log: Log,
    private: bytes,
    meta: pb.DynamicValue,
    resource: AnyResource,
    limits: Fields | None,
    verb: str,
) -> AnyContext:
    """The context of one operation, with the time its `timeouts` block allows."""
    model = resource.model
    allowed = allowed_time(from_tree(model, limits), verb) if limits else USUAL_TIME
    return host.context(log, private, provider_meta(host, meta), allowed)

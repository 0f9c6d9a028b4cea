"""The RPCs of all that is not a managed resource.

Protocol: data sources, functions, list resources, ephemeral resources, actions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from provider.bridge import codec, lifecycle, messages
from provider.bridge.diagnostics import FunctionError
from provider.bridge.host import Host
from provider.bridge.log import Log
from provider.bridge.managed import provider_meta, resource_named
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.resource import Context, Empty
from provider.bridge.rules import plan_violations
from provider.bridge.trees import from_tree, to_tree

Active = Callable[[], bool]


def validate_data_resource_config(
    host: Host, request: pb.ValidateDataResourceConfig.Request, log: Log
) -> pb.ValidateDataResourceConfig.Response:
    """Refuse what is wrong in the configuration by itself."""
    model = host.data_sources[request.type_name].model
    lifecycle.validate(model, messages.fields(model, request.config))
    return pb.ValidateDataResourceConfig.Response()


def read_data_source(
    host: Host, request: pb.ReadDataSource.Request, log: Log
) -> pb.ReadDataSource.Response:
    """What was looked up, with the configured values as they are."""
    source = host.data_sources[request.type_name]
    config = messages.fields(source.model, request.config)
    ctx = host.context(log, meta=provider_meta(host, request.provider_meta))
    found = to_tree(source.read(ctx, from_tree(source.model, config)))
    state = {name: found[name] if v is None else v for name, v in config.items()}
    return pb.ReadDataSource.Response(
        state=messages.value(source.model, state), diagnostics=messages.diagnostics(ctx.warnings)
    )


def get_functions(
    host: Host, request: pb.GetFunctions.Request, log: Log
) -> pb.GetFunctions.Response:
    """The signatures of all functions."""
    declared = {name: messages.function(f) for name, f in host.functions.items()}
    return pb.GetFunctions.Response(functions=declared)


def call_function(
    host: Host, request: pb.CallFunction.Request, log: Log
) -> pb.CallFunction.Response:
    """The result, or an error that may point at an argument."""
    function = host.functions[request.name]
    try:
        arguments = [
            codec.decode(function.parameter(i).type, message.msgpack)
            for i, message in enumerate(request.arguments)
        ]
        data = codec.encode(function.returns, function.result(arguments))
    except FunctionError as error:
        refusal = pb.FunctionError(text=str(error), function_argument=error.argument)
        return pb.CallFunction.Response(error=refusal)
    except Exception as error:
        texts = (f"{d.summary}: {d.detail}" for d in host.diagnose(error, request.name, "call"))
        return pb.CallFunction.Response(error=pb.FunctionError(text="; ".join(texts)))
    return pb.CallFunction.Response(result=pb.DynamicValue(msgpack=data))


def validate_list_resource_config(
    host: Host, request: pb.ValidateListResourceConfig.Request, log: Log
) -> pb.ValidateListResourceConfig.Response:
    """Refuse what is wrong in the configuration by itself."""
    model = resource_named(host, request.type_name).list_model or Empty
    lifecycle.validate(model, messages.fields(model, request.config), ("config",))
    return pb.ValidateListResourceConfig.Response()


def list_resource(
    host: Host, request: pb.ListResource.Request, log: Log, active: Active
) -> Iterator[pb.ListResource.Event]:
    """One event per object found, until the limit is reached or nobody listens any more."""
    resource = resource_named(host, request.type_name)
    model = resource.list_model or Empty
    ctx: Context[Any, Any] = host.context(log)
    config = from_tree(model, messages.fields(model, request.config))
    left = request.limit or -1
    for found in resource.list(ctx, config, request.limit):
        if left == 0 or not active():
            return
        left -= 1
        state = to_tree(found)
        yield pb.ListResource.Event(
            identity=messages.identity(type(resource), state),
            display_name=resource.display_name(found),
            resource_object=messages.value(resource.model, state)
            if request.include_resource_object
            else None,
        )
    for warning in messages.diagnostics(ctx.warnings):
        yield pb.ListResource.Event(diagnostic=[warning])


def validate_ephemeral_resource_config(
    host: Host, request: pb.ValidateEphemeralResourceConfig.Request, log: Log
) -> pb.ValidateEphemeralResourceConfig.Response:
    """Refuse what is wrong in the configuration by itself."""
    model = host.ephemerals[request.type_name].model
    lifecycle.validate(model, messages.fields(model, request.config))
    return pb.ValidateEphemeralResourceConfig.Response()


def open_ephemeral_resource(
    host: Host, request: pb.OpenEphemeralResource.Request, log: Log
) -> pb.OpenEphemeralResource.Response:
    """The value, and when it wants to be renewed."""
    ephemeral = host.ephemerals[request.type_name]
    config = messages.fields(ephemeral.model, request.config)
    ctx = host.context(log)
    result = to_tree(ephemeral.open(ctx, from_tree(ephemeral.model, config)))
    violations = plan_violations(ephemeral.model, config, None, result)
    lifecycle.refuse_violations(violations, "open")
    return pb.OpenEphemeralResource.Response(
        result=messages.value(ephemeral.model, result),
        private=ctx.private_bytes(),
        renew_at=_renew_at(ctx),
        diagnostics=messages.diagnostics(ctx.warnings),
    )


def _renew_at(ctx: Context[Any, Any]) -> datetime | None:
    if ctx.renew_after is None:
        return None
    return datetime.now(UTC) + timedelta(seconds=ctx.renew_after)


def renew_ephemeral_resource(
    host: Host, request: pb.RenewEphemeralResource.Request, log: Log
) -> pb.RenewEphemeralResource.Response:
    """When the prolonged value wants to be renewed again."""
    ctx = host.context(log, request.private)
    host.ephemerals[request.type_name].renew(ctx)
    return pb.RenewEphemeralResource.Response(
        private=ctx.private_bytes(),
        renew_at=_renew_at(ctx),
        diagnostics=messages.diagnostics(ctx.warnings),
    )


def close_ephemeral_resource(
    host: Host, request: pb.CloseEphemeralResource.Request, log: Log
) -> pb.CloseEphemeralResource.Response:
    """The value is not needed any more."""
    ctx = host.context(log, request.private)
    host.ephemerals[request.type_name].close(ctx)
    return pb.CloseEphemeralResource.Response(diagnostics=messages.diagnostics(ctx.warnings))


def validate_action_config(
    host: Host, request: pb.ValidateActionConfig.Request, log: Log
) -> pb.ValidateActionConfig.Response:
    """Refuse what is wrong in the configuration by itself."""
    model = host.actions[request.type_name].model
    lifecycle.validate(model, messages.fields(model, request.config))
    return pb.ValidateActionConfig.Response()


def plan_action(host: Host, request: pb.PlanAction.Request, log: Log) -> pb.PlanAction.Response:
    """Refuse early what invoking would refuse."""
    action = host.actions[request.action_type]
    ctx = host.context(log)
    action.plan(ctx, from_tree(action.model, messages.fields(action.model, request.config)))
    return pb.PlanAction.Response(diagnostics=messages.diagnostics(ctx.warnings))


def invoke_action(
    host: Host, request: pb.InvokeAction.Request, log: Log, active: Active
) -> Iterator[pb.InvokeAction.Event]:
    """Progress as it happens, then exactly one completion, failed or not."""
    action = host.actions[request.action_type]
    ctx = host.context(log)
    found = []
    try:
        config = from_tree(action.model, messages.fields(action.model, request.config))
        for message in action.invoke(ctx, config):
            yield pb.InvokeAction.Event(progress=pb.InvokeAction.Event.Progress(message=message))
    except Exception as error:
        found = host.diagnose(error, action.name, "invoke")
    completed = messages.diagnostics([*found, *ctx.warnings])
    yield pb.InvokeAction.Event(completed=pb.InvokeAction.Event.Completed(diagnostics=completed))

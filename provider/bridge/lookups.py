"""The RPCs of all that is not a managed resource.

Protocol: data sources, functions, list resources, ephemeral resources, actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from provider.bridge import codec, lifecycle, messages
from provider.bridge.call import Call
from provider.bridge.diagnostics import DiagnosticError, FunctionError
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.resource import Context
from provider.bridge.trees import from_tree, to_tree


def read_data_source(call: Call) -> pb.ReadDataSource.Response:
    """What was looked up, with the configured values as they are."""
    config = call.fields("config")
    ctx = call.context(limits=config)
    found = to_tree(call.part.read(ctx, from_tree(call.model, config)))
    state = lifecycle.found(call.model, config, found)
    return pb.ReadDataSource.Response(state=messages.value(call.model, state))


def get_functions(call: Call) -> pb.GetFunctions.Response:
    """The signatures of all functions."""
    declared = {name: messages.function(f) for name, f in call.host.functions.items()}
    return pb.GetFunctions.Response(functions=declared)


def call_function(call: Call) -> pb.CallFunction.Response:
    """The result, or an error that may point at an argument."""
    function = call.host.functions.get(call.name)
    if function is None:
        raise DiagnosticError("Unknown function", f"There is no {call.name}.")
    try:
        arguments = [
            codec.decode(function.parameter(i).type, message.msgpack)
            for i, message in enumerate(call.request.arguments)
        ]
        data = codec.encode(function.returns, function.result(arguments))
    except FunctionError as error:
        # Terraform puts the text into a sentence of its own, and ends that.
        text = str(error).removesuffix(".")
        refusal = pb.FunctionError(text=text, function_argument=error.argument)
        return pb.CallFunction.Response(error=refusal)
    return pb.CallFunction.Response(result=pb.DynamicValue(msgpack=data))


def list_resource(call: Call) -> Iterator[pb.ListResource.Event]:
    """One event per object found, until the limit is reached or nobody listens any more."""
    request, resource, ctx = call.request, call.part, call.context()
    config = from_tree(call.model, call.fields("config"))
    for number, found in enumerate(resource.list(ctx, config, request.limit), start=1):
        if not call.awaited():
            return
        state = to_tree(found)
        whole = messages.value(resource.model, state) if request.include_resource_object else None
        yield pb.ListResource.Event(
            identity=messages.identity(type(resource), state),
            display_name=resource.display_name(found),
            resource_object=whole,
        )
        if number == request.limit:
            break
    if warnings := messages.diagnostics(ctx.warnings):
        yield pb.ListResource.Event(diagnostic=warnings)


def open_ephemeral_resource(call: Call) -> pb.OpenEphemeralResource.Response:
    """The value, and when it wants to be renewed."""
    config = call.fields("config")
    ctx = call.context(limits=config)
    result = to_tree(call.part.open(ctx, from_tree(call.model, config)))
    return pb.OpenEphemeralResource.Response(
        result=messages.value(call.model, lifecycle.found(call.model, config, result)),
        private=ctx.private_bytes(),
        renew_at=_renew_at(ctx),
    )


def _renew_at(ctx: Context[Any, Any]) -> datetime | None:
    if ctx.renew_after is None:
        return None
    return datetime.now(UTC) + timedelta(seconds=ctx.renew_after)


def renew_ephemeral_resource(call: Call) -> pb.RenewEphemeralResource.Response:
    """When the prolonged value wants to be renewed again."""
    ctx = call.context(call.request.private)
    call.part.renew(ctx)
    return pb.RenewEphemeralResource.Response(private=ctx.private_bytes(), renew_at=_renew_at(ctx))


def close_ephemeral_resource(call: Call) -> pb.CloseEphemeralResource.Response:
    """The value is not needed any more."""
    call.part.close(call.context(call.request.private))
    return pb.CloseEphemeralResource.Response()


def plan_action(call: Call) -> pb.PlanAction.Response:
    """Refuse early what invoking would refuse."""
    ctx = call.context(unconfigured=True)
    call.part.plan(ctx, from_tree(call.model, call.fields("config")))
    deferred = messages.UNTIL_CONFIGURED if call.may_be_deferred else None
    return pb.PlanAction.Response(deferred=deferred)


def invoke_action(call: Call) -> Iterator[pb.InvokeAction.Event]:
    """Progress as it happens, then exactly one completion; a failure makes that elsewhere."""
    event, config = pb.InvokeAction.Event, call.fields("config")
    ctx = call.context(limits=config)
    for message in call.part.invoke(ctx, from_tree(call.model, config)):
        yield event(progress=event.Progress(message=message))
    yield event(completed=event.Completed(diagnostics=messages.diagnostics(ctx.warnings)))

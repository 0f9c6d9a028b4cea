"""The RPCs of all that is not a managed resource, and the fields of their answers.

Protocol: data sources, functions, list resources, ephemeral resources, actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from provider.bridge import codec, lifecycle, messages
from provider.bridge.call import Call
from provider.bridge.diagnostics import DiagnosticError, FunctionError
from provider.bridge.messages import Answer, value
from provider.bridge.resource import Context
from provider.bridge.schema import from_tree
from provider.bridge.trees import to_tree


def read_data_source(call: Call) -> Answer:
    """What was looked up, with the configured values as they are."""
    config = call.fields("config")
    answer = call.part.read(call.context(limits=config), from_tree(call.model, config))
    return {"state": value(lifecycle.found(call.model, config, answer))}


def get_functions(call: Call) -> Answer:
    """The signatures of all functions."""
    return {"functions": messages.functions(call.host.functions)}


def call_function(call: Call) -> Answer:
    """The result, or an error that may point at an argument."""
    function = call.host.functions.get(call.name)
    if function is None:
        raise DiagnosticError("Unknown function", f"There is no {call.name}.")
    try:
        arguments = [
            codec.decode(function.parameter(i).type, message.msgpack)
            for i, message in enumerate(call.request.arguments)
        ]
        return {"result": value(function.result(arguments))}
    except FunctionError as error:
        # Terraform puts the text into a sentence of its own, and ends that.
        text = str(error).removesuffix(".")
        return {"error": {"text": text, "function_argument": error.argument}}


def list_resource(call: Call) -> Iterator[Answer]:
    """One event per object found, until the limit is reached or nobody listens any more."""
    request, resource, ctx = call.request, call.part, call.context()
    for number, found in enumerate(resource.list(ctx, call.typed("config"), request.limit), 1):
        if not call.awaited():
            return
        state = to_tree(found)
        yield {
            "identity": messages.identity(resource, state),
            "display_name": resource.display_name(found),
            "resource_object": value(state) if request.include_resource_object else None,
        }
        if number == request.limit:
            break
    if ctx.warnings:
        yield {"diagnostic": messages.diagnostics(ctx.warnings)}


def open_ephemeral_resource(call: Call) -> Answer:
    """The value, and when it wants to be renewed."""
    config = call.fields("config")
    ctx = call.context(limits=config)
    result = lifecycle.found(call.model, config, call.part.open(ctx, from_tree(call.model, config)))
    return {"result": value(result), **_to_be_renewed(ctx)}


def renew_ephemeral_resource(call: Call) -> Answer:
    """When the prolonged value wants to be renewed again."""
    ctx = call.context(call.request.private)
    call.part.renew(ctx)
    return _to_be_renewed(ctx)


def _to_be_renewed(ctx: Context[Any, Any]) -> Answer:
    after = ctx.renew_after
    at = None if after is None else datetime.now(UTC) + timedelta(seconds=after)
    return {"private": ctx.private_bytes(), "renew_at": at}


def close_ephemeral_resource(call: Call) -> Answer:
    """The value is not needed any more."""
    call.part.close(call.context(call.request.private))
    return {}


def plan_action(call: Call) -> Answer:
    """Refuse early what invoking would refuse."""
    ctx = call.context(unconfigured=True)
    call.part.plan(ctx, call.typed("config"))
    return {"deferred": call.deferral(ctx.deferred)}


def invoke_action(call: Call) -> Iterator[Answer]:
    """Progress as it happens, then exactly one completion; a failure makes that elsewhere."""
    config = call.fields("config")
    ctx = call.context(limits=config)
    for message in call.part.invoke(ctx, from_tree(call.model, config)):
        yield {"progress": {"message": message}}
    yield {"completed": {"diagnostics": messages.diagnostics(ctx.warnings)}}

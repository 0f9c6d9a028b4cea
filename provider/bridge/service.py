"""Every RPC of tfplugin6.Provider: found by name, logged, timed, and never failing.

Importing it loads the messages and everything that answers them.
Protocol: the service `Provider`; provider-level messages.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from provider.bridge import lookups, managed, messages, validation
from provider.bridge.call import Call
from provider.bridge.diagnostics import Deferred
from provider.bridge.functions import unindented
from provider.bridge.host import Host
from provider.bridge.messages import Answer
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.schema import from_tree
from provider.bridge.values import UnknownUsedError

if TYPE_CHECKING:
    from provider.bridge.http2 import Stream
    from provider.bridge.server import Handler

CAPABILITIES: Final = pb.ServerCapabilities(
    plan_destroy=True,
    get_provider_schema_optional=True,
    move_resource_state=True,
    generate_resource_config=True,
)
# What is answered by each RPC that can be put off, and which value of the request stands for it.
_MEANWHILE: Final[dict[str, dict[str, str]]] = {
    "ReadResource": {"new_state": "current_state"},
    "ReadDataSource": {"state": "config"},
    "OpenEphemeralResource": {"result": "config"},
    "ImportResourceState": {},
}
_SERVICE: Final = pb.DESCRIPTOR.services_by_name["Provider"]
_OF_CODE_ALONE: Final = ("GetProviderSchema", "GetResourceIdentitySchemas")


def get_metadata(call: Call) -> Answer:
    """The names of everything on offer."""
    parts = call.host.parts
    listed = [n for n, r in parts["resources"].items() if r.list_model]
    return {
        "server_capabilities": CAPABILITIES,
        "functions": [{"name": n} for n in call.host.functions],
        "list_resources": [{"type_name": n} for n in listed],
        **{kind: [{"type_name": n} for n in offered] for kind, offered in parts.items()},
    }


def get_provider_schema(call: Call) -> Answer:
    """The schemas of everything on offer."""
    meta, parts = call.host.provider.meta_model, call.host.parts
    kinds = {
        kind: {n: _schema(p, getattr(p, "version", 0)) for n, p in offered.items()}
        for kind, offered in parts.items()
    }
    return {
        "provider": _schema(call.part),
        "provider_meta": messages.schema(meta) if meta else None,
        "server_capabilities": CAPABILITIES,
        "resource_schemas": kinds["resources"],
        "data_source_schemas": kinds["data_sources"],
        "ephemeral_resource_schemas": kinds["ephemeral_resources"],
        "list_resource_schemas": {
            n: messages.schema(r.list_model) for n, r in parts["resources"].items() if r.list_model
        },
        "action_schemas": {n: pb.ActionSchema(schema=s) for n, s in kinds["actions"].items()},
        "functions": messages.functions(call.host.functions),
    }


def _schema(part: Any, version: int = 0) -> pb.Schema:
    doc = unindented(type(part).__doc__ or "")
    return messages.schema(part.model, version, doc, part.deprecated)


def get_resource_identity_schemas(call: Call) -> Answer:
    """The identity schemas of the resources that have one."""
    resources = call.host.parts["resources"]
    return {
        "identity_schemas": {
            n: messages.identity_schema(r) for n, r in resources.items() if r.identity
        }
    }


def validate(call: Call) -> Answer:
    """Refuse what is wrong in a configuration by itself, whatever it configures."""
    config = call.fields("config")
    if call.capabilities and not call.capabilities.write_only_attributes_allowed:
        validation.refuse_write_only(call.model, config)
    at = ("config",) if "List" in call.rpc else ()
    validation.validate(call.model, config, at)
    if not at:
        with suppress(UnknownUsedError):  # Terraform asks again once the value is known
            call.part.validate(from_tree(call.model, config))
    return {}


def configure_provider(call: Call) -> Answer:
    """Connect, as far as the configuration is known."""
    host = call.host
    host.api, host.settings = None, call.typed("config")
    with suppress(UnknownUsedError):  # what needs it is put off, or refused
        host.api = call.part.configure(host.settings, host.log)
    return {}


def stop_provider(call: Call) -> Answer:
    """Interrupt what is waiting; the process goes on serving."""
    call.host.stop()
    return {}


def _handlers() -> dict[str, Callable[[Call], Any]]:
    offered = {**vars(managed), **vars(lookups), **globals()}
    found = {}
    for name in _SERVICE.methods_by_name:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if snake in offered:
            found[name] = offered[snake]
        elif name.startswith("Validate") and "StateStore" not in name:
            found[name] = validate
    return found


HANDLERS: Final = _handlers()


def handlers(host: Host) -> dict[str, Handler]:
    """What answers for the provider, by path; every other RPC is unimplemented."""
    return {_path(rpc): _handler(host, rpc) for rpc in HANDLERS}


def answers_in_advance(host: Host) -> dict[str, bytes]:
    """The answers that depend on nothing but the provider's code, by path, for `prepared`."""
    found = {}
    for rpc in _OF_CODE_ALONE:
        response = answer(host, rpc, getattr(pb, rpc).Request())
        found[_path(rpc)] = response.SerializeToString(deterministic=True)
    return found


def _path(rpc: str) -> str:
    return f"/{_SERVICE.full_name}/{rpc}"


def _handler(host: Host, rpc: str) -> Handler:
    request = getattr(pb, rpc).Request

    def answered(message: bytes, client: Stream) -> bytes:
        response = answer(host, rpc, request.FromString(message), lambda: client.is_open)
        serialized: bytes = response.SerializeToString()
        return serialized

    def streamed(message: bytes, client: Stream) -> Iterator[bytes]:
        for event in stream(host, rpc, request.FromString(message), lambda: client.is_open):
            yield event.SerializeToString()

    return streamed if _SERVICE.methods_by_name[rpc].server_streaming else answered


def answer(host: Host, rpc: str, request: Any, awaited: Callable[[], bool] = lambda: True) -> Any:
    """The response to a unary RPC; every failure is a diagnostic in it."""
    call, started = Call(host, rpc, request, awaited), time.perf_counter()
    response_class = getattr(pb, rpc).Response
    try:
        response = response_class(**HANDLERS[rpc](call))
        if call.warnings:
            response.diagnostics.extend(messages.diagnostics(call.warnings))
    except BaseException as error:
        response = response_class(**_failure(call, response_class, error))
    _log(call, started)
    return response


def stream(
    host: Host, rpc: str, request: Any, awaited: Callable[[], bool] = lambda: True
) -> Iterator[Any]:
    """The events of a streaming RPC; a failure is the last of them."""
    call, started = Call(host, rpc, request, awaited), time.perf_counter()
    event_class = getattr(pb, rpc).Event
    try:
        for event in HANDLERS[rpc](call):
            yield event_class(**event)
    except GeneratorExit:
        raise
    except BaseException as error:
        yield event_class(**_failure(call, event_class, error))
    finally:
        _log(call, started)


def _log(call: Call, started: float) -> None:
    call.log.debug("answered", ms=round((time.perf_counter() - started) * 1000, 1))


def _failure(call: Call, response_class: Any, error: BaseException) -> Answer:
    if isinstance(error, Deferred) and call.may_be_deferred and call.rpc in _MEANWHILE:
        stand_ins = {k: getattr(call.request, v) for k, v in _MEANWHILE[call.rpc].items()}
        return {"deferred": {"reason": error.reason}, **stand_ins}
    return messages.failure(response_class, [*call.diagnose(error), *call.warnings])

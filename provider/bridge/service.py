"""Every RPC of tfplugin6.Provider: found by name, logged, timed, and never failing.

Protocol: the service `Provider`; provider-level messages.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

from google.protobuf.message_factory import GetMessageClass

from provider.bridge import lookups, managed, messages, validation
from provider.bridge.call import Call, NotConfigured
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.trees import from_tree
from provider.bridge.values import UnknownUsedError

CAPABILITIES: Final = pb.ServerCapabilities(
    plan_destroy=True,
    get_provider_schema_optional=True,
    move_resource_state=True,
    generate_resource_config=True,
)
# Which value of the request stands in for the answer that is put off.
_MEANWHILE: Final = {
    "ReadResource": ("new_state", "current_state"),
    "ReadDataSource": ("state", "config"),
    "OpenEphemeralResource": ("result", "config"),
}


def get_metadata(call: Call) -> pb.GetMetadata.Response:
    """The names of everything on offer."""
    parts, kind = call.host.parts, pb.GetMetadata
    listed = [n for n, r in parts["resources"].items() if r.list_model]
    return pb.GetMetadata.Response(
        server_capabilities=CAPABILITIES,
        resources=[kind.ResourceMetadata(type_name=n) for n in parts["resources"]],
        data_sources=[kind.DataSourceMetadata(type_name=n) for n in parts["data_sources"]],
        functions=[kind.FunctionMetadata(name=n) for n in call.host.functions],
        ephemeral_resources=[
            kind.EphemeralMetadata(type_name=n) for n in parts["ephemeral_resources"]
        ],
        list_resources=[kind.ListResourceMetadata(type_name=n) for n in listed],
        actions=[kind.ActionMetadata(type_name=n) for n in parts["actions"]],
    )


def get_provider_schema(call: Call) -> pb.GetProviderSchema.Response:
    """The schemas of everything on offer."""
    meta, parts = call.host.provider.meta_model, call.host.parts
    actions = {n: pb.ActionSchema(schema=_schema(a)) for n, a in parts["actions"].items()}
    return pb.GetProviderSchema.Response(
        provider=messages.schema(call.model, doc=_doc(call.part)),
        provider_meta=messages.schema(meta) if meta else None,
        server_capabilities=CAPABILITIES,
        resource_schemas={n: _schema(r, r.version) for n, r in parts["resources"].items()},
        data_source_schemas={n: _schema(d) for n, d in parts["data_sources"].items()},
        ephemeral_resource_schemas={n: _schema(e) for n, e in parts["ephemeral_resources"].items()},
        list_resource_schemas={
            n: messages.schema(r.list_model) for n, r in parts["resources"].items() if r.list_model
        },
        action_schemas=actions,
        functions={n: messages.function(f) for n, f in call.host.functions.items()},
    )


def _schema(part: Any, version: int = 0) -> pb.Schema:
    return messages.schema(part.model, version, _doc(part), part.deprecated)


def _doc(part: object) -> str:
    text = (type(part).__doc__ or "").strip()
    return re.sub(r"\n[ \t]+", "\n", text)


def get_resource_identity_schemas(call: Call) -> pb.GetResourceIdentitySchemas.Response:
    """The identity schemas of the resources that have one."""
    resources = call.host.parts["resources"]
    schemas = {n: messages.identity_schema(type(r)) for n, r in resources.items() if r.identity}
    return pb.GetResourceIdentitySchemas.Response(identity_schemas=schemas)


def validate(call: Call, response_class: type[Any]) -> Any:
    """Refuse what is wrong in a configuration by itself, whatever it configures."""
    config = call.fields("config")
    capabilities = getattr(call.request, "client_capabilities", None)
    if capabilities is not None and not capabilities.write_only_attributes_allowed:
        validation.refuse_write_only(call.model, config)
    at = ("config",) if "List" in call.rpc else ()
    validation.validate(call.model, config, at)
    with suppress(UnknownUsedError):  # Terraform asks again once the value is known
        call.part.validate(from_tree(call.model, config))
    return response_class()


def configure_provider(call: Call) -> pb.ConfigureProvider.Response:
    """Connect, as far as the configuration is known."""
    config = from_tree(call.model, call.fields("config"))
    call.host.settings = config
    call.host.api = call.part.configure(config, call.host.log)
    return pb.ConfigureProvider.Response()


def stop_provider(call: Call) -> pb.StopProvider.Response:
    """Interrupt what is waiting; the process goes on serving."""
    call.host.stop()
    return pb.StopProvider.Response()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _handlers() -> dict[str, Callable[[Call], Any]]:
    offered = {**vars(managed), **vars(lookups), **globals()}
    found = {}
    for name, method in pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name.items():
        if _snake(name) in offered:
            found[name] = offered[_snake(name)]
        elif name.startswith("Validate") and "StateStore" not in name:
            found[name] = partial(validate, response_class=GetMessageClass(method.output_type))
    return found


HANDLERS: Final = _handlers()


def answer(
    host: Host,
    rpc: str,
    request: Any,
    response_class: Any,
    awaited: Callable[[], bool] = lambda: True,
) -> Any:
    """The response to a unary RPC; every failure is a diagnostic in it."""
    call, started = Call(host, rpc, request, awaited), time.perf_counter()
    try:
        response = HANDLERS[rpc](call)
    except BaseException as error:
        response = _failure(call, response_class, error)
    else:
        if warnings := call.warnings():
            response.diagnostics.extend(messages.diagnostics(warnings))
    _log(call, started)
    return response


def stream(
    host: Host,
    rpc: str,
    request: Any,
    response_class: Any,
    awaited: Callable[[], bool] = lambda: True,
) -> Iterator[Any]:
    """The events of a streaming RPC; a failure is the last of them."""
    call, started = Call(host, rpc, request, awaited), time.perf_counter()
    try:
        yield from HANDLERS[rpc](call)
    except Exception as error:
        yield _failure(call, response_class, error)
    finally:
        _log(call, started)


def _log(call: Call, started: float) -> None:
    call.log.debug("answered", ms=round((time.perf_counter() - started) * 1000, 1))


def _failure(call: Call, response_class: Any, error: BaseException) -> Any:
    if isinstance(error, NotConfigured) and call.may_be_deferred and call.rpc in _MEANWHILE:
        answered, asked = _MEANWHILE[call.rpc]
        response = response_class(deferred=messages.UNTIL_CONFIGURED)
        getattr(response, answered).CopyFrom(getattr(call.request, asked))
        return response
    return messages.failure(response_class, [*call.diagnose(error), *call.warnings()])

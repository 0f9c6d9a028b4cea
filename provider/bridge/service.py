"""Every RPC of tfplugin6.Provider: found by name, logged, timed, and never failing.

Protocol: the service `Provider`; provider-level messages.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import Any, Final
from uuid import uuid4

from provider.bridge import lifecycle, lookups, managed, messages
from provider.bridge.host import Host
from provider.bridge.log import Log
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.trees import from_tree

CAPABILITIES: Final = pb.ServerCapabilities(
    plan_destroy=True,
    get_provider_schema_optional=True,
    move_resource_state=True,
    generate_resource_config=True,
)


def get_metadata(host: Host, request: pb.GetMetadata.Request, log: Log) -> pb.GetMetadata.Response:
    """The names of everything on offer."""
    kind = pb.GetMetadata
    listed = [n for n, r in host.resources.items() if r.list_model]
    return pb.GetMetadata.Response(
        server_capabilities=CAPABILITIES,
        resources=[kind.ResourceMetadata(type_name=n) for n in host.resources],
        data_sources=[kind.DataSourceMetadata(type_name=n) for n in host.data_sources],
        functions=[kind.FunctionMetadata(name=n) for n in host.functions],
        ephemeral_resources=[kind.EphemeralMetadata(type_name=n) for n in host.ephemerals],
        list_resources=[kind.ListResourceMetadata(type_name=n) for n in listed],
        actions=[kind.ActionMetadata(type_name=n) for n in host.actions],
    )


def get_provider_schema(
    host: Host, request: pb.GetProviderSchema.Request, log: Log
) -> pb.GetProviderSchema.Response:
    """The schemas of everything on offer."""
    meta = host.provider.meta_model
    return pb.GetProviderSchema.Response(
        provider=messages.schema(host.provider.model, doc=_doc(host.provider)),
        provider_meta=messages.schema(meta) if meta else None,
        server_capabilities=CAPABILITIES,
        resource_schemas={n: _schema(r, r.version) for n, r in host.resources.items()},
        data_source_schemas={n: _schema(d) for n, d in host.data_sources.items()},
        ephemeral_resource_schemas={n: _schema(e) for n, e in host.ephemerals.items()},
        list_resource_schemas={
            n: messages.schema(r.list_model) for n, r in host.resources.items() if r.list_model
        },
        action_schemas={n: pb.ActionSchema(schema=_schema(a)) for n, a in host.actions.items()},
        functions={n: messages.function(f) for n, f in host.functions.items()},
    )


def _schema(part: Any, version: int = 0) -> pb.Schema:
    return messages.schema(part.model, version, _doc(part), part.deprecated)


def _doc(part: object) -> str:
    text = (type(part).__doc__ or "").strip()
    return re.sub(r"\n[ \t]+", "\n", text)


def get_resource_identity_schemas(
    host: Host, request: pb.GetResourceIdentitySchemas.Request, log: Log
) -> pb.GetResourceIdentitySchemas.Response:
    """The identity schemas of the resources that have one."""
    with_identity = {n: r for n, r in host.resources.items() if r.identity}
    schemas = {n: messages.identity_schema(type(r)) for n, r in with_identity.items()}
    return pb.GetResourceIdentitySchemas.Response(identity_schemas=schemas)


def validate_provider_config(
    host: Host, request: pb.ValidateProviderConfig.Request, log: Log
) -> pb.ValidateProviderConfig.Response:
    """Refuse what is wrong in the provider block by itself."""
    model = host.provider.model
    config = messages.fields(model, request.config)
    lifecycle.validate(model, config)
    host.provider.validate(from_tree(model, config))
    return pb.ValidateProviderConfig.Response()


def configure_provider(
    host: Host, request: pb.ConfigureProvider.Request, log: Log
) -> pb.ConfigureProvider.Response:
    """Connect, as far as the configuration is known."""
    model = host.provider.model
    config = from_tree(model, messages.fields(model, request.config))
    host.api = host.provider.configure(config, host.log)
    return pb.ConfigureProvider.Response()


def stop_provider(
    host: Host, request: pb.StopProvider.Request, log: Log
) -> pb.StopProvider.Response:
    """Interrupt what is waiting; the process goes on serving."""
    host.stop()
    return pb.StopProvider.Response()


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _handlers() -> dict[str, Callable[..., Any]]:
    offered = {**vars(managed), **vars(lookups), **globals()}
    names = pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name
    return {name: offered[_snake(name)] for name in names if _snake(name) in offered}


HANDLERS: Final = _handlers()


def answer(host: Host, rpc: str, request: Any, response_class: Any) -> Any:
    """The response to a unary RPC; every failure is a diagnostic in it."""
    log, started = _log(host, rpc, request), time.perf_counter()
    try:
        return HANDLERS[rpc](host, request, log)
    except BaseException as error:
        return _failure(host, rpc, request, response_class, error)
    finally:
        log.debug("answered", ms=round((time.perf_counter() - started) * 1000, 1))


def stream(
    host: Host, rpc: str, request: Any, response_class: Any, active: Callable[[], bool]
) -> Iterator[Any]:
    """The events of a streaming RPC; a failure is the last of them."""
    log = _log(host, rpc, request)
    try:
        yield from HANDLERS[rpc](host, request, log, active)
    except Exception as error:
        yield _failure(host, rpc, request, response_class, error)
    finally:
        log.debug("answered")


def _log(host: Host, rpc: str, request: Any) -> Log:
    fields = {"tf_rpc": rpc, "tf_req_id": str(uuid4())}
    type_name = getattr(request, "type_name", "")
    return host.log.bound(**fields, **({"tf_resource_type": type_name} if type_name else {}))


def _failure(host: Host, rpc: str, request: Any, response_class: Any, error: BaseException) -> Any:
    subject = getattr(request, "type_name", "").removeprefix(f"{host.provider.name}_")
    found = host.diagnose(error, subject or "provider", VERBS.get(rpc, rpc))
    response = response_class()
    if hasattr(response, "diagnostics"):
        response.diagnostics.extend(messages.diagnostics(found))
    elif hasattr(response, "diagnostic"):
        response.diagnostic.extend(messages.diagnostics(found))
    return response


VERBS: Final = {
    "ReadResource": "read",
    "ReadDataSource": "read",
    "ImportResourceState": "import",
    "ListResource": "list",
    "ConfigureProvider": "configure",
}

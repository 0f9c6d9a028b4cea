"""Every RPC of tfplugin6.Provider: found by name, logged, timed, and never failing.

Protocol: the service `Provider`; provider-level messages.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, Final

from provider.bridge import lookups, managed, messages, validation
from provider.bridge.call import Call
from provider.bridge.diagnostics import Deferred
from provider.bridge.host import Host
from provider.bridge.messages import Answer
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.schema import from_tree
from provider.bridge.values import UnknownUsedError

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
_NAMED: Final = ("resources", "data_sources", "ephemeral_resources", "actions")


def get_metadata(call: Call) -> Answer:
    """The names of everything on offer."""
    parts = call.host.parts
    listed = [n for n, r in parts["resources"].items() if r.list_model]
    return {
        "server_capabilities": CAPABILITIES,
        "functions": [{"name": n} for n in call.host.functions],
        "list_resources": [{"type_name": n} for n in listed],
        **{kind: [{"type_name": n} for n in parts[kind]] for kind in _NAMED},
    }


def get_provider_schema(call: Call) -> Answer:
    """The schemas of everything on offer."""
    meta, parts = call.host.provider.meta_model, call.host.parts
    kinds = {
        kind: {n: _schema(p, getattr(p, "version", 0)) for n, p in parts[kind].items()}
        for kind in _NAMED
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
    doc = re.sub(r"\n[ \t]+", "\n", (type(part).__doc__ or "").strip())
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
    capabilities = getattr(call.request, "client_capabilities", None)
    if capabilities is not None and not capabilities.write_only_attributes_allowed:
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
    for name in pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name:
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        if snake in offered:
            found[name] = offered[snake]
        elif name.startswith("Validate") and "StateStore" not in name:
            found[name] = validate
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
        response = response_class(**HANDLERS[rpc](call))
        if warnings := call.warnings():
            response.diagnostics.extend(messages.diagnostics(warnings))
    except BaseException as error:
        response = response_class(**_failure(call, response_class, error))
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
        for event in HANDLERS[rpc](call):
            yield response_class(**event)
    except GeneratorExit:
        raise
    except BaseException as error:
        yield response_class(**_failure(call, response_class, error))
    finally:
        _log(call, started)


def _log(call: Call, started: float) -> None:
    call.log.debug("answered", ms=round((time.perf_counter() - started) * 1000, 1))


def _failure(call: Call, response_class: Any, error: BaseException) -> Answer:
    if isinstance(error, Deferred) and call.may_be_deferred and call.rpc in _MEANWHILE:
        stand_ins = {k: getattr(call.request, v) for k, v in _MEANWHILE[call.rpc].items()}
        return {"deferred": messages.deferred(error), **stand_ins}
    return messages.failure(response_class, [*call.diagnose(error), *call.warnings()])

"""The RPCs of the Provider service by their paths, as the messages describe them.

Importing it loads the messages and everything that answers them.
Protocol: the service `Provider`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from google.protobuf.message_factory import GetMessageClass

from provider.bridge import service
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2


class Method(NamedTuple):
    """How one RPC is answered: a request and its call to a response, or to several."""

    behavior: Callable[[Any, Any], Any]
    decode: Callable[[bytes], Any]
    encode: Callable[[Any], bytes]
    streams: bool


def methods(host: Host) -> dict[str, Method]:
    """The RPCs that are offered; every other one is unimplemented."""
    described = tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"]
    return {
        f"/{described.full_name}/{name}": _method(host, name, method)
        for name, method in described.methods_by_name.items()
        if name in service.HANDLERS
    }


def _method(host: Host, name: str, described: Any) -> Method:
    request, response = map(GetMessageClass, (described.input_type, described.output_type))
    serve_one = service.stream if described.server_streaming else service.answer
    return Method(
        lambda message, call: serve_one(host, name, message, response, call.is_active),
        request.FromString,
        response.SerializeToString,
        described.server_streaming,
    )

"""The RPCs of the Provider service by their paths, as the messages describe them.

Importing it loads the messages and everything that answers them.
Protocol: the service `Provider`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from provider.bridge import service
from provider.bridge.host import Host
from provider.bridge.pb import message_class, tfplugin6_pb2

if TYPE_CHECKING:
    from provider.bridge.http2 import Stream
    from provider.bridge.server import Handler


_SERVICE: Final = tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"]
_OF_CODE_ALONE: Final = ("GetProviderSchema", "GetResourceIdentitySchemas")


def handlers(host: Host) -> dict[str, Handler]:
    """What answers for the provider; every other RPC is unimplemented."""
    return {
        _path(name): _handler(host, name, method)
        for name, method in _SERVICE.methods_by_name.items()
        if name in service.HANDLERS
    }


def answers_in_advance(host: Host) -> dict[str, bytes]:
    """The answers that depend on nothing but the provider's code, for `prepared`."""
    found = {}
    for name in _OF_CODE_ALONE:
        request, response = _messages(_SERVICE.methods_by_name[name])
        answer = service.answer(host, name, request(), response)
        found[_path(name)] = answer.SerializeToString(deterministic=True)
    return found


def _path(name: str) -> str:
    return f"/{_SERVICE.full_name}/{name}"


def _messages(described: Any) -> tuple[Any, Any]:
    return message_class(described.input_type), message_class(described.output_type)


def _handler(host: Host, name: str, described: Any) -> Handler:
    request, response = _messages(described)

    def answered(message: bytes, stream: Stream) -> bytes:
        asked = request.FromString(message)
        answer = service.answer(host, name, asked, response, stream.is_awaited)
        serialized: bytes = answer.SerializeToString()
        return serialized

    def streamed(message: bytes, stream: Stream) -> Iterator[bytes]:
        asked = request.FromString(message)
        for event in service.stream(host, name, asked, response, stream.is_awaited):
            yield event.SerializeToString()

    return streamed if described.server_streaming else answered

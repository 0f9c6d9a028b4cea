"""A client of the protocol that knows nothing of the bridge: messages over a gRPC channel."""

from __future__ import annotations

from typing import Any

import grpc
import msgpack
from google.protobuf.message_factory import GetMessageClass

from provider.bridge.pb import go_plugin_pb2, health_pb2, tfplugin6_pb2

UNKNOWN = msgpack.ExtType(0, b"\0")
_OPTIONS = [
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1),  # a connection of its own for each client
    ("grpc.default_authority", "localhost"),
]
_SERVICES = {
    "Provider": tfplugin6_pb2,
    "GRPCController": go_plugin_pb2,
    "GRPCStdio": go_plugin_pb2,
    "GRPCBroker": go_plugin_pb2,
    "Health": health_pb2,
}


class Client:
    """One connection to a provider."""

    def __init__(self, address: str, credentials: grpc.ChannelCredentials | None = None) -> None:
        self.channel = (
            grpc.secure_channel(address, credentials, _OPTIONS)
            if credentials
            else grpc.insecure_channel(address, _OPTIONS)
        )

    def method(self, service: str, name: str) -> Any:
        """A callable for one RPC."""
        described = _SERVICES[service].DESCRIPTOR.services_by_name[service]
        method = described.methods_by_name[name]
        kind = {
            (False, False): self.channel.unary_unary,
            (False, True): self.channel.unary_stream,
            (True, True): self.channel.stream_stream,
        }[method.client_streaming, method.server_streaming]
        return kind(
            f"/{described.full_name}/{name}",
            request_serializer=GetMessageClass(method.input_type).SerializeToString,
            response_deserializer=GetMessageClass(method.output_type).FromString,
        )

    def send(self, rpc: str, request: Any) -> Any:
        """The answer to a request; for a streaming RPC, its events."""
        answer = self.method("Provider", rpc)(request, timeout=60, wait_for_ready=True)
        return answer if hasattr(answer, "DESCRIPTOR") else list(answer)

    def ask(self, rpc: str, **fields: Any) -> Any:
        """The same, with the fields of the request."""
        return self.send(rpc, getattr(tfplugin6_pb2, rpc).Request(**fields))

    def close(self) -> None:
        self.channel.close()


def value(**attributes: Any) -> Any:
    """An object on the wire."""
    return tfplugin6_pb2.DynamicValue(msgpack=msgpack.packb(attributes))


def wire(plain: Any) -> Any:
    """Any value on the wire."""
    return tfplugin6_pb2.DynamicValue(msgpack=msgpack.packb(plain))


def plain(message: Any) -> Any:
    """What a value on the wire says."""
    return msgpack.unpackb(message.msgpack) if message.msgpack else None


def told(answer: Any) -> list[str]:
    """The summaries of an answer's diagnostics."""
    return [d.summary for d in answer.diagnostics]

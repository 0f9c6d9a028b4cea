"""The gRPC server: services by descriptor, so that no generated stub is imported.

The only importer of grpc, and of the messages of go-plugin and of health checks.
Protocol: services on the connection; sizes and threads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import grpc
from google.protobuf.message_factory import GetMessageClass

from provider.bridge import service
from provider.bridge.host import Host
from provider.bridge.pb import go_plugin_pb2, health_pb2, tfplugin6_pb2

if TYPE_CHECKING:
    from provider.bridge.tls import Certificate

_MESSAGE_BYTES: Final = 256 << 20  # what Go providers accept
_THREADS: Final = 512  # one per operation; made on demand, so a high -parallelism finds one


def serve(
    host: Host, address: str, shutdown: Callable[[], None], only: Certificate | None = None
) -> tuple[grpc.Server, str]:
    """A running server and its address; `shutdown` is called when Terraform has finished.

    With `only`, the server has that certificate and admits nobody without it.
    """
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, thread_name_prefix="rpc"),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ],
    )

    def leave(*_: object) -> go_plugin_pb2.Empty:
        shutdown()
        return go_plugin_pb2.Empty()

    health = {
        "Check": lambda *_: health_pb2.HealthCheckResponse(status=_SERVING),
        "Watch": lambda *_: iter([health_pb2.HealthCheckResponse(status=_SERVING)]),
    }
    server.add_generic_rpc_handlers(
        (
            _service(tfplugin6_pb2, "Provider", _provider(host)),
            _service(go_plugin_pb2, "GRPCController", {"Shutdown": leave}),
            _service(go_plugin_pb2, "GRPCStdio", {"StreamStdio": _nothing}),
            _service(go_plugin_pb2, "GRPCBroker", {"StartStream": _nothing}),
            _service(health_pb2, "Health", health),
        )
    )
    if only is None:
        port = server.add_insecure_port(address)
    else:
        pem = only.pem.encode()
        port = server.add_secure_port(
            address,
            grpc.ssl_server_credentials([(only.key_pem, pem)], pem, require_client_auth=True),
        )
    server.start()
    return server, address if address.startswith("unix:") else f"127.0.0.1:{port}"


_SERVING: Final = health_pb2.HealthCheckResponse.SERVING


def _nothing(*_: object) -> Iterator[Any]:
    """A stream that ends at once: Terraform opens it and never needs it."""
    return iter(())


def _provider(host: Host) -> dict[str, Callable[..., Any]]:
    methods = tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"].methods_by_name
    return {
        name: _rpc(host, name, GetMessageClass(method.output_type), method.server_streaming)
        for name, method in methods.items()
        if name in service.HANDLERS
    }


def _rpc(host: Host, name: str, response: Any, streaming: bool) -> Callable[..., Any]:
    serve_one = service.stream if streaming else service.answer
    return lambda request, call: serve_one(host, name, request, response, call.is_active)


def _service(module: Any, name: str, methods: dict[str, Callable[..., Any]]) -> Any:
    """Handlers for the methods of a described service; all others answer UNIMPLEMENTED."""
    described = module.DESCRIPTOR.services_by_name[name]
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    handlers = {}
    for method_name, behavior in methods.items():
        method = described.methods_by_name[method_name]
        handlers[method_name] = kinds[method.client_streaming, method.server_streaming](
            behavior,
            request_deserializer=GetMessageClass(method.input_type).FromString,
            response_serializer=GetMessageClass(method.output_type).SerializeToString,
        )
    return grpc.method_handlers_generic_handler(described.full_name, handlers)

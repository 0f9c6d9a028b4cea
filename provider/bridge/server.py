"""The gRPC server, which listens before the messages and the provider are loaded.

The only importer of grpc. The services of go-plugin and of health checks, and a schema that is
prepared, are answered with bytes.
Protocol: services on the connection; sizes and threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Final

import grpc

if TYPE_CHECKING:
    from provider.bridge.rpcs import Method
    from provider.bridge.tls import Certificate

_MESSAGE_BYTES: Final = 256 << 20  # what Go providers accept
_THREADS: Final = 512  # one per operation; made on demand, so a high -parallelism finds one
_EMPTY: Final = b""
_SERVING: Final = b"\x08\x01"  # HealthCheckResponse: status = SERVING


class Services(grpc.GenericRpcHandler):  # type: ignore[misc]  # grpc has no types
    """Everything on a connection; the RPCs of the provider are loaded when first needed."""

    def __init__(
        self,
        load: Callable[[], Mapping[str, Method]],
        shutdown: Callable[[], None],
        schema: bytes | None = None,
    ) -> None:
        self._load = load
        self._loading = threading.Lock()
        self._rpcs: Mapping[str, Any] | None = None
        self._early = _early(shutdown)
        if schema is not None:
            answer = grpc.unary_unary_rpc_method_handler(self._prepared(schema))
            self._early["/tfplugin6.Provider/GetProviderSchema"] = answer

    def service(self, details: Any) -> Any:
        """The handler of an RPC; without one it is unimplemented."""
        return self._early.get(details.method) or self.rpcs().get(details.method)

    def rpcs(self) -> Mapping[str, Any]:
        """The handlers of the provider's RPCs, loaded once."""
        with self._loading:
            if self._rpcs is None:
                self._rpcs = {path: _handler(method) for path, method in self._load().items()}
            return self._rpcs

    def _prepared(self, schema: bytes) -> Callable[[bytes, Any], bytes]:
        def answer(_: bytes, call: Any) -> bytes:
            # What Terraform asks next needs everything; load it while the answer is read.
            call.add_callback(threading.Thread(target=self.rpcs, daemon=True).start)
            return schema

        return answer


def serve(
    services: Services, address: str, only: Certificate | None = None
) -> tuple[grpc.Server, str]:
    """A running server and its address; with `only`, nobody without that certificate gets in."""
    server = grpc.server(
        ThreadPoolExecutor(_THREADS, thread_name_prefix="rpc"),
        options=[
            ("grpc.max_receive_message_length", _MESSAGE_BYTES),
            ("grpc.max_send_message_length", _MESSAGE_BYTES),
        ],
    )
    server.add_generic_rpc_handlers((services,))
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


def _early(shutdown: Callable[[], None]) -> dict[str, Any]:
    """The handlers that need no message: those of go-plugin and of health checks."""

    def leave(*_: object) -> bytes:
        shutdown()
        return _EMPTY

    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return {
        "/plugin.GRPCController/Shutdown": unary(leave),
        "/plugin.GRPCStdio/StreamStdio": stream(_nothing),
        "/plugin.GRPCBroker/StartStream": grpc.stream_stream_rpc_method_handler(_nothing),
        "/grpc.health.v1.Health/Check": unary(lambda *_: _SERVING),
        "/grpc.health.v1.Health/Watch": stream(lambda *_: iter([_SERVING])),
    }


def _nothing(*_: object) -> Iterator[bytes]:
    """A stream that ends at once: Terraform opens it and never needs it."""
    return iter(())


def _handler(method: Method) -> Any:
    kinds = {
        False: grpc.unary_unary_rpc_method_handler,
        True: grpc.unary_stream_rpc_method_handler,
    }
    return kinds[method.streams](method.behavior, method.decode, method.encode)

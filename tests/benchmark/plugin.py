"""Starts a plugin as Terraform does: handshake, mutual TLS, one RPC, goodbye. And our peer."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import grpc

from provider.bridge import tls
from provider.bridge.process import MAGIC_COOKIE
from tools import mirror

if TYPE_CHECKING:
    from collections.abc import Sequence

PEER_ENVIRONMENT = mirror.ROOT / "build" / "peer"
PEER_MIRROR = mirror.ROOT / "build" / "peer-mirror"
PEER_ADDRESS = "terraform.local/tests/peer"
HERE = Path(__file__).parent
LOCALHOST = (
    ("grpc.ssl_target_name_override", "localhost"),
    ("grpc.default_authority", "localhost"),
)


class Start(NamedTuple):
    """What a process took: seconds until it had answered, and seconds of processor time."""

    wall: float
    cpu: float


def started(command: Sequence[str], home: Path) -> Start:
    """One start of a plugin, to the first GetProviderSchema answered; it has left afterwards."""
    own = tls.certificate()
    environment = {
        **os.environ,
        "HOME": str(home),
        "TF_PLUGIN_MAGIC_COOKIE": MAGIC_COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "6",
        "PLUGIN_CLIENT_CERT": own.pem,
    }
    begin = time.perf_counter()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    )
    assert process.stdout
    fields = process.stdout.readline().decode().strip().split("|")
    der = base64.b64decode(fields[5] + "==")
    credentials = grpc.ssl_channel_credentials(
        ssl.DER_cert_to_PEM_cert(der).encode(), own.key_pem.encode(), own.pem.encode()
    )
    with grpc.secure_channel("unix:" + fields[3], credentials, LOCALHOST) as channel:
        _call(channel, "/tfplugin6.Provider/GetProviderSchema")
        wall = time.perf_counter() - begin
        _call(channel, "/plugin.GRPCController/Shutdown")
    process.stdout.close()
    return Start(wall, _left(process))


def _call(channel: Any, path: str) -> None:
    """A call whose messages need not be understood; a farewell may be cut short."""
    try:
        channel.unary_unary(path)(b"", timeout=60)
    except grpc.RpcError:
        if "Shutdown" not in path:
            raise


def floor() -> Start:
    """The interpreter with nothing but gRPC and the messages."""
    paths = [path for path in sys.path if path.endswith("site-packages")]
    program = (
        f"import sys; sys.path += {[str(mirror.ROOT), *paths]!r}\n"
        "import grpc\nfrom provider.bridge.pb import tfplugin6_pb2"
    )
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-I", "-S", "-B", "-c", program])
    cpu = _left(process)
    return Start(time.perf_counter() - begin, cpu)


def _left(process: subprocess.Popen[bytes]) -> float:
    """The processor time of a process that leaves by itself."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def peer() -> str:
    """The executable of a provider made with `tf`, in an environment of its own."""
    python = PEER_ENVIRONMENT / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", PEER_ENVIRONMENT], check=True)
        install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "tf==1.2.0"]
        subprocess.run([python, *install], check=True)
    name = "terraform-provider-peer_v0.1.0"
    executable = PEER_MIRROR / PEER_ADDRESS / "0.1.0" / mirror.platform_name() / name
    if not executable.exists():
        executable.parent.mkdir(parents=True, exist_ok=True)
        program = f"import sys; sys.path.append({str(HERE)!r}); import peer; peer.main()"
        executable.write_text(f'#!/bin/sh\nexec {python} -c "{program}"\n')
        executable.chmod(0o755)
    return str(executable)

"""The toy provider as a child process, started as Terraform starts one."""

from __future__ import annotations

import base64
import os
import select
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import grpc
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from provider.bridge.process import MAGIC_COOKIE
from tests.bridge.channel import Client

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0  # seconds; only a broken plugin uses them up


class Certificate(NamedTuple):
    """A one-time client certificate and its key, as PEM."""

    pem: bytes
    key: bytes


def certificate(curve: ec.EllipticCurve | None = None) -> Certificate:
    """A certificate like those that Terraform makes; its own are on the curve P-521."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "HashiCorp"),
            x509.NameAttribute(NameOID.COMMON_NAME, "localhost"),
        ]
    )
    begin = datetime.now(UTC) - timedelta(seconds=30)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begin)
        .not_valid_after(begin + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA512())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certificate(built.public_bytes(serialization.Encoding.PEM), private)


def environment(**variables: str) -> dict[str, str]:
    """What Terraform gives a plugin, without what this machine's user has set."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("TF_", "PLUGIN_"))}
    return {
        **kept,
        "PYTHONPATH": str(ROOT),
        "TF_PLUGIN_MAGIC_COOKIE": MAGIC_COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "6,5",
        "PLUGIN_MIN_PORT": "10000",
        "PLUGIN_MAX_PORT": "25000",
        **variables,
    }


class Plugin:
    """One plugin process."""

    def __init__(
        self,
        *arguments: str,
        code: str = "",
        tls: bool = True,
        **variables: str,
    ) -> None:
        self.certificate = certificate() if tls else None
        if self.certificate:
            variables["PLUGIN_CLIENT_CERT"] = self.certificate.pem.decode()
        command = ["-c", code] if code else ["-m", "tests.toy"]
        self.process = subprocess.Popen(
            [sys.executable, *command, *arguments],
            env=environment(**variables),
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._clients: list[Client] = []

    def line(self) -> str:
        """The line with which the plugin announces itself."""
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "the plugin is silent"
        return self.process.stdout.readline().decode().rstrip("\n")

    def fields(self) -> list[str]:
        """The fields of the handshake line."""
        return self.line().split("|")

    def client(self, fields: list[str], own: Certificate | None = None) -> Client:
        """A connection to the announced address, with mutual TLS if that is announced."""
        network, address = fields[2:4]
        target = f"unix:{address}" if network == "unix" else address
        client = Client(target, self.credentials(fields[5], own) if fields[5] else None)
        self._clients.append(client)
        return client

    def credentials(self, server: str, own: Certificate | None = None) -> Any:
        """Trust in the announced certificate alone, and our own one to show."""
        mine = own or self.certificate
        assert mine is not None
        return grpc.ssl_channel_credentials(server_pem(server), mine.key, mine.pem)

    def ended(self, patience: float = PATIENCE) -> int:
        """The exit status, once the process is over."""
        return self.process.wait(patience)

    def stderr(self) -> list[str]:
        """What the plugin wrote, once the process is over."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode().splitlines()

    def __enter__(self) -> Plugin:
        return self

    def __exit__(self, *_: object) -> None:
        for client in self._clients:
            client.close()
        self.process.terminate()
        try:
            self.process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


def server_pem(encoded: str) -> bytes:
    """The announced certificate as PEM."""
    der = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    loaded = x509.load_der_x509_certificate(der)
    return loaded.public_bytes(serialization.Encoding.PEM)

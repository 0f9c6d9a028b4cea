"""Fixtures: a scripted server and a client that talks to it without ever sleeping."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

import pytest

from provider.api.client import Client
from provider.api.transport import Transport
from tests.contract.scripted import Recorder, ScriptedServer, settings

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    scripted = ScriptedServer()
    yield scripted
    scripted.close()


@pytest.fixture
def transport(server: ScriptedServer) -> Iterator[Transport]:
    made = Transport(settings(server.url, request_timeout=5.0))
    yield made
    made.close()


@pytest.fixture
def operation() -> Recorder:
    return Recorder()


@pytest.fixture
def client(transport: Transport, operation: Recorder) -> Client:
    return Client(transport, random=lambda: 0.5).during(operation)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A certificate that signs itself, with its key, for 127.0.0.1 and what a proxy leads to."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "test")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [
                    x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
                    x509.IPAddress(ipaddress.ip_address("fd00::1")),
                    x509.DNSName("api.example.com"),
                ]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + built.public_bytes(serialization.Encoding.PEM)
    )
    return str(file)


@pytest.fixture
def tls(certificate: str) -> ssl.SSLContext:
    """What a server needs to prove that it is 127.0.0.1."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.fixture
def secure(tls: ssl.SSLContext) -> Iterator[ScriptedServer]:
    scripted = ScriptedServer(tls)
    yield scripted
    scripted.close()

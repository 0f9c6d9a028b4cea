"""An API behind a certificate of one's own: trusted by `ca_file`, and otherwise never."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
from contextlib import suppress
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.e2e.test_drive_lifecycle import drive

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.cloud import Cloud
    from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.oid.NameOID.COMMON_NAME, "private")])
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("authority") / "both.pem"
    pem = serialization.Encoding.PEM
    form, locked = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path.write_bytes(built.public_bytes(pem) + key.private_bytes(pem, form, locked))
    return path


@pytest.fixture
def secured(workspace: Project, certificate: Path) -> Iterator[Project]:
    """A project whose API is the simulator, spoken to with TLS only."""
    inner = urlsplit(workspace.variables["CLOUDSIGMA_BASE_URL"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                sink.sendall(content)
            sink.shutdown(socket.SHUT_RDWR)

    def serve(connection: socket.socket) -> None:
        address = (inner.hostname or "", inner.port or 0)
        with (
            suppress(OSError),
            context.wrap_socket(connection, server_side=True) as outside,
            socket.create_connection(address) as inside,
        ):
            answers = Thread(target=pump, args=[inside, outside], daemon=True)
            answers.start()
            pump(outside, inside)
            answers.join()

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                Thread(target=serve, args=[listener.accept()[0]], daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=accept, args=[listener], daemon=True).start()
        port = listener.getsockname()[1]
        workspace.variables["CLOUDSIGMA_BASE_URL"] = f"https://127.0.0.1:{port}/api/2.0/"
        yield workspace
        listener.shutdown(socket.SHUT_RDWR)


def test_a_private_authority_is_trusted_by_its_file(
    secured: Project, cloud: Cloud, certificate: Path
) -> None:
    secured.write(f'provider "cloudsigma" {{\n  ca_file = "{certificate}"\n}}\n' + drive())

    secured.apply()

    assert len(cloud.drives()) == 1
    assert secured.plan_is_empty()


def test_without_the_file_nothing_is_sent(secured: Project, cloud: Cloud) -> None:
    secured.write(drive())

    words = secured.fails("apply", "-auto-approve")

    assert "not trusted" in words
    assert "`ca_file`" in words
    assert cloud.requests() == []


@pytest.mark.parametrize("name", ["insecure", "skip_tls_verify", "tls_verify"])
def test_there_is_no_way_to_switch_verification_off(secured: Project, name: str) -> None:
    secured.write(f'provider "cloudsigma" {{\n  {name} = true\n}}\n' + drive())

    assert "Unsupported argument" in secured.fails("validate")

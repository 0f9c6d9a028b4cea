"""Terraform installs from the folder that `make build` makes for a network mirror."""

from __future__ import annotations

import ssl
import threading
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.product.conftest import settings_in_guide
from tests.product.test_package import folder_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.e2e.terraform import Project

pytestmark = pytest.mark.e2e


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A file with a certificate for localhost and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file = tmp_path / "localhost.pem"
    file.write_bytes(made.public_bytes(pem) + key.private_bytes(pem, *plain))
    return file


@pytest.fixture
def address(built: Path, certificate: Path) -> Iterator[str]:
    """The network mirror, served over HTTPS as any web server would."""
    handler = partial(Quiet, directory=str(built / "network-mirror"))
    with ThreadingHTTPServer(("localhost", 0), handler) as server:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever).start()
        yield f"https://localhost:{server.server_port}/"
        server.shutdown()


def test_terraform_installs_over_the_network(
    package: Path, address: str, certificate: Path, tmp_path: Path, project: Callable[..., Project]
) -> None:
    workspace = project(tmp_path / "unused")
    settings = settings_in_guide("a network mirror")
    written = settings.replace("https://mirror.example.com/providers/", address)
    workspace.write(written, "terraform.rc")
    workspace.variables |= {
        "TF_CLI_CONFIG_FILE": str(workspace.directory / "terraform.rc"),
        "SSL_CERT_FILE": str(certificate),
        "CHECKPOINT_DISABLE": "1",
    }

    workspace.init()

    workspace.validate()
    lock = (workspace.directory / ".terraform.lock.hcl").read_text()
    assert folder_hash(package) in lock

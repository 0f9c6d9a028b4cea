"""Who is let in: the client whose certificate Terraform named, and nobody else."""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from provider.bridge import tls
from tests.bridge.plugin import PATIENCE, Certificate, Plugin, certificate, server_pem

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes(3) + b"\4" + bytes(5)
SETTINGS = 4
SERVE = 'sys.exit(main(Identity("toy", "1", ADDRESS, load), sys.argv[1:], os.environ))'


@pytest.fixture(scope="module")
def p521() -> Certificate:
    return certificate(ec.SECP521R1())


@pytest.fixture(scope="module")
def plugin(p521: Certificate) -> Iterator[Plugin]:
    """A plugin that expects a client whose certificate is like Terraform's own."""
    with Plugin(tls=False, PLUGIN_CLIENT_CERT=p521.pem.decode()) as running:
        running.certificate = p521
        yield running


@pytest.fixture(scope="module")
def fields(plugin: Plugin) -> list[str]:
    return plugin.fields()


@pytest.fixture
def connect(fields: list[str], tmp_path: Path) -> Callable[..., ssl.SSLSocket]:
    """A TLS connection, as the holder of a certificate."""

    def connected(own: Certificate | None, newest: ssl.TLSVersion | None = None) -> ssl.SSLSocket:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=server_pem(fields[5]).decode())
        context.set_alpn_protocols(["h2"])
        if newest:
            context.maximum_version = newest
        if newest == ssl.TLSVersion.TLSv1_1:
            context.minimum_version = newest
            context.set_ciphers("ALL:@SECLEVEL=0")
        if own:
            file = tmp_path / "own.pem"
            file.write_bytes(own.pem + own.key)
            context.load_cert_chain(file)
        return context.wrap_socket(plain_connection(fields), server_hostname="localhost")

    return connected


def plain_connection(fields: list[str]) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(fields[3])
    connection.settimeout(PATIENCE)
    return connection


def frame_kind(connection: ssl.SSLSocket) -> int:
    """The kind of the first HTTP/2 frame that comes back."""
    connection.sendall(PREFACE)
    header = connection.recv(9)
    kind: int = struct.unpack("!4xB4x", header)[0] if len(header) == 9 else -1
    return struct.unpack("!3xB5x", header)[0] if kind >= 0 else kind


def is_refused(connection: ssl.SSLSocket) -> bool:
    """Nothing but an end comes back: TLS 1.3 refuses a client after its own handshake."""
    try:
        connection.sendall(PREFACE)
        return connection.recv(9) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_a_p521_certificate_like_terraforms_is_let_in(
    connect: Callable[..., ssl.SSLSocket], p521: Certificate
) -> None:
    with closing(connect(p521)) as connection:
        assert connection.version() == "TLSv1.3"
        assert connection.selected_alpn_protocol() == "h2"
        assert frame_kind(connection) == SETTINGS


def test_tls_1_2_is_enough(connect: Callable[..., ssl.SSLSocket], p521: Certificate) -> None:
    with closing(connect(p521, ssl.TLSVersion.TLSv1_2)) as connection:
        assert frame_kind(connection) == SETTINGS


def test_tls_1_1_is_refused(connect: Callable[..., ssl.SSLSocket], p521: Certificate) -> None:
    with pytest.raises((ssl.SSLError, ConnectionError)), pytest.warns(DeprecationWarning):
        connect(p521, ssl.TLSVersion.TLSv1_1)


@pytest.mark.parametrize("own", [None, certificate(ec.SECP521R1()), certificate()])
def test_nobody_else_is_let_in(
    connect: Callable[..., ssl.SSLSocket], own: Certificate | None
) -> None:
    try:
        connection = connect(own)
    except (ssl.SSLError, ConnectionError):
        return
    with closing(connection):
        assert is_refused(connection)


def test_a_certificate_signed_by_terraforms_is_not_terraforms(
    connect: Callable[..., ssl.SSLSocket], p521: Certificate
) -> None:
    with closing(connect(signed_by(p521))) as connection:
        assert is_refused(connection)


def signed_by(issuer: Certificate) -> Certificate:
    """Another key's certificate, which the expected client has vouched for."""
    from cryptography.hazmat.primitives import hashes, serialization

    parent = x509.load_pem_x509_certificate(issuer.pem)
    parent_key: Any = serialization.load_pem_private_key(issuer.key, None)
    key = ec.generate_private_key(ec.SECP256R1())
    built = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([]))
        .issuer_name(parent.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(parent.not_valid_before_utc)
        .not_valid_after(parent.not_valid_after_utc)
        .sign(parent_key, hashes.SHA512())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return Certificate(built.public_bytes(serialization.Encoding.PEM), private)


def test_plain_bytes_are_refused(fields: list[str]) -> None:
    with closing(plain_connection(fields)) as connection:
        connection.sendall(PREFACE)

        answer = b""
        with suppress(ConnectionError):
            answer = connection.recv(64)

    assert answer[:1] in {b"", b"\x15"}, "neither an end nor a TLS alert"


def test_a_thousand_strangers_do_not_keep_the_client_out(
    plugin: Plugin, fields: list[str], connect: Callable[..., ssl.SSLSocket], p521: Certificate
) -> None:
    random = Random(1)
    silent = [plain_connection(fields) for _ in range(20)]
    for _ in range(1000):
        with closing(plain_connection(fields)) as connection, suppress(ConnectionError):
            connection.sendall(random.randbytes(random.randrange(1, 200)))

    with closing(connect(p521)) as connection:
        assert frame_kind(connection) == SETTINGS
    for stranger in silent:
        stranger.close()
    assert plugin.process.poll() is None


def test_strangers_that_use_up_all_files_do_not_end_the_service() -> None:
    few = "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))\n"
    with Plugin(code=few + "from tests.toy.__main__ import *\n" + SERVE) as plugin:
        fields = plugin.fields()
        strangers = [plain_connection(fields) for _ in range(60)]
        for stranger in strangers:
            stranger.close()

        assert not plugin.client(fields).ask("GetProviderSchema").diagnostics


def test_the_certificate_is_one_time_and_for_localhost() -> None:
    first, second = tls.certificate(), tls.certificate()
    loaded = x509.load_der_x509_certificate(first.der)

    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    loaded.verify_directly_issued_by(loaded)
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert first.der != second.der
    assert first.key_pem != second.key_pem


def test_no_key_stays_in_the_folder(tmp_path: Path) -> None:
    guard = tls.guard(certificate().pem.decode(), str(tmp_path))

    assert list(tmp_path.iterdir()) == []
    assert guard.announced

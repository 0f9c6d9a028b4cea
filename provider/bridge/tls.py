"""Mutual TLS with one-time certificates; the only importer of cryptography and ssl.

The certificate and the key are written out as DER here, because importing what writes them costs
four times as much of every start as making them does.
Protocol: AutoMTLS of go-plugin; RFC 5280 for the certificate, RFC 5915 for the key.
"""

from __future__ import annotations

import base64
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

_EC_PUBLIC_KEY: Final = "2a8648ce3d0201"
_P256: Final = "2a8648ce3d030107"
_ECDSA_WITH_SHA256: Final = "2a8648ce3d040302"
_COMMON_NAME: Final = "550403"
_SUBJECT_ALT_NAME: Final = "551d11"
_EXTENDED_KEY_USAGE: Final = "551d25"
_SERVER_AUTH: Final = "2b06010505070301"
_CLIENT_AUTH: Final = "2b06010505070302"
_VALID_DAYS: Final = 3650


class Certificate(NamedTuple):
    """A one-time certificate for localhost and its key."""

    der: bytes
    key_pem: bytes

    @property
    def pem(self) -> str:
        """The certificate as text."""
        return ssl.DER_cert_to_PEM_cert(self.der)


class Guard(NamedTuple):
    """Who is let in, and what proves who we are."""

    own: Certificate
    outer: ssl.SSLContext | None  # for the announced socket, unless Terraform wants none
    pinned: bytes | None  # the one client certificate that is accepted there
    inner: ssl.SSLContext | None  # for gRPC's own socket, where that is open to everybody

    @property
    def announced(self) -> str:
        """The certificate as the handshake line carries it."""
        return base64.b64encode(self.own.der).decode().rstrip("=") if self.outer else ""


def guard(client_pem: str, folder: Path, *, is_open: bool) -> Guard:
    """The guard against everybody but the client; `is_open` when others reach gRPC's socket."""
    own = certificate()
    outer = server_context(own, client_pem, folder) if client_pem else None
    pinned = ssl.PEM_cert_to_DER_cert(client_pem) if client_pem else None
    return Guard(own, outer, pinned, inner_context(own, folder) if is_open else None)


def certificate() -> Certificate:
    """A self-signed P-256 certificate that nobody has used before."""
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_numbers()
    point = b"\4" + b"".join(map(_coordinate, (secret.public_numbers.x, secret.public_numbers.y)))
    public = _tlv(0x03, b"\0" + point)
    body = _to_be_signed(_sequence(_sequence(_oid(_EC_PUBLIC_KEY), _oid(_P256)), public))
    signature = key.sign(body, ec.ECDSA(SHA256()))
    der = _sequence(body, _algorithm(), _tlv(0x03, b"\0" + signature))
    private = _sequence(
        _tlv(0x02, b"\1"),
        _tlv(0x04, _coordinate(secret.private_value)),
        _tlv(0xA0, _oid(_P256)),
        _tlv(0xA1, public),
    )
    return Certificate(der, _pem("EC PRIVATE KEY", private))


def server_context(own: Certificate, client_pem: str, folder: Path) -> ssl.SSLContext:
    """Settings under which only the holder of the client certificate can connect.

    `folder` must be private: the ssl module reads the key from a file, which exists meanwhile.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=client_pem)
    return _identified(context, own, folder)


def inner_context(own: Certificate, folder: Path) -> ssl.SSLContext:
    """Settings with which the front connects to gRPC where a port is open to everybody."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=own.pem)
    return _identified(context, own, folder)


def _identified(context: ssl.SSLContext, own: Certificate, folder: Path) -> ssl.SSLContext:
    context.set_alpn_protocols(["h2"])
    file = folder / "key.pem"
    file.touch(0o600)
    try:
        file.write_text(own.pem + own.key_pem.decode())
        context.load_cert_chain(file)
    finally:
        file.unlink()
    return context


def _to_be_signed(public_key: bytes) -> bytes:
    begin = datetime.now(UTC) - timedelta(minutes=5)
    validity = _sequence(_time(begin), _time(begin + timedelta(days=_VALID_DAYS)))
    name = _sequence(_tlv(0x31, _sequence(_oid(_COMMON_NAME), _tlv(0x0C, b"localhost"))))
    usages = _sequence(_oid(_SERVER_AUTH), _oid(_CLIENT_AUTH))
    extensions = _sequence(
        _sequence(_oid(_SUBJECT_ALT_NAME), _tlv(0x04, _sequence(_tlv(0x82, b"localhost")))),
        _sequence(_oid(_EXTENDED_KEY_USAGE), _tlv(0x04, usages)),
    )
    version_3, serial = _tlv(0xA0, _tlv(0x02, b"\2")), _tlv(0x02, b"\1" + os.urandom(15))
    return _sequence(
        version_3, serial, _algorithm(), name, validity, name, public_key, _tlv(0xA3, extensions)
    )


def _algorithm() -> bytes:
    return _sequence(_oid(_ECDSA_WITH_SHA256))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(digits))) + digits + content


def _sequence(*parts: bytes) -> bytes:
    return _tlv(0x30, b"".join(parts))


def _oid(encoded: str) -> bytes:
    return _tlv(0x06, bytes.fromhex(encoded))


def _time(moment: datetime) -> bytes:
    return _tlv(0x17, moment.strftime("%y%m%d%H%M%SZ").encode())


def _coordinate(number: int) -> bytes:
    return number.to_bytes(32, "big")


def _pem(label: str, der: bytes) -> bytes:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n".encode()

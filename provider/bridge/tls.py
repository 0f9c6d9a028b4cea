"""Mutual TLS with one-time certificates; the only importer of cryptography and ssl.

The certificate and the key are written out as DER here, because importing what writes them costs
four times as much of every start as making them does.
Protocol: AutoMTLS of go-plugin; RFC 5280 for the certificate, RFC 5915 for the key, FIPS 186-5 for
its signature.
"""

from __future__ import annotations

import base64
import os
import ssl
import time
from typing import Final, NamedTuple

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256, Hash

_EC_PUBLIC_KEY: Final = "2a8648ce3d0201"
_P256: Final = "2a8648ce3d030107"
_ECDSA_WITH_SHA256: Final = "2a8648ce3d040302"
_COMMON_NAME: Final = "550403"
_SUBJECT_ALT_NAME: Final = "551d11"
_EXTENDED_KEY_USAGE: Final = "551d25"
_SERVER_AUTH: Final = "2b06010505070301"
_CLIENT_AUTH: Final = "2b06010505070302"
_P256_ORDER: Final = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_CLOCK_SKEW: Final = 300.0  # seconds
_VALID: Final = 3650 * 86_400.0  # seconds


class Certificate(NamedTuple):
    """A one-time certificate for localhost and its key."""

    der: bytes
    key_pem: str

    @property
    def pem(self) -> str:
        """The certificate as text."""
        return ssl.DER_cert_to_PEM_cert(self.der)


class Guard(NamedTuple):
    """Who is let in, and what proves who we are."""

    announced: str  # our certificate, as the handshake line carries it
    context: ssl.SSLContext
    pinned: bytes  # the one certificate that a client may have


def guard(client_pem: str, folder: str) -> Guard:
    """The guard against everybody but the holder of a certificate.

    `folder` must be private: the ssl module reads the key from a file, which exists meanwhile.
    """
    own = certificate()
    announced = base64.b64encode(own.der).decode().rstrip("=")
    context = _server_context(own, client_pem, folder)
    return Guard(announced, context, ssl.PEM_cert_to_DER_cert(client_pem))


def certificate() -> Certificate:
    """A self-signed P-256 certificate that nobody has used before."""
    key = ec.generate_private_key(ec.SECP256R1())
    secret = key.private_numbers()
    point = b"\4" + b"".join(map(_coordinate, (secret.public_numbers.x, secret.public_numbers.y)))
    public = _tlv(0x03, b"\0" + point)
    body = _to_be_signed(_sequence(_sequence(_oid(_EC_PUBLIC_KEY), _oid(_P256)), public))
    signature = _tlv(0x03, b"\0" + _signed(body, secret.private_value))
    der = _sequence(body, _algorithm(), signature)
    private = _sequence(
        _tlv(0x02, b"\1"),
        _tlv(0x04, _coordinate(secret.private_value)),
        _tlv(0xA0, _oid(_P256)),
        _tlv(0xA1, public),
    )
    text = base64.encodebytes(private).decode()
    return Certificate(der, f"-----BEGIN EC PRIVATE KEY-----\n{text}-----END EC PRIVATE KEY-----\n")


def _signed(body: bytes, private_value: int) -> bytes:
    """An ECDSA signature, whose nonce is a key that the library makes for nothing else.

    The library's own `sign` loads half of the library first, which takes 4 ms of every start.
    Nobody relies on this signature: the certificate is trusted for being the announced one.
    """
    nonce = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    digest = Hash(SHA256())
    digest.update(body)
    r = nonce.public_numbers.x % _P256_ORDER
    message = int.from_bytes(digest.finalize(), "big")
    s = pow(nonce.private_value, -1, _P256_ORDER) * (message + r * private_value) % _P256_ORDER
    return _sequence(_integer(r), _integer(s))


def _server_context(own: Certificate, client_pem: str, folder: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(cadata=client_pem)
    context.set_alpn_protocols(["h2"])
    file = os.path.join(folder, "key.pem")
    with open(file, "w", opener=_private) as out:
        out.write(own.pem + own.key_pem)
    try:
        context.load_cert_chain(file)
    finally:
        os.unlink(file)
    return context


def _private(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_EXCL, 0o600)


def _to_be_signed(public_key: bytes) -> bytes:
    begin = time.time() - _CLOCK_SKEW
    validity = _sequence(_time(begin), _time(begin + _VALID))
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


def _integer(number: int) -> bytes:
    return _tlv(0x02, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _oid(encoded: str) -> bytes:
    return _tlv(0x06, bytes.fromhex(encoded))


def _time(moment: float) -> bytes:
    return _tlv(0x17, time.strftime("%y%m%d%H%M%SZ", time.gmtime(moment)).encode())


def _coordinate(number: int) -> bytes:
    return number.to_bytes(32, "big")

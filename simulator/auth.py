"""Who may call: Basic, Bearer and Digest authentication.

API: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import secrets
from hmac import compare_digest
from typing import TYPE_CHECKING

from simulator.errors import Unauthorized

if TYPE_CHECKING:
    from simulator.settings import Settings


def _md5(*parts: str) -> str:
    # documented: Digest uses MD5
    return hashlib.md5(":".join(parts).encode(), usedforsecurity=False).hexdigest()


class Guard:
    """Knows the account's credentials, and refuses everybody else."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.nonce = secrets.token_hex(16)
        self.opaque = secrets.token_hex(16)

    def check(self, header: str, method: str, target: str) -> None:
        """Refuse a request whose Authorization header proves nothing."""
        scheme, _, proof = header.partition(" ")
        match scheme.lower():
            case "basic":
                allowed = self._is_basic(proof)
            case "bearer":
                # observed: a token is sent as Bearer
                allowed = compare_digest(proof.strip().encode(), self.settings.token.encode())
            case "digest":
                allowed = self._is_digest(proof, method, target)
            case _:
                allowed = False
        if not allowed:
            # documented: without credentials the answer is a Digest challenge
            challenge = (
                f'Digest nonce="{self.nonce}", realm="users", algorithm="MD5", '
                f'opaque="{self.opaque}", qop="auth"'
            )
            text = "Authentication credentials were not provided or are wrong"
            raise Unauthorized(text, headers={"WWW-Authenticate": challenge})

    def _is_basic(self, proof: str) -> bool:
        try:
            given = base64.b64decode(proof.strip(), validate=True)
        except (binascii.Error, ValueError):
            return False
        wanted = f"{self.settings.user}:{self.settings.password}".encode()
        return compare_digest(given, wanted)

    def _is_digest(self, proof: str, method: str, target: str) -> bool:
        said = {key: quoted or plain for key, quoted, plain in _PARTS.findall(proof)}
        first = _md5(self.settings.user, "users", self.settings.password)
        second = _md5(method, target)
        count, client = said.get("nc", ""), said.get("cnonce", "")
        wanted = _md5(first, self.nonce, count, client, "auth", second)
        return (
            said.get("username") == self.settings.user
            and said.get("uri") == target
            and compare_digest(said.get("response", "").encode(), wanted.encode())
        )


_PARTS = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')

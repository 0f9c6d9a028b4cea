"""Whom a TLS connection trusts: the system's roots and one's own. Nothing switches this off."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class Trust:
    """Verification of certificates and host names by the system's roots and `ca_file`.

    Those of Mozilla stand in where the system has none, in a file or a folder.

    Reading all roots takes longer than many requests. Where OpenSSL can look
    one up in a folder, they are read only for a server that this does not do for.
    """

    def __init__(self, ca_file: str | None) -> None:
        folder = _folder()
        self.context = ssl.create_default_context(capath=folder)
        self.context.set_alpn_protocols(["http/1.1"])
        self._is_whole = folder is None
        # The store tells nothing of a folder, in which OpenSSL looks when it needs a root.
        if self._is_whole and not self.context.cert_store_stats()["x509_ca"]:
            import certifi  # noqa: PLC0415 - few systems need it

            self.context.load_verify_locations(certifi.where())
        if ca_file:
            try:
                self.context.load_verify_locations(ca_file)
            except OSError as error:
                raise ValueError(f"ca_file {ca_file!r} holds no readable certificates") from error

    def tried(self, connect: Callable[[], T]) -> T:
        """What `connect` makes with the context, which has read every root before it fails."""
        was_whole = self._is_whole
        try:
            return connect()
        except ssl.SSLCertVerificationError:
            if was_whole:
                raise
            self.context.load_default_certs()
            self._is_whole = True
            return connect()


def _folder() -> str | None:
    """The folder of the system's roots, if they have the names there that OpenSSL looks for."""
    folder = ssl.get_default_verify_paths().capath
    return folder if folder and any(Path(folder).glob("*.0")) else None

"""The proxy that the environment names for a server, as curl and most clients read it."""

from __future__ import annotations

import base64
import ipaddress
import os
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from provider.api.addresses import PORTS, is_loopback

if TYPE_CHECKING:
    from collections.abc import Mapping


class Proxy(NamedTuple):
    """Where the proxy is, and the headers that are for it alone."""

    host: str
    port: int
    headers: dict[str, str]


def proxy_for(url: SplitResult, environ: Mapping[str, str] = os.environ) -> Proxy | None:
    """The proxy for the server of `url`: of HTTPS_PROXY or HTTP_PROXY, else of ALL_PROXY.

    There is none for the local machine, where the proxy would look for another server, and read
    credentials that may go there by http.
    """
    if is_loopback(url.hostname or ""):
        return None
    named = _variable(f"{url.scheme}_proxy", environ) or _variable("all_proxy", environ)
    if not named or is_exempt(url, _variable("no_proxy", environ)):
        return None
    try:
        parts = urlsplit(named if "://" in named else f"http://{named}")
        if parts.scheme == "http" and parts.hostname:
            return Proxy(parts.hostname, parts.port or 80, _credentials(parts))
    except ValueError:
        pass
    # What was given may hold a password, so neither it nor a part of it is repeated.
    raise ValueError("the proxy named in the environment must be like http://HOST:PORT")


def _variable(name: str, environ: Mapping[str, str]) -> str:
    """The value of the name in lower case, even if empty, else of the name in upper case."""
    return environ.get(name, environ.get(name.upper(), "")).strip()


def _credentials(parts: SplitResult) -> dict[str, str]:
    if parts.username is None:
        return {}
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
    return {"Proxy-Authorization": "Basic " + base64.b64encode(pair).decode("ascii")}


def is_exempt(url: SplitResult, no_proxy: str) -> bool:
    """Whether NO_PROXY names the host, a domain it is in, its network, or everything."""
    host, port = url.hostname or "", url.port or PORTS[url.scheme]
    names = map(_of_port, no_proxy.lower().replace(",", " ").split())
    return any(_is_of(host, name) for name, only in names if only in {"", str(port)})


def _of_port(name: str) -> tuple[str, str]:
    """A name without what is around it, and the only port it is about, if it gives one."""
    before, _, after = name.rpartition(":")
    if not before or (":" in before and not before.endswith("]")):  # none, or one of IPv6
        before, after = name, ""
    return before.strip("[]").removeprefix("*.").lstrip("."), after


def _is_of(host: str, name: str) -> bool:
    """Whether the name is the host's, its domain's, its network's, or everybody's."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return name in {"*", host} or (bool(name) and host.endswith(f".{name}"))
    try:
        return name == "*" or address in ipaddress.ip_network(name, strict=False)
    except ValueError:
        return False

"""Where the API is, and how names and values are written into its URLs.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/general.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode, urlsplit

from provider.api.errors import ValidationFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PORTS = {"http": 80, "https": 443}
DEFAULT_LOCATION = "zrh"

# Only the locations that are not served below cloudsigma.com.
BASE_URLS = {
    "adb": "https://siaflex.cloud/api/2.0/",
    "dub": "https://ec.servecentric.com/api/2.0/",
    "lla": "https://cloud.hydro66.com/api/2.0/",
    "mty": "https://mty.stratospherecloud.com/api/2.0/",
    "ruh": "https://ruh.cld.v2.sa/api/2.0/",
    "wdc": "https://wdc.alpha3cloud.com/api/2.0/",
}


def base_url(location: str) -> str:
    """The base URL of a location code such as `zrh`, in either case."""
    code = location.lower()
    if not re.fullmatch(r"[a-z0-9]+", code):
        raise ValueError(f"location {location!r} is not a code of letters and digits such as 'zrh'")
    return BASE_URLS.get(code, f"https://{code}.cloudsigma.com/api/2.0/")


def checked_base_url(url: str, *, allow_http: bool) -> str:
    """`url` with a final slash, if credentials may be sent there.

    Plain http is for the local machine unless allowed; a user, a query or a
    fragment inside the URL is refused, because it would reach logs and errors.
    """
    try:
        parts = urlsplit(url)
        named = parts.scheme in {"http", "https"} and parts.hostname and parts.port != 0
    except ValueError:
        named = False
    if not named:
        raise ValueError("base_url must start with https:// and name a host, and a port if need be")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ValueError("base_url must not hold a user, a password, a query or a fragment")
    if parts.scheme == "http" and not allow_http and not is_loopback(parts.hostname or ""):
        raise ValueError(
            "base_url must use https, since http would send the credentials in the clear; "
            "allow_insecure_http allows that"
        )
    return parts.geturl().rstrip("/") + "/"


def is_loopback(host: str) -> bool:
    """Whether a host name is the local machine by definition, without asking DNS."""
    return host in {"localhost", "::1"} or bool(re.fullmatch(r"127(\.\d{1,3}){3}", host))


def path(*segments: str) -> str:
    """A relative path whose segments cannot escape their place, with the final slash.

    The segments `.`, `..` and the empty one mean something else in every URL
    parser on the way, encoded or not, so they are refused.
    """
    for segment in segments:
        if segment in {"", ".", ".."}:
            raise ValidationFailed(f"{segment!r} cannot be the name of an object")
    return "".join(quote(segment, safe="", errors="replace") + "/" for segment in segments)


def query_string(query: Mapping[str, str]) -> str:
    """The query with everything but the comma escaped, as in the documented examples."""
    return urlencode(query, safe=",", quote_via=quote, errors="replace")


def filter_value(alternatives: str | Iterable[str]) -> str:
    r"""The value of a filter that matches any of the alternatives literally.

    A comma separates alternatives and `\,` is a literal one, so backslashes
    count, and are doubled, only where a comma follows.
    """
    if isinstance(alternatives, str):
        alternatives = [alternatives]
    escaped = [re.sub(r"(\\*),", r"\1\1\\,", value) for value in alternatives]
    return ",".join(
        [re.sub(r"(\\*)$", r"\1\1", value, count=1) for value in escaped[:-1]] + escaped[-1:]
    )

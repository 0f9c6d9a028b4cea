"""One HTTP exchange on a kept connection; the only importer of the HTTP library.

The library's session is not used. It would take credentials from ~/.netrc,
send cookies back (which makes the API demand CSRF tokens), follow redirects,
and let the environment replace the trusted certificates.
"""

from __future__ import annotations

import json
import ssl
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from requests.adapters import HTTPAdapter
from requests.utils import DEFAULT_CA_BUNDLE_PATH, get_environ_proxies
from urllib3 import exceptions as urllib3  # what the HTTP library lets through from below

from provider.api import addresses, answers, errors

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from provider.api.settings import Settings

    Log = Callable[[str, Mapping[str, object]], None]

MAX_BODY = 64 * 1024 * 1024
CHUNK = 64 * 1024
TRACED = 16 * 1024
UNSENT = (
    requests.exceptions.InvalidURL,
    urllib3.ConnectTimeoutError,
    urllib3.LocationValueError,
    urllib3.NewConnectionError,
    urllib3.ProxyError,  # raised only while there is no tunnel or connection to the proxy
)
CONNECT_TIMEOUT = 10.0
SLOWEST = 4
"""How many times the allowed silence a whole answer may take."""


def silent(_event: str, _fields: Mapping[str, object]) -> None:
    """A log that keeps nothing."""


class Transport:
    """A pool of kept connections to one API, shared by all threads.

    `log` receives one event per exchange, without headers or bodies; `trace`
    receives the bodies, without the credentials.
    """

    def __init__(self, settings: Settings, *, log: Log = silent, trace: Log = silent) -> None:
        self.settings = settings
        self._base = addresses.checked_base_url(settings.base_url, allow_http=settings.allow_http)
        self._log = log
        self._trace = trace
        context = _trust(settings.ca_file) if self._base.startswith("https:") else None
        self._adapter = _VerifyingAdapter(context, settings.pool_size)
        self._proxies = get_environ_proxies(self._base)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "Authorization": settings.authorization(),
            "Content-Type": "application/json",
            "User-Agent": settings.user_agent,
        }

    def exchange(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: object = None
    ) -> answers.Answer:
        """The answer to one request, sent once. Any other outcome is raised as an `ApiError`."""
        target = path + ("?" + addresses.query_string(query) if query else "")
        seen: dict[str, object] = {"method": method, "path": target}
        started = time.monotonic()
        try:
            status, headers, content = self._round_trip(method, target, body)
            seen |= {"status": status, "request_id": answers.request_id(headers)}
            self._trace("HTTP answer", {**seen, "body": self._excerpt(content)})
            return self._understood(method, target, status, headers, content)
        except errors.ApiError as error:
            seen["failure"] = type(error).__name__
            raise
        finally:
            seen["ms"] = round((time.monotonic() - started) * 1000)
            self._log("HTTP exchange", seen)

    def close(self) -> None:
        """Every kept connection is closed."""
        self._adapter.close()

    def _round_trip(
        self, method: str, target: str, body: object
    ) -> tuple[int, Mapping[str, str], bytes]:
        data = None if body is None else json.dumps(body, allow_nan=False).encode()
        if data is not None:
            fields = {"method": method, "path": target, "body": self._excerpt(data)}
            self._trace("HTTP request", fields)
        request = requests.Request(method, self._base + target, headers=self._headers, data=data)
        silence = self.settings.request_timeout
        with _outcome(method, target):
            response = self._adapter.send(
                request.prepare(),
                stream=True,
                timeout=(min(CONNECT_TIMEOUT, silence), silence),
                proxies=self._proxies,
            )
            with response:
                return response.status_code, response.headers, self._content(response)

    def _content(self, response: requests.Response) -> bytes:
        """The whole body, unpacked, if it ends in time and within its bound."""
        content = bytearray()
        give_up = time.monotonic() + SLOWEST * self.settings.request_timeout
        while chunk := response.raw.read1(CHUNK, decode_content=True):
            content += chunk
            if len(content) > MAX_BODY:
                raise errors.Malformed(
                    f"The answer is larger than {MAX_BODY} bytes",
                    status=response.status_code,
                    request_id=answers.request_id(response.headers),
                )
            if time.monotonic() > give_up:
                raise errors.AnswerLost("The answer came too slowly")
        return bytes(content)

    def _understood(
        self, method: str, path: str, status: int, headers: Mapping[str, str], content: bytes
    ) -> answers.Answer:
        if not 200 <= status < 300:
            text = self._hidden(content.decode(errors="replace"))
            raise answers.failure(method, path, status, headers, text)
        answer = answers.Answer(method, path, status, headers, None)
        if status == 204 or not content:
            return answer
        try:
            return answer._replace(json=answers.parse(content))
        except ValueError as error:
            raise answer.malformed(str(error)) from None

    def _excerpt(self, content: bytes) -> str:
        return self._hidden(content[:TRACED].decode(errors="replace"))

    def _hidden(self, text: str) -> str:
        """`text` without the credentials, should a server have sent them back."""
        blob = self.settings.authorization().split(" ", 1)[1]
        for secret in filter(None, (blob, self.settings.password, self.settings.token)):
            text = text.replace(secret, "***")
        return text


class _VerifyingAdapter(HTTPAdapter):
    """Connections that trust the system's certificates and one's own, whatever the environment."""

    def __init__(self, context: ssl.SSLContext | None, pool_size: int) -> None:
        self._context = context
        super().__init__(pool_maxsize=pool_size)

    def build_connection_pool_key_attributes(
        self, request: requests.PreparedRequest, verify: Any, cert: Any = None
    ) -> Any:
        """The library's key for a pool, with the context in place of its own bundle."""
        host, _ = super().build_connection_pool_key_attributes(request, verify, cert)
        return host, {"ssl_context": self._context, "cert_reqs": "CERT_REQUIRED"}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:  # noqa: ARG002
        """The context verifies; the library's own bundle is not added to it."""
        conn.cert_reqs = "CERT_REQUIRED"


def _trust(ca_file: str | None) -> ssl.SSLContext:
    """A context that verifies certificates and host names by the system's roots and `ca_file`."""
    context = ssl.create_default_context()
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise ValueError(f"ca_file {ca_file!r} holds no readable certificates") from error
    return context


@contextmanager
def _outcome(method: str, path: str) -> Iterator[None]:
    """Every exception of the HTTP library leaves as one of ours, told apart by what was sent.

    What cannot be proven unsent counts as sent.
    """
    try:
        yield
    except errors.ApiError as error:
        error.method, error.path = method, path
        raise
    except (requests.RequestException, urllib3.HTTPError) as error:
        kind, summary = _kind(error)
        raise kind(summary, method=method, path=path) from error


def _kind(error: Exception) -> tuple[type[errors.ApiError], str]:
    """The class and the plain words for an exception of the HTTP library."""
    causes = _causes(error)
    text = next((c.strerror for c in causes if isinstance(c, OSError) and c.strerror), "")
    detail = text or type(causes[-1]).__name__
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return errors.Untrusted, f"The certificate of the server is not trusted: {detail}"
    if any(isinstance(cause, UNSENT) for cause in causes):
        return errors.Unreachable, f"No connection could be made: {detail}"
    if any(isinstance(cause, urllib3.DecodeError) for cause in causes):
        return errors.Malformed, "The answer cannot be unpacked"
    return errors.AnswerLost, f"No complete answer came: {detail}"


def _causes(error: BaseException | None) -> list[BaseException]:
    """The exception and those it wraps, outermost first."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        wrapped = [getattr(error, "reason", None), *error.args, error.__cause__, error.__context__]
        error = next((inner for inner in wrapped if isinstance(inner, BaseException)), None)
    return found

"""What the bytes of an answer mean: JSON within bounds, or a kind of failure. Nothing here sends.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/errors.html
"""

from __future__ import annotations

import json
import math
import re
import time
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from provider.api import errors
from provider.api.errors import ApiError, Message

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

MAX_DEPTH = 32
EXCERPT = 200
READ = 50 * EXCERPT  # of a page, for the excerpt

KIND_OF_STATUS: dict[int, type[ApiError]] = {
    400: errors.ValidationFailed,
    401: errors.Unauthorized,
    402: errors.BillingFailed,
    403: errors.PermissionDenied,
    429: errors.RateLimited,
}
KIND_OF_TYPE: dict[str, type[ApiError]] = {
    "billing": errors.BillingFailed,
    "concurrency": errors.Concurrency,
    "payment": errors.BillingFailed,
    "permission": errors.PermissionDenied,
    "validation": errors.ValidationFailed,
}


class Answer(NamedTuple):
    """A successful answer; `json` is None when there was no body."""

    method: str
    path: str
    status: int
    headers: Mapping[str, str]
    json: Any

    def malformed(self, reason: str) -> errors.Malformed:
        """The error for an answer that the API cannot have meant."""
        return errors.Malformed(
            f"The answer {reason}",
            method=self.method,
            path=self.path,
            status=self.status,
            request_id=request_id(self.headers),
        )


def request_id(headers: Mapping[str, str]) -> str | None:
    """The id to quote to CloudSigma's support."""
    return headers.get("X-REQUEST-ID")


def parse(body: bytes) -> Any:
    """The JSON value of a body, of bounded depth and with text that can be encoded again."""
    try:
        text = body.decode("utf-8-sig")  # left to itself, json lets surrogates through
        value = json.loads(text, parse_constant=_finite, parse_float=_finite)
        if b"\\ud" in body.lower():
            json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except RecursionError:
        raise ValueError("is nested too deeply") from None
    except ValueError:
        raise ValueError("is not JSON") from None
    if _depth_exceeds(value, MAX_DEPTH):
        raise ValueError("is nested too deeply")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _depth_exceeds(value: object, limit: int) -> bool:
    level = [value]
    for _ in range(limit):
        level = [
            child
            for node in level
            if isinstance(node, (dict, list))
            for child in (node.values() if isinstance(node, dict) else node)
        ]
        if not level:
            return False
    return True


def failure(
    method: str,
    path: str,
    status: int,
    headers: Mapping[str, str],
    body: str,
    *,
    hide: Callable[[str], str] = str,
) -> ApiError:
    """The error that an answer outside 2xx stands for.

    Every element of the documented array is kept. A bare object, HTML and an
    empty body are survived; then the status decides and an excerpt is shown.
    What is shown has passed through `hide`, after all has been decided.
    """
    elements = _elements(body)
    kind = _kind(status, elements)
    return kind(
        _summary(status, headers, hide(body[: 2 * READ])),
        method=method,
        path=path,
        status=status,
        error_type=next((hide(e["error_type"]) for e in elements if e["error_type"]), None),
        messages=[
            Message(hide(e["error_message"] or ""), e["error_point"] and hide(e["error_point"]))
            for e in elements
        ],
        request_id=request_id(headers),
        retry_after=retry_after(headers),
    )


def _summary(status: int, headers: Mapping[str, str], body: str) -> str:
    if 300 <= status < 400:
        return f"The answer points to {headers.get('Location', 'no other address')!r:.{EXCERPT}}"
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", body[:READ])).strip()
    return f"The answer reads: {text[:EXCERPT]}" if text else "The answer has no text"


def _elements(body: str) -> list[dict[str, str | None]]:
    """The elements of the API's error array, each with its three keys as text or None."""
    try:
        value = parse(body.encode(errors="replace"))
    except ValueError:
        return []
    return [
        {
            key: None if element.get(key) is None else str(element[key])
            for key in ("error_type", "error_message", "error_point")
        }
        for element in (value if isinstance(value, list) else [value])
        if isinstance(element, dict) and ("error_type" in element or "error_message" in element)
    ]


def _kind(status: int, elements: list[dict[str, str | None]]) -> type[ApiError]:
    """The class of an error answer.

    Absence is believed only from the API's own words: a 404 of a proxy or of a
    wrong base URL must not make a drive look deleted.
    """
    types = [element["error_type"] for element in elements]
    if 300 <= status < 400:
        return errors.Redirected
    if status == 404:
        return errors.NotFound if "notexist" in types else errors.Malformed
    named = [KIND_OF_TYPE[error_type] for error_type in types if error_type in KIND_OF_TYPE]
    if named and status not in {401, 429}:
        return named[0]
    if status >= 500:
        return errors.OutOfCapacity if status == 503 and elements else errors.ServerFault
    return KIND_OF_STATUS.get(status, ApiError)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """The seconds the server asks to wait, given as a number or as a date."""
    value = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]{1,9}", value):
        return float(value)
    moment = _timestamp(value)
    if moment is None:
        return None
    # The server's own clock, where it shows it, so that ours need not agree.
    sent = _timestamp(headers.get("Date", ""))
    return max(0.0, moment - (time.time() if sent is None else sent))


def _timestamp(date: str) -> float | None:
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, OverflowError):
        return None

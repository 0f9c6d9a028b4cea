"""Refusals: exceptions that know how the API writes them on the wire.

API: https://cloudsigma-docs.readthedocs.io/en/latest/errors.html
"""

# ruff: noqa: N818 - named after the condition, as the API names it

from __future__ import annotations

from typing import Any, ClassVar, NamedTuple


class Problem(NamedTuple):
    """One element of an error answer."""

    message: str
    point: str | None = None


class ApiError(Exception):
    """An answer that reports an error: a JSON array with one element per problem."""

    status: ClassVar[int]
    error_type: ClassVar[str]

    def __init__(self, *problems: Problem | str, headers: dict[str, str] | None = None) -> None:
        self.problems = [Problem(p) if isinstance(p, str) else p for p in problems]
        self.headers = headers or {}
        super().__init__("; ".join(problem.message for problem in self.problems))

    @property
    def body(self) -> list[dict[str, Any]]:
        """The wire form."""
        # documented: an error body is an array of error_type, error_message and error_point
        return [
            {
                "error_type": self.error_type,
                "error_message": problem.message,
                "error_point": problem.point,
            }
            for problem in self.problems
        ]


class Invalid(ApiError):
    """Submitted data is rejected."""

    # documented: malformed bodies and invalid values answer 400
    status, error_type = 400, "validation"


class Unauthorized(ApiError):
    """Credentials are missing or wrong."""

    # documented: missing or wrong credentials answer 401
    # assumed: the 401 body has error_type permission
    status, error_type = 401, "permission"


class ShortOfMoney(ApiError):
    """The account cannot pay."""

    # assumed: 402 has error_type billing
    status, error_type = 402, "billing"


class Forbidden(ApiError):
    """The object does not allow this, for this caller or at this time."""

    # observed: 403 has error_type permission
    status, error_type = 403, "permission"


class Missing(ApiError):
    """No such object, or it is already deleted."""

    # observed: 404 has error_type notexist
    status, error_type = 404, "notexist"


class MethodNotAllowed(ApiError):
    """The URL exists and does not know this verb."""

    # documented: a wrong verb answers 405
    status, error_type = 405, "permission"


class NotAcceptable(ApiError):
    """The caller accepts no media type that the API can write."""

    # documented: an Accept header without a supported type answers 406
    status, error_type = 406, "validation"


class Conflict(ApiError):
    """Answered only when a fault asks for it; the API documents no 409."""

    status, error_type = 409, "concurrency"


class TooManyRequests(ApiError):
    """A rate limit is used up."""

    # assumed: beyond a rate limit the answer is 429 with an array body and Retry-After
    status, error_type = 429, "permission"


class Broken(ApiError):
    """A fault of the server."""

    # documented: a server fault answers 500
    status, error_type = 500, "backend"


class Busy(ApiError):
    """Another operation on the object is under way; the call changed nothing."""

    # documented: conflicting operations answer with error_type concurrency
    # assumed: the status of a concurrency error is 503
    status, error_type = 503, "concurrency"


class OutOfCapacity(ApiError):
    """The location has no room of the asked kind."""

    # assumed: the capacity error is a 503 with error_type backend
    status, error_type = 503, "backend"


def missing(uuid: str) -> Missing:
    """The refusal for an unknown identifier."""
    # observed: the text of a 404 names the uuid
    return Missing(f"Object with uuid {uuid} does not exist")


def required(point: str) -> Problem:
    """The problem of an absent field."""
    # documented: a missing field is reported as `This field is required`
    return Problem("This field is required", point)

"""What can go wrong with an API call, one class per consequence for the caller.

    ApiError
    ├── NotFound           the API says that the object does not exist
    │   └── Vanished       an object that a call was about is gone
    ├── ValidationFailed   the data was refused
    ├── PermissionDenied   not allowed, or not in the object's present state
    ├── BillingFailed      not enough money
    ├── Unauthorized       the credentials were refused
    ├── Redirected         the base URL points elsewhere
    ├── Concurrency        two changes at once; the API did nothing
    ├── RateLimited        too many calls; the API did nothing
    ├── OutOfCapacity      not enough resources; the API did nothing
    ├── ServerFault        the API or something before it failed; it may have acted
    ├── Malformed          an answer that cannot be one of the API's; it may have acted
    ├── AnswerLost         sent, but no complete answer came; it may have acted
    ├── Unreachable        never sent
    │   └── Untrusted      never sent: the server's certificate is not trusted
    └── WaitTimeout        an object did not become what was waited for in time

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/errors.html
"""

# ruff: noqa: N818 - an exception is named by its condition, as the tree above reads

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

SHOWN_MESSAGES = 20


class Message(NamedTuple):
    """One element of the API's error array: its words, and the field they are about."""

    text: str
    point: str | None = None

    def __str__(self) -> str:
        return f'"{self.text}"' + (f" ({self.point})" if self.point else "")


class ApiError(Exception):
    """A call that did not succeed; used as it is for statuses that have no class of their own."""

    transient: ClassVar[bool] = False
    """Whether the same question may be answered a moment later."""
    elsewhere: ClassVar[bool] = False
    """Whether nobody or somebody else may have answered, so that the whole address is told."""

    def __init__(
        self,
        summary: str,
        *,
        method: str = "",
        path: str = "",
        status: int | None = None,
        error_type: str | None = None,
        messages: Sequence[Message] = (),
        request_id: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.method = method
        self.path = path
        self.status = status
        self.error_type = error_type
        self.messages = tuple(messages)
        self.request_id = request_id
        self.retry_after = retry_after
        self.unsure = False
        """Whether an attempt of the call before this one may have had its effect."""

    def __str__(self) -> str:
        facts = [
            f"{self.method} {self.path}".strip(),
            f"status {self.status}" if self.status else "",
            f"error_type {self.error_type}" if self.error_type else "",
            f"request id {self.request_id}" if self.request_id else "",
        ]
        known = ", ".join(fact for fact in facts if fact)
        return f"{self.words()} ({known})" if known else self.words()

    def words(self) -> str:
        """The API's own words where it gave any, else what was observed."""
        if not self.messages:
            return self.summary
        shown = [str(message) for message in self.messages[:SHOWN_MESSAGES]]
        hidden = len(self.messages) - len(shown)
        return "; ".join(shown) + (f"; and {hidden} more" if hidden else "")


class NotFound(ApiError):
    """The API itself says that the object does not exist."""


class Vanished(NotFound):
    """An object that a change or a wait was about does not exist any more."""


class ValidationFailed(ApiError):
    """The submitted data was refused."""


class PermissionDenied(ApiError):
    """Not allowed to this user, or not in the present state of the object."""


class BillingFailed(ApiError):
    """The account lacks the money."""


class Unauthorized(ApiError):
    """The credentials were refused."""


class Redirected(ApiError):
    """The server wants the call to go elsewhere; it was not followed."""

    elsewhere = True


class Concurrency(ApiError):
    """Another change was under way; the API refused this one and did nothing."""

    transient = True


class RateLimited(ApiError):
    """Too many calls; the API refused this one and did nothing."""

    transient = True


class OutOfCapacity(ApiError):
    """The location lacks resources at the moment; the API did nothing."""

    transient = True


class ServerFault(ApiError):
    """The API, or something before it, failed. Whether the call had an effect is not known."""

    transient = True


class Malformed(ApiError):
    """The answer is not one the API gives. Whether the call had an effect is not known."""

    transient = True
    elsewhere = True


class AnswerLost(ApiError):
    """The call was sent and no complete answer came. Whether it had an effect is not known."""

    transient = True


class Unreachable(ApiError):
    """No connection was made, so the call was never sent."""

    transient = True
    elsewhere = True


class Untrusted(Unreachable):
    """The server's certificate is not trusted, so the call was never sent."""

    transient = False


class WaitTimeout(ApiError):
    """The time allowed for a wait ran out."""

    def __init__(self, last_status: str, path: str = "") -> None:
        super().__init__(
            f'The time allowed has run out; the last status was "{last_status}"', path=path
        )
        self.last_status = last_status

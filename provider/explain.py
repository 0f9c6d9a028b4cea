"""What failures of the API mean to a practitioner: what failed, the API's words, what to do."""

from __future__ import annotations

from typing import Final

from provider.api import errors
from provider.bridge import DiagnosticError

# The first class that fits decides.
ADVICE: Final[list[tuple[type[errors.ApiError], str]]] = [
    (
        errors.Unauthorized,
        "Check `username` and `password`, or `token`, in the provider block or in the CLOUDSIGMA_ "
        "variables of the environment, and that the account belongs to this `location`.",
    ),
    (
        errors.PermissionDenied,
        "Either the user lacks the right, or the object does not allow this in its present "
        "state; then change the state and run terraform apply again.",
    ),
    (errors.BillingFailed, "Put money on the CloudSigma account, then run terraform apply again."),
    (errors.ValidationFailed, "Correct the configuration, then run terraform apply again."),
    (
        errors.OutOfCapacity,
        "The location lacks resources at the moment. Try later, or with another `storage_type`.",
    ),
    (
        errors.Concurrency,
        "Something else was changing the object at each attempt, for as long as its `timeouts` "
        "allow. Run terraform apply again.",
    ),
    (errors.RateLimited, "Too many requests. Lower -parallelism, or try again later."),
    (
        errors.Vanished,
        "Somebody else has deleted the object. Run terraform apply again to plan anew.",
    ),
    (
        errors.Redirected,
        "Check `base_url` (or `location`) of the provider block: it must be the API's own address.",
    ),
    (
        errors.Untrusted,
        "If the API has a certificate of your own authority, name it in `ca_file`.",
    ),
    (
        errors.Unreachable,
        "Check `base_url` (or `location`) of the provider block, the network, and proxy settings.",
    ),
    (
        errors.Malformed,
        "Check `base_url` (or `location`) of the provider block; something other than the API "
        "may have answered. Otherwise try again.",
    ),
    (
        errors.WaitTimeout,
        "The object still exists and is kept in the state. If it only needs longer, raise the "
        "limit in its `timeouts` block, then run terraform apply again; after a create, first run "
        "terraform untaint with its address, or it will be replaced.",
    ),
]
LATER: Final = "Run terraform apply again; if it fails again, tell CloudSigma's support."


def explained(
    error: errors.ApiError, subject: str, verb: str, names: set[str] | None = None
) -> Exception:
    """The failure as diagnostics, one per message, on the attribute it is about if known.

    `names` are the attributes an error can be placed on.
    """
    summary = f"{titled(subject)} could not be {PAST.get(verb, verb)}"
    advice = next((text for kind, text in ADVICE if isinstance(error, kind)), LATER)
    if error.retry_after:
        advice += f" CloudSigma asks to wait {error.retry_after:.0f} seconds."
    told = [
        DiagnosticError(summary, _detail(error, str(message), advice), place(message.point, names))
        for message in error.messages
    ]
    if not told:
        told = [DiagnosticError(summary, _detail(error, error.summary, advice))]
    return told[0] if len(told) == 1 else ExceptionGroup(summary, told)


PAST: Final = {
    "create": "created",
    "read": "read",
    "update": "updated",
    "delete": "deleted",
    "import": "imported",
    "plan": "planned",
    "list": "listed",
    "configure": "configured",
}


def titled(subject: str) -> str:
    """The name of a resource or data source as a sentence begins with it."""
    words = ["RDS" if word == "rds" else word for word in subject.split("_")]
    return words[0][:1].upper() + " ".join(words)[1:]


def place(point: str | None, names: set[str] | None) -> tuple[str | int, ...]:
    """The path of the attribute the API blames, when there is such an attribute."""
    return (point,) if point and names and point in names else ()


def _detail(error: errors.ApiError, words: str, advice: str) -> str:
    facts = [
        f"{error.method} {error.path}".strip(),
        f"status {error.status}" if error.status else "",
        f"error_type {error.error_type}" if error.error_type else "",
        f"request id {error.request_id}" if error.request_id else "",
    ]
    known = _harmless(", ".join(fact for fact in facts if fact))
    words = _harmless(words)
    said = f"CloudSigma answered {words}" if error.messages else f"{words}."
    return f"{said}\n({known})\n\n{advice}" if known else f"{said}\n\n{advice}"


def _harmless(text: str) -> str:
    """`text` without the characters that a terminal obeys."""
    return "".join(c if c.isprintable() else " " for c in text)

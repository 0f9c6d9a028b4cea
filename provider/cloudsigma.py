"""The provider block, what configuring means, and how API failures are told to people."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from provider import __version__, adoption, data_sources, functions, journal, resources
from provider.api import addresses, errors
from provider.api.events import Events
from provider.bridge import (
    DiagnosticError,
    Function,
    Log,
    Model,
    Operation,
    Provider,
    at_least,
    between,
    each,
    each_key,
    is_uuid,
    known,
    length,
    optional,
)
from provider.bridge.schema import attributes
from provider.definition import NO_NULL
from provider.explain import explained

if TYPE_CHECKING:
    from provider.api.client import Client


class Settings(Model):
    """The provider block."""

    location: str | None = optional(
        "Code of the CloudSigma location, such as `zrh`. May be set with `CLOUDSIGMA_LOCATION`. "
        f"Default: `{addresses.DEFAULT_LOCATION}`.",
        check=length(1),
    )
    base_url: str | None = optional(
        "URL of the API, for locations that have one of their own; it goes before `location`. "
        "May be set with `CLOUDSIGMA_BASE_URL`.",
        check=length(1),
    )
    username: str | None = optional(
        "E-mail address of the user. May be set with `CLOUDSIGMA_USERNAME`.", check=length(1)
    )
    password: str | None = optional(
        "Password of the user. May be set with `CLOUDSIGMA_PASSWORD`.",
        sensitive=True,
        check=length(1),
    )
    token: str | None = optional(
        "Access token, instead of username and password. May be set with `CLOUDSIGMA_TOKEN`.",
        sensitive=True,
        check=length(1),
    )
    allow_insecure_http: bool | None = optional(
        "Allow `base_url` to use http to another machine. Everybody on the way can then read "
        "the credentials. Default: `false`."
    )
    ca_file: str | None = optional(
        "Path of a PEM file with certificates to trust besides the system's.", check=length(1)
    )
    request_timeout: int | None = optional(
        "Seconds to wait for the answer to one request. Default: 60.", check=between(1, 3600)
    )
    max_retries: int | None = optional(
        "How often a request is repeated after a failure that may pass. Default: 5.",
        check=at_least(0),
    )
    default_tags: frozenset[str] | None = optional(
        "UUIDs of tags that every drive gets besides its own `tags`. All of a drive's tags are in "
        "its `tags_all`.",
        check=(each(is_uuid()), NO_NULL),
    )
    default_meta: dict[str, str] | None = optional(
        "Notes that every drive gets besides its own `meta`, which goes before them. All of a "
        "drive's managed notes are in its `meta_all`.",
        check=(each_key(length(1, 32)), each_key(adoption.NOT_THE_TOKEN), NO_NULL),
    )


class CloudSigma(Provider["Client", Settings]):
    """Manages drives of the [CloudSigma](https://www.cloudsigma.com) cloud."""

    name = "cloudsigma"
    version = __version__
    model = Settings
    resources = resources.found()
    data_sources = data_sources.found()

    @property
    def functions(self) -> Sequence[Function]:
        """The functions on sizes and locations."""
        return functions.found()

    def configure(self, config: Settings, log: Log) -> Client | None:
        """A client, or None as long as a value it needs is not known."""
        connecting = attributes(Settings).keys() - {"default_tags", "default_meta"}
        if not all(known(getattr(config, name)) for name in connecting):
            return None
        from provider.api.client import Client  # noqa: PLC0415 - only configured processes pay
        from provider.api.settings import Settings as ApiSettings  # noqa: PLC0415
        from provider.api.transport import Transport  # noqa: PLC0415

        with blamed_on():
            settings = ApiSettings(
                base_url=base_url_of(config),
                request_timeout=config.request_timeout or 60,
                max_retries=5 if config.max_retries is None else config.max_retries,
                ca_file=config.ca_file,
                allow_http=bool(config.allow_insecure_http),
                read_window=read_window(),
                user_agent=f"terraform-provider-cloudsigma/{__version__}",
                **credentials_of(config),
            )
            return Client(Transport(settings))

    def during(self, api: Client, operation: Operation, log: Log) -> Client:
        """The client whose pauses end when the operation is stopped or out of time."""
        if not log.wants("debug"):
            return api.during(operation)
        events = Events(
            log=lambda event, fields: log.debug(event, **fields),
            trace=lambda event, fields: log.trace(event, **fields),
        )
        return api.during(operation, events)

    def finished(self) -> None:
        """What was created is in a state by now."""
        journal.settle_answered()

    def explain(self, error: Exception, subject: str, verb: str) -> Exception | None:
        """What an API failure means, in the API's words, placed on the attribute it names."""
        if not isinstance(error, errors.ApiError):
            return None
        owner = self.resources.get(subject)
        return explained(error, subject, verb, set(attributes(owner.model)) if owner else None)


def credentials_of(config: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The token, or username and password; what is configured goes before the environment."""
    given = {name: getattr(config, name) for name in ("username", "password", "token")}
    present = {name: environ.get(f"CLOUDSIGMA_{name.upper()}") for name in given}
    if given["token"]:
        present |= {"username": None, "password": None}
    elif given["username"] or given["password"]:
        present["token"] = None
    found = {name: text for name in given if (text := given[name] or present[name])}
    if not found:
        raise DiagnosticError(
            "Missing CloudSigma credentials",
            "Set `token`, or `username` and `password`, in the provider block, or set "
            "CLOUDSIGMA_TOKEN, or CLOUDSIGMA_USERNAME and CLOUDSIGMA_PASSWORD, in the "
            "environment.",
        )
    if "token" in found and len(found) > 1:
        raise DiagnosticError(
            "Ambiguous CloudSigma credentials",
            "There is a token, and also a username or password. Keep one of them: look at the "
            "provider block and at the CLOUDSIGMA_ variables of the environment.",
            "token" if given["token"] else (),
        )
    for name, other in (("username", "password"), ("password", "username")):
        if other in found and name not in found:
            raise DiagnosticError(
                f'"{name}" must be set',
                f"There is a {other} without a {name}. Set `{name}` in the provider block, or "
                f"CLOUDSIGMA_{name.upper()} in the environment.",
                name,
            )
    return found


def base_url_of(config: Settings, environ: Mapping[str, str] = os.environ) -> str:
    """The API's address: a configured one, else from the environment, URL before location."""
    location = config.location or environ.get("CLOUDSIGMA_LOCATION")
    if config.base_url:
        return config.base_url
    if not config.location and environ.get("CLOUDSIGMA_BASE_URL"):
        return environ["CLOUDSIGMA_BASE_URL"]
    return addresses.base_url(location or addresses.DEFAULT_LOCATION)


def read_window(environ: Mapping[str, str] = os.environ) -> float:
    """The age in seconds that an answer to a read may have; a switch for finding faults."""
    text = environ.get("CLOUDSIGMA_READ_WINDOW", "5")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"CLOUDSIGMA_READ_WINDOW is no number of seconds: {text!r}") from None


@contextmanager
def blamed_on() -> Iterator[None]:
    """Refusals of the client's settings as errors on the argument they begin with."""
    try:
        yield
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        blamed = name in attributes(Settings)
        said = f"`{name}` {rest}" if blamed else f"{str(error)[0].upper()}{str(error)[1:]}"
        place = "in the provider block, or in the environment" if blamed else "in the environment"
        raise DiagnosticError(
            "Invalid provider configuration",
            f"{said}. Correct it {place}.",
            name if blamed else (),
        ) from error

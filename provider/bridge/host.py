"""The provider as it is served: its parts by name, its configuration, and the wish to stop."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from threading import Event, Lock
from typing import Any

from provider.bridge.diagnostics import (
    Diagnostic,
    DiagnosticError,
    Stopped,
    TimedOut,
    leaves,
)
from provider.bridge.log import Log
from provider.bridge.operation import Operation
from provider.bridge.resource import USUAL_TIME, Context, Provider
from provider.bridge.schema import Model


class Host:
    """One provider on one connection. ConfigureProvider may come more than once."""

    def __init__(self, provider: Provider[Any, Any], log: Log | None = None) -> None:
        self.provider = provider
        self.log = log or Log("provider")
        self.api: Any = None
        prefix = f"{provider.name}_"
        self.resources = {prefix + r.name: r() for r in provider.resources}
        self.data_sources = {prefix + d.name: d() for d in provider.data_sources}
        self.ephemerals = {prefix + e.name: e() for e in provider.ephemeral_resources}
        self.actions = {prefix + a.name: a() for a in provider.actions}
        self.functions = {f.name: f for f in provider.functions}
        self._stopping = Event()
        self._lock = Lock()

    def stop(self) -> None:
        """Interrupt every operation that is running; later ones are not affected."""
        with self._lock:
            stopping, self._stopping = self._stopping, Event()
        stopping.set()

    def context(
        self, log: Log, private: bytes = b"", meta: Model | None = None, allowed: float = USUAL_TIME
    ) -> Context[Any, Any]:
        """What an operation that begins may use."""
        with self._lock:
            operation = Operation(self._stopping, allowed)
        api = None if self.api is None else self.provider.during(self.api, operation, log)
        return Context(api, operation, log, private, meta)

    def diagnose(self, error: BaseException, subject: str, verb: str) -> list[Diagnostic]:
        """A failure, whatever it is, as what the practitioner is told."""
        return [d for leaf in leaves(error) for d in self._diagnosed(leaf, subject, verb)]

    def _diagnosed(self, error: BaseException, subject: str, verb: str) -> Iterator[Diagnostic]:
        if not isinstance(error, DiagnosticError) and isinstance(error, Exception):
            explained = self.provider.explain(error, subject, verb)
            if explained is not None:
                for leaf in leaves(explained):
                    yield from self._diagnosed(leaf, subject, verb)
                return
        match error:
            case DiagnosticError():
                yield Diagnostic("error", error.summary, error.detail, error.path)
            case Stopped():
                yield Diagnostic(
                    "error",
                    "Operation stopped",
                    f"You asked Terraform to stop while it waited to {verb} the {subject}. What "
                    "exists is in the state; run terraform apply again to go on.",
                )
            case TimedOut():
                yield Diagnostic(
                    "error",
                    "Operation timed out",
                    f"There was no time left to {verb} the {subject}. Raise the limit in its "
                    "`timeouts` block, then run terraform apply again.",
                )
            case _:
                yield self._bug(error, subject, verb)

    def _bug(self, error: BaseException, subject: str, verb: str) -> Diagnostic:
        self.log.error("unexpected error", traceback="".join(traceback.format_exception(error)))
        return Diagnostic(
            "error",
            "Unexpected error in the provider",
            f"{type(error).__name__}: {error} (while trying to {verb} the {subject}). This is "
            "always a fault of the provider; please report it with the log that TF_LOG=debug "
            "shows.",
        )

"""One RPC at work, between its messages and the part of the provider it is about."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cached_property
from os import urandom
from typing import Any, Final

from provider.bridge import messages
from provider.bridge.diagnostics import (
    Deferred,
    Diagnostic,
    DiagnosticError,
    Interruption,
    leaves,
)
from provider.bridge.host import KINDS, Host
from provider.bridge.operation import Operation
from provider.bridge.resource import Context, allowed_time
from provider.bridge.schema import Model, attributes, from_tree
from provider.bridge.values import Fields

_NAMES: Final = ("type_name", "target_type_name", "action_type", "name")


class NotConfigured(Deferred):
    """The operation needs a provider configuration, and that holds values not known yet."""

    def __init__(self) -> None:
        super().__init__(
            "Provider configuration not known yet",
            "The provider block depends on values that are known only after apply. Apply what "
            "they come from first, for example with -target.",
            "PROVIDER_CONFIG_UNKNOWN",
        )


class Call:
    """One RPC: its request, what it is about, and what the practitioner is told besides."""

    def __init__(
        self, host: Host, rpc: str, request: Any, awaited: Callable[[], bool] = lambda: True
    ) -> None:
        self.host, self.rpc, self.request, self.awaited = host, rpc, request, awaited
        self.name: str = next((n for key in _NAMES if (n := getattr(request, key, ""))), "")
        self.subject = self.name.removeprefix(f"{host.provider.name}_") or "provider"
        self.verb = re.sub(r"(?<!^)[A-Z].*", "", rpc).lower()  # ReadResource: read
        about = {"tf_resource_type": self.name} if self.name else {}
        self.log = host.log.bound(tf_rpc=rpc, tf_req_id=urandom(16).hex(), **about)
        self.warnings: list[Diagnostic] = []
        self.capabilities = getattr(request, "client_capabilities", None)
        self.may_be_deferred = bool(self.capabilities and self.capabilities.deferral_allowed)

    @cached_property
    def part(self) -> Any:
        """The resource, data source, …, or the provider itself."""
        if not self.name:
            return self.host.provider
        kind = next((kind for word, kind in KINDS.items() if word in self.rpc), "resources")
        if self.name not in self.host.parts[kind]:
            raise DiagnosticError("Unknown type", f"{self.rpc}: there is no {self.name}.")
        return self.host.parts[kind][self.name]

    @cached_property
    def model(self) -> type[Model]:
        """What the request's values are instances of."""
        found: type[Model] = self.part.list_model if "List" in self.rpc else self.part.model
        return found

    def tree(self, field: str) -> Fields | None:
        """The object in a field of the request, or None when it is null."""
        return messages.tree(self.model, getattr(self.request, field))

    def fields(self, field: str) -> Fields:
        """The object in a field of the request that is never null."""
        return self.tree(field) or dict.fromkeys(attributes(self.model))

    def typed(self, field: str) -> Any:
        """The same, as the model that authors work with."""
        return from_tree(self.model, self.fields(field))

    def context(
        self, private: bytes = b"", limits: Fields | None = None, *, unconfigured: bool = False
    ) -> Context[Any, Any]:
        """What the operation may use, for as long as the object's `timeouts` block allows."""
        allowed = allowed_time(self.model, limits, self.verb)
        if self.host.api is None and not unconfigured:
            raise NotConfigured
        operation = Operation(self.host.stopping, allowed, self.awaited)
        api = self.host.api
        if api is not None:
            api = self.host.provider.during(api, operation, self.log)
        ctx: Context[Any, Any] = Context(api, operation, self.log, private, self._provider_meta())
        ctx.settings = self.host.settings
        if api is None and self.may_be_deferred:
            ctx.deferred = NotConfigured()
        self.warnings = ctx.warnings
        return ctx

    def _provider_meta(self) -> Model | None:
        """What the module's `provider_meta` block says, if the provider reads one."""
        model = self.host.provider.meta_model
        message = getattr(self.request, "provider_meta", None)
        found = messages.tree(model, message) if model and message else None
        return from_tree(model, found) if model and found else None

    def deferral(self, wish: Deferred | None) -> messages.Answer | None:
        """The wish to put the answer off, where it can be fulfilled; an error elsewhere.

        Terraform takes it for one as soon as it is there.
        """
        if wish is not None and not self.may_be_deferred:
            raise wish
        return {"reason": wish.reason} if wish else None

    def diagnose(self, error: BaseException) -> list[Diagnostic]:
        """A failure, whatever it is, as what the practitioner is told."""
        return [
            self._told(part) for leaf in leaves(error) for part in leaves(self._explained(leaf))
        ]

    def _explained(self, error: BaseException) -> BaseException:
        if isinstance(error, DiagnosticError) or not isinstance(error, Exception):
            return error
        try:
            return self.host.provider.explain(error, self.subject, self.verb) or error
        except Exception as fault:
            return fault

    def _told(self, error: BaseException) -> Diagnostic:
        task = f"{self.verb} the {self.subject}"
        match error:
            case DiagnosticError():
                return Diagnostic("error", error.summary, error.detail, error.path)
            case Interruption(args=(summary, detail)):
                return Diagnostic("error", summary, detail.format(task))
        import traceback  # noqa: PLC0415 - hopefully never

        self.log.error("unexpected error", traceback="".join(traceback.format_exception(error)))
        said = "".join(traceback.format_exception_only(error)).strip()
        return Diagnostic(
            "error",
            "Unexpected error in the provider",
            f"{said} (while trying to {task}). This is always a fault of the provider; please "
            "report it with the log that TF_LOG=debug shows.",
        )

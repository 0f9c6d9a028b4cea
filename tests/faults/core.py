"""What Terraform does with one resource: refresh, plan, apply, and keep the state.

It calls the provider's RPCs with real messages; only gRPC and Terraform itself are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from provider.bridge import messages, service
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.schema import attributes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provider.bridge import Provider


class Told(NamedTuple):
    """What the practitioner was told."""

    errors: tuple[str, ...]
    warnings: tuple[str, ...]


class Refused(Exception):  # noqa: N818 - an answer, not a fault of the tests
    """A step ended with errors, so Terraform does not take the next one."""


class Core:
    """One resource instance in one state."""

    def __init__(self, provider: Provider[Any, Any], type_name: str) -> None:
        self.host = Host(provider)
        self.type_name = type_name
        self.model = self.host.parts["resources"][type_name].model
        self.state: dict[str, Any] | None = None
        self.private = b""
        self.tainted = False
        self.awaited = True  # whether Terraform is still there for the answers
        self._said: list[Any] = []
        empty = dict.fromkeys(attributes(provider.model))
        self._call("ConfigureProvider", config=messages.value(empty))

    def apply(self, arguments: Mapping[str, Any] | None) -> Told:
        """`terraform apply`; without arguments, of a configuration without the resource."""
        self._said = []
        try:
            if arguments is not None:
                self._call("ValidateResourceConfig", config=self._value(self._config(arguments)))
            self._refresh()
            self._change(arguments)
        except Refused:
            pass
        self.host.provider.finished()
        return self._told()

    def changes(self, arguments: Mapping[str, Any] | None) -> bool:
        """Whether `terraform plan` finds something to do."""
        self._refresh()
        if self.state is None or arguments is None or self.tainted:
            return (self.state is None) != (arguments is None)
        return bool(self._plan(self.state, self._config(arguments))[0] != self.state)

    def take(self, id_: str) -> None:
        """`terraform import`."""
        (found,) = self._call("ImportResourceState", id=id_).imported_resources
        self.state, self.private = self._tree(found.state), found.private
        self._refresh()

    def untaint(self) -> None:
        """`terraform untaint`."""
        self.tainted = False

    def _refresh(self) -> None:
        if self.state is None:
            return
        answer = self._call(
            "ReadResource", current_state=self._value(self.state), private=self.private
        )
        self.state, self.private = self._tree(answer.new_state), answer.private

    def _change(self, arguments: Mapping[str, Any] | None) -> None:
        prior, config = self.state, self._config(arguments)
        if config is None or (prior is not None and self.tainted):
            self._destroy()
            prior = None
        if config is None:
            return
        planned, private, replaced = self._plan(prior, config)
        if replaced and prior is not None:
            self._destroy()
            prior = None
            planned, private, _ = self._plan(None, config)
        if planned != prior:
            self._apply(prior, planned, config, private)

    def _destroy(self) -> None:
        if self.state is None:
            return
        answer = self._call(
            "PlanResourceChange",
            prior_state=self._value(self.state),
            proposed_new_state=self._value(None),
            config=self._value(None),
            prior_private=self.private,
        )
        self._apply(self.state, None, None, answer.planned_private)
        self.tainted = False

    def _plan(self, prior: Any, config: Any) -> tuple[Any, bytes, bool]:
        parts = attributes(self.model)
        kept = {n: (prior or {}).get(n) if a.computed else None for n, a in parts.items()}
        proposed = {n: kept[n] if value is None else value for n, value in config.items()}
        answer = self._call(
            "PlanResourceChange",
            prior_state=self._value(prior),
            proposed_new_state=self._value(proposed),
            config=self._value(config),
            prior_private=b"" if prior is None else self.private,
        )
        planned = self._tree(answer.planned_state)
        names = [path.steps[0].attribute_name for path in answer.requires_replace]
        replaced = any(prior and prior[name] != (planned or {})[name] for name in names)
        return planned, answer.planned_private, replaced

    def _apply(self, prior: Any, planned: Any, config: Any, private: bytes) -> None:
        """What is stored is what Terraform stores: also after an error, and nothing for null."""
        try:
            self._call(
                "ApplyResourceChange",
                prior_state=self._value(prior),
                planned_state=self._value(planned),
                config=self._value(config),
                planned_private=private,
            )
        finally:
            self.state, self.private = self._tree(self._answer.new_state), self._answer.private
            failed = bool(self._errors())
            self.tainted = failed and self.state is not None and (prior is None or self.tainted)

    def _call(self, rpc: str, **fields: Any) -> Any:
        kind = getattr(pb, rpc)
        named = {} if rpc == "ConfigureProvider" else {"type_name": self.type_name}
        request = kind.Request(**named, **fields)
        sent = kind.Request.FromString(request.SerializeToString())
        self._answer = service.answer(self.host, rpc, sent, lambda: self.awaited)
        self._said += self._answer.diagnostics
        if self._errors():
            raise Refused
        return self._answer

    def _errors(self) -> list[Any]:
        return [d for d in self._answer.diagnostics if d.severity == pb.Diagnostic.ERROR]

    def _told(self) -> Told:
        def texts(severity: int) -> tuple[str, ...]:
            found = [d for d in self._said if d.severity == severity]
            return tuple(f"{d.summary}\n{d.detail}" for d in found)

        return Told(texts(pb.Diagnostic.ERROR), texts(pb.Diagnostic.WARNING))

    def _config(self, arguments: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if arguments is None:
            return None
        return dict.fromkeys(attributes(self.model)) | dict(arguments)

    def _value(self, tree: Any) -> Any:
        return messages.value(tree)

    def _tree(self, message: Any) -> Any:
        return messages.tree(self.model, message)

"""The provider as it is served: its parts by name, its configuration, and the wish to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from threading import Event, Lock
from typing import Any, Final

from provider.bridge.diagnostics import Diagnostic, DiagnosticError, Interruption, leaves
from provider.bridge.functions import Function
from provider.bridge.log import Log
from provider.bridge.operation import Operation
from provider.bridge.resource import Provider

# What an RPC is about shows in its name; all others are about managed resources.
_KINDS: Final = {"Data": "data_sources", "Ephemeral": "ephemeral_resources", "Action": "actions"}


class Offered(Mapping[str, Any]):
    """The parts of one kind by type name, each made when it is first asked for."""

    def __init__(self, prefix: str, parts: Sequence[Any] | Mapping[str, Any]) -> None:
        by_name = parts if isinstance(parts, Mapping) else {part.name: part for part in parts}
        self._names = {f"{prefix}_{name}": name for name in by_name}
        self._classes = by_name
        self._made: dict[str, Any] = {}

    def __getitem__(self, type_name: str) -> Any:
        if type_name not in self._made:
            self._made.setdefault(type_name, self._classes[self._names[type_name]]())
        return self._made[type_name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Host:
    """One provider on one connection. ConfigureProvider may come more than once."""

    def __init__(self, provider: Provider[Any, Any], log: Log | None = None) -> None:
        self.provider = provider
        self.log = log or Log("provider")
        self.api: Any = None
        self.settings: Any = None
        self.parts = {
            kind: Offered(provider.name, getattr(provider, kind))
            for kind in ("resources", *_KINDS.values())
        }
        self._stopping = Event()
        self._lock = Lock()

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by name."""
        return {f.name: f for f in self.provider.functions}

    def part(self, rpc: str, type_name: str) -> Any:
        """What an RPC is about: the provider itself, or its part of that type."""
        if not type_name:
            return self.provider
        kind = next((kind for word, kind in _KINDS.items() if word in rpc), "resources")
        if type_name not in self.parts[kind]:
            raise DiagnosticError("Unknown type", f"{rpc}: there is no {type_name}.")
        return self.parts[kind][type_name]

    def stop(self) -> None:
        """Interrupt every operation that is running; later ones are not affected."""
        with self._lock:
            stopping, self._stopping = self._stopping, Event()
        stopping.set()

    def operation(self, allowed: float, awaited: Callable[[], bool]) -> Operation:
        """An operation that begins, and ends when Terraform asks to stop."""
        with self._lock:
            return Operation(self._stopping, allowed, awaited)

    def diagnose(self, error: BaseException, subject: str, verb: str) -> list[Diagnostic]:
        """A failure, whatever it is, as what the practitioner is told."""
        return [
            self._told(part, f"{verb} the {subject}")
            for leaf in leaves(error)
            for part in leaves(self._explained(leaf, subject, verb))
        ]

    def _explained(self, error: BaseException, subject: str, verb: str) -> BaseException:
        if isinstance(error, DiagnosticError) or not isinstance(error, Exception):
            return error
        try:
            return self.provider.explain(error, subject, verb) or error
        except Exception as fault:
            return fault

    def _told(self, error: BaseException, task: str) -> Diagnostic:
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

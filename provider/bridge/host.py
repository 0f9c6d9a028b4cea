"""The provider as it is served: its parts by name, its configuration, and the wish to stop."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from threading import Event, Lock
from typing import Any, Final

from provider.bridge.functions import Function
from provider.bridge.log import Log
from provider.bridge.resource import Provider

KINDS: Final = {"Data": "data_sources", "Ephemeral": "ephemeral_resources", "Action": "actions"}
"""What an RPC is about, by a word in its name; all others are about managed resources."""


class Offered(Mapping[str, Any]):
    """The parts of one kind by type name, each made when it is first asked for."""

    def __init__(self, prefix: str, parts: Sequence[Any] | Mapping[str, Any]) -> None:
        self._classes = parts if isinstance(parts, Mapping) else {p.name: p for p in parts}
        self._names = {f"{prefix}_{name}": name for name in self._classes}
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
            for kind in ("resources", *KINDS.values())
        }
        self.stopping = Event()  # of the operations that begin now
        self._lock = Lock()

    @cached_property
    def functions(self) -> dict[str, Function]:
        """The functions by name."""
        return {f.name: f for f in self.provider.functions}

    def stop(self) -> None:
        """Interrupt every operation that is running; later ones are not affected."""
        with self._lock:
            stopping, self.stopping = self.stopping, Event()
        stopping.set()

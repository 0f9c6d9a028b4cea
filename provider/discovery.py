"""What a package offers: each of its modules declares its own parts, and none needs registering."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from typing import Any, TypeVar

from provider.bridge import Part

P = TypeVar("P", bound=Part[Any, Any])


class Parts(Mapping[str, type[P]]):
    """The part that each module of a package declares, by the module's name.

    A module is loaded when its part is asked for: most configurations use one or two of them.
    """

    def __init__(self, package: str, path: Iterable[str], base: type[P]) -> None:
        self._package = package
        self._names = modules(path)
        self._base = base

    def __getitem__(self, name: str) -> type[P]:
        if name not in self._names:
            raise KeyError(name)
        module = import_module(f"{self._package}.{name}")
        own = [t for t in vars(module).values() if getattr(t, "__module__", "") == module.__name__]
        return next(t for t in own if isinstance(t, type) and issubclass(t, self._base))

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def modules(path: Iterable[str]) -> list[str]:
    """The names of the modules in folders, sorted; a package has a stub in place of each.

    `pkgutil`, which knows archives of modules, would cost each start 3 ms.
    """
    files = [entry.split(".") for folder in path for entry in os.listdir(folder)]
    return sorted(name for name, *rest in files if rest in (["py"], ["pyi"]) and name[0] != "_")

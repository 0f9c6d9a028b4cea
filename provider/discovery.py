"""What a package offers: each of its modules declares its own parts, and none needs registering."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from importlib import import_module
from typing import TypeVar

T = TypeVar("T")


def declared(package: str, path: Iterable[str]) -> Iterator[tuple[str, object]]:
    """Each name that a module of the package binds, with the module it belongs to and its value."""
    for name in _modules(path):
        module = import_module(f"{package}.{name}")
        for thing in vars(module).values():
            yield module.__name__, thing


def _modules(path: Iterable[str]) -> list[str]:
    """The names of the modules in folders, sorted; a package has a stub in place of each.

    `pkgutil`, which knows archives of modules, would cost each start 3 ms.
    """
    files = [entry.split(".") for folder in path for entry in os.listdir(folder)]
    return sorted(name for name, *rest in files if rest in (["py"], ["pyi"]) and name[0] != "_")


def classes(package: str, path: Iterable[str], base: type[T]) -> list[type[T]]:
    """The subclasses that the package's modules define, by module name."""
    return [
        thing
        for module, thing in declared(package, path)
        if isinstance(thing, type) and issubclass(thing, base) and thing.__module__ == module
    ]

"""What a package offers: each of its modules declares its own parts, and none needs registering."""

from __future__ import annotations

import os
import sys
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
    """The names of the modules in folders, sorted."""
    if getattr(sys, "frozen", False):  # an application that carries its modules in an archive
        from pkgutil import iter_modules  # noqa: PLC0415 - costs every other start 3 ms

        return sorted(found.name for found in iter_modules(path))
    files = [entry for folder in path for entry in os.listdir(folder)]
    return sorted(f[:-3] for f in files if f.endswith(".py") and not f.startswith("__"))


def classes(package: str, path: Iterable[str], base: type[T]) -> list[type[T]]:
    """The subclasses that the package's modules define, by module name."""
    return [
        thing
        for module, thing in declared(package, path)
        if isinstance(thing, type) and issubclass(thing, base) and thing.__module__ == module
    ]

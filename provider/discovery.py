"""What a package offers: each of its modules declares its own parts, and none needs registering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import TypeVar

T = TypeVar("T")


def declared(package: str, path: Iterable[str]) -> Iterator[tuple[str, object]]:
    """Each name that a module of the package binds, with the module it belongs to and its value."""
    for info in sorted(iter_modules(path), key=lambda found: found.name):
        module = import_module(f"{package}.{info.name}")
        for thing in vars(module).values():
            yield module.__name__, thing


def classes(package: str, path: Iterable[str], base: type[T]) -> list[type[T]]:
    """The subclasses that the package's modules define, by module name."""
    return [
        thing
        for module, thing in declared(package, path)
        if isinstance(thing, type) and issubclass(thing, base) and thing.__module__ == module
    ]

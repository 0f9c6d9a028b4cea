"""The managed resources: one module each, named like the resource; none needs registering."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from provider.bridge import Resource


def found() -> list[type[Resource[Any, Any]]]:
    """The resource of each module beside this one, by module name."""
    modules = [import_module(f"{__name__}.{info.name}") for info in iter_modules(__path__)]
    return [
        thing
        for module in modules
        for thing in vars(module).values()
        if isinstance(thing, type)
        and issubclass(thing, Resource)
        and thing.__module__ == module.__name__
    ]

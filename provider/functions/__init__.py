"""The provider functions, in modules by topic; none needs registering."""

from __future__ import annotations

from importlib import import_module

from provider.bridge import Function
from provider.discovery import modules


def found() -> list[Function]:
    """The functions of the modules beside this one."""
    loaded = [import_module(f"{__name__}.{name}") for name in modules(__path__)]
    return [f for module in loaded for f in vars(module).values() if isinstance(f, Function)]

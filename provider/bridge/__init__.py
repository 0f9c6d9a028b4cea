"""A bridge from Python to Terraform: what a resource author imports.

Free of any particular provider. What authors use are the public names of a few modules, which
are loaded with the first use of one, since a process that only tells its schema uses none.
"""
# ruff: noqa: F403 - the public names are those of the modules

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provider.bridge.attribute import *
    from provider.bridge.checks import *
    from provider.bridge.diagnostics import *
    from provider.bridge.functions import *
    from provider.bridge.log import *
    from provider.bridge.operation import *
    from provider.bridge.resource import *
    from provider.bridge.schema import *
    from provider.bridge.trees import *
    from provider.bridge.values import *
else:
    _MODULES = (
        *("resource", "schema", "attribute", "checks", "trees", "values"),
        *("diagnostics", "functions", "log", "operation"),
    )

    def __getattr__(name: str) -> object:
        """A name that authors use."""
        for module in _MODULES:
            found = vars(import_module(f"provider.bridge.{module}"))
            if name in found:
                return found[name]
        raise AttributeError(name)

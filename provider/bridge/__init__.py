"""A bridge from Python to Terraform: what a resource author imports.

Free of any particular provider. The names of `provider.bridge.authoring` are loaded with the
first use of one, since a process that only tells its schema uses none.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from provider.bridge.authoring import *  # noqa: F403 - the same names, for type checkers
else:

    def __getattr__(name: str) -> object:
        """A name that authors use."""
        return getattr(import_module("provider.bridge.authoring"), name)

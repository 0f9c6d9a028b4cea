"""The managed resources: one module each, named like the resource; none needs registering."""

from __future__ import annotations

from typing import Any

from provider import discovery
from provider.bridge import Resource


def found() -> list[type[Resource[Any, Any]]]:
    """The resource of each module beside this one, by module name."""
    return discovery.classes(__name__, __path__, Resource)

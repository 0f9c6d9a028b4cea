"""The managed resources: one module each, named like the resource; none needs registering."""

from __future__ import annotations

from typing import Any

from provider.bridge import Resource
from provider.discovery import Parts


def found() -> Parts[Resource[Any, Any]]:
    """The resource of each module beside this one, by its name."""
    return Parts(__name__, __path__, Resource)

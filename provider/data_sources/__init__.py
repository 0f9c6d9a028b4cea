"""The data sources: one module each, named like the data source; none needs registering."""

from __future__ import annotations

from typing import Any

from provider import discovery
from provider.bridge import DataSource


def found() -> list[type[DataSource[Any, Any]]]:
    """The data source of each module beside this one, by module name."""
    return discovery.classes(__name__, __path__, DataSource)

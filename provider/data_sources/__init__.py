"""The data sources: one module each, named like the data source; none needs registering."""

from __future__ import annotations

from typing import Any

from provider.bridge import DataSource
from provider.discovery import Parts


def found() -> Parts[DataSource[Any, Any]]:
    """The data source of each module beside this one, by its name."""
    return Parts(__name__, __path__, DataSource)

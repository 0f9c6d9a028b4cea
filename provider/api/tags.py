"""Tags: what every collection can do, with records that have what a tag has.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/tags.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provider.api.collection import Collection
from provider.api.records import misfit

if TYPE_CHECKING:
    from provider.api.answers import Answer


class Tags(Collection[dict[str, Any]]):
    """The tags of the account."""

    required = ("uuid",)

    def check(self, answer: Answer, record: dict[str, Any]) -> None:
        """Raises `Malformed` for a tag with a value of the wrong type."""
        if key := misfit(record):
            raise answer.malformed(f"holds a tag whose {key} cannot be read")

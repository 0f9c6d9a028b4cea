"""cloudsigma_tag: one tag, by name or UUID.

API: https://cloudsigma-docs.readthedocs.io/en/latest/tags.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import (
    Context,
    DataSource,
    Model,
    at_least_one_of,
    computed,
    from_json,
    is_uuid,
    length,
    optional,
)
from provider.facts import notes
from provider.imports import tag_line
from provider.selection import exactly_one
from provider.shapes import TaggedObject

if TYPE_CHECKING:
    from provider.api.client import Client


class TagLookup(Model):
    """A tag to look up."""

    id: str = computed("The same as `uuid`.")
    uuid: str | None = optional(
        "UUID of the tag.", computed=True, check=(is_uuid(), at_least_one_of("name"))
    )
    name: str | None = optional("Exact name of the tag.", computed=True, check=length(1))
    meta: dict[str, str] | None = computed("Notes on the tag, by key.")
    resource_uri: str | None = computed("Path of the tag in the API.")
    resources: list[TaggedObject] | None = computed("The objects that have the tag.")


class TagData(DataSource["Client", TagLookup]):
    """One tag of the account, found by `uuid` or `name`; given together, both must fit."""

    name = "tag"
    model = TagLookup

    def read(self, ctx: Context[Client, TagLookup], config: TagLookup) -> TagLookup:
        """The only tag that fits."""
        tags = ctx.api.collection("tags")
        candidates = tags.list() if config.uuid is None else [tags.find(config.uuid)]
        found = [t for t in candidates if t and config.name in (None, t.get("name"))]
        asked = {"uuid": config.uuid, "name": config.name}
        tag = exactly_one("tag", asked, found, tag_line)
        return from_json(TagLookup, tag, id=tag["uuid"], meta=notes(tag))

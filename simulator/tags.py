"""The rules for tags: one relation, seen from the tag and from the tagged object.

API: https://cloudsigma-docs.readthedocs.io/en/latest/tags.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator import errors, fields
from simulator.fields import Field
from simulator.records import Drive, Server, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable

    from simulator.world import World

DEFINITION = {
    "name": Field(fields.text, required=True),
    "meta": Field(fields.string_map),
    "resources": Field(fields.references),
}
READONLY = frozenset({"owner", "resource_uri", "uuid", "grantees", "permissions"})


def assign(world: World, tagged: Drive | Server, wanted: Iterable[str]) -> None:
    """The object has exactly these tags, and the tags agree."""
    wanted = list(wanted)
    for uuid in {*tagged.tags, *wanted}:
        tag = world.tags.get(uuid)
        # documented: editing a drive's tags changes the tags' resources
        tag.resources = [r for r in tag.resources if r != tagged.uuid or uuid in wanted]
        if uuid in wanted and tagged.uuid not in tag.resources:
            tag.resources.append(tagged.uuid)
        world.tags.put(tag)
    tagged.tags = wanted
    world.put(tagged)


def _set_resources(world: World, tag: Tag, wanted: list[str]) -> None:
    for uuid in {*tag.resources, *wanted}:
        tagged = find_tagged(world, uuid)
        # documented: editing a tag's resources changes the drives' tags
        tagged.tags = [t for t in tagged.tags if t != tag.uuid or uuid in wanted]
        if uuid in wanted and tag.uuid not in tagged.tags:
            tagged.tags.append(tag.uuid)
        world.put(tagged)
    tag.resources = wanted


def find_tagged(world: World, uuid: str) -> Drive | Server:
    """The drive or server with this uuid."""
    return world.servers.find(uuid) or world.drives.get(uuid)


def _checked(world: World, body: Any) -> dict[str, Any]:
    definition = fields.cleaned(body, DEFINITION, readonly=READONLY)
    for uuid in definition.get("resources", []):
        if uuid not in world.drives and uuid not in world.servers:
            problem = errors.Problem(f"Object {uuid} does not exist", "resources")
            raise errors.Invalid(problem)
    return definition


def create(world: World, body: Any) -> list[Tag]:
    """The tags that one request asks for."""
    wanted = [_checked(world, item) for item in fields.listed(body)]
    return [_create_one(world, definition) for definition in wanted]


def _create_one(world: World, definition: dict[str, Any]) -> Tag:
    tag = world.tags.put(Tag(definition["name"], world.owner, meta=definition.get("meta", {})))
    _set_resources(world, tag, definition.get("resources", []))
    return tag


def edit(world: World, uuid: str, body: Any) -> Tag:
    """The tag after a PUT; `resources`, when given, replaces the list."""
    tag = world.tags.get(uuid)
    definition = _checked(world, body)
    tag.name = definition["name"]
    tag.meta = definition.get("meta", tag.meta)
    if "resources" in definition:
        _set_resources(world, tag, definition["resources"])
    return world.tags.put(tag)


def delete(world: World, uuid: str) -> None:
    """The tag is gone from every object that had it."""
    # assumed: a deleted tag vanishes from every tagged object
    _set_resources(world, world.tags.get(uuid), [])
    world.tags.remove(uuid)

"""cloudsigma_tag: a label for drives and other objects, which refer to it by UUID.

API: https://cloudsigma-docs.readthedocs.io/en/latest/tags.html
"""

from __future__ import annotations

from collections.abc import Collection as Keys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from provider import adoption, creation, imports, journal, notes
from provider.bridge import (
    Context,
    Model,
    Resource,
    computed,
    each_key,
    from_json,
    known,
    length,
    optional,
    required,
)
from provider.definition import NO_NULL
from provider.facts import notes as visible
from provider.shapes import TaggedObject

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.collection import Collection

    Ctx: TypeAlias = Context[Client, "Tag"]


class Tag(Model):
    """A tag."""

    id: str = computed("The same as `uuid`.", stable=True)
    uuid: str = computed("UUID of the tag: what the `tags` of a drive hold.", stable=True)
    resource_uri: str | None = computed("Path of the tag in the API.", stable=True)
    name: str = required("Name of the tag. Names need not be unique.", check=length(1))
    meta: dict[str, str] = optional(
        "Notes on the tag, by key. Only the keys named here are managed; others are kept.",
        computed=True,
        stable=True,
        when_removed={},
        check=(NO_NULL, each_key(length(1, 32)), each_key(adoption.NOT_THE_TOKEN)),
    )
    resources: list[TaggedObject] = computed("The objects that have the tag.", stable=True)


class TagFilter(Model):
    """What `terraform query` lists."""

    name: str | None = optional("Exactly this name.", check=length(1))


class TagResource(Resource["Client", Tag]):
    """A label for drives and other objects.

    A drive gets the tag through its own `tags`. A tag that is destroyed vanishes from every
    object that has it.
    """

    name = "tag"
    model = Tag
    identity = ("uuid",)
    list_model = TagFilter

    def create(self, ctx: Ctx, plan: Tag) -> Tag:
        """Exactly one tag, known by a token in its notes."""
        notes.forget_found(ctx)
        body: dict[str, Any] = {"name": plan.name, "meta": plan.meta if known(plan.meta) else {}}
        with adoption.journaled(ctx, "tags", body) as entry:

            def look() -> dict[str, Any] | None:
                return next((t for t in _tags(ctx).list() if _token(t) == entry.token), None)

            tag = creation.left(entry, look, ctx.pause)
            marked = {**body, "meta": {**body["meta"], adoption.TOKEN_KEY: entry.token}}
            with adoption.settled_by_refusal(entry):
                tag = tag or _tags(ctx).create({"objects": [marked]}, look=look)
            entry.note(tag["uuid"])
            state = _state(tag, plan, keys=plan.meta if _sets_meta(ctx) else None)
            ctx.save(state)
            creation.confirm(_tags(ctx), tag["uuid"])
            return state

    def read(self, ctx: Ctx, prior: Tag) -> Tag | None:
        """The tag as the API has it."""
        tag = creation.seen(ctx, _tags(ctx), prior.uuid)
        if tag is None:
            return None
        journal.forget(_token(tag), journal.place())
        return _state(tag, prior, keys=prior.meta if "meta" in ctx.formerly_set else None)

    def update(self, ctx: Ctx, prior: Tag, plan: Tag) -> Tag:
        """The tag with another name or other notes; the objects that have it keep it."""
        present = _tags(ctx).find(prior.uuid) or {}
        meta, keys = present.get("meta", prior.meta), None
        if plan.meta != prior.meta or _sets_meta(ctx):
            keys = plan.meta
            meta = notes.together(meta or {}, plan.meta, notes.managed(ctx, prior.meta, prior.meta))
        tag = _tags(ctx).edit(prior.uuid, {"name": plan.name, "meta": meta})
        notes.forget_found(ctx)
        return _state(tag, plan, keys=keys)

    def delete(self, ctx: Ctx, prior: Tag) -> None:
        """The tag is gone, and from every object."""
        _tags(ctx).delete(prior.uuid)

    def modify_plan(self, ctx: Ctx, plan: Tag) -> Tag:
        """The plan as it is; which notes are managed is kept for its apply."""
        notes.remember_found(ctx)
        return plan

    def import_state(self, ctx: Ctx, id_: str) -> Tag:
        """The tag with the UUID, or with the name after `name:`."""
        name = imports.name_in(id_)
        if name is None:
            tag = _tags(ctx).find(id_.lower())
        else:
            tag = imports.single("tag", name, _named(ctx, name), imports.tag_line)
        if tag is None:
            raise imports.absent(id_, "tag")
        return _state(tag)

    def list(self, ctx: Ctx, config: TagFilter, limit: int) -> Iterable[Tag]:  # noqa: ARG002
        """The tags of the account that pass the filter."""
        tags = _tags(ctx).list() if config.name is None else _named(ctx, config.name)
        return map(_state, tags)

    def display_name(self, state: Tag) -> str:
        """Its name."""
        return state.name


def _tags(ctx: Ctx) -> Collection[dict[str, Any]]:
    return ctx.api.collection("tags")


def _named(ctx: Ctx, name: str) -> list[dict[str, Any]]:
    # No document says that tags can be filtered, so the list is asked for as a whole.
    return [tag for tag in _tags(ctx).list() if tag.get("name") == name]


def _sets_meta(ctx: Ctx) -> bool:
    return ctx.config is not None and ctx.config.meta is not None


def _token(tag: dict[str, Any]) -> str | None:
    return adoption.token_in(tag.get("meta") or {})


def _state(tag: dict[str, Any], told: Tag | None = None, keys: Keys[str] | None = None) -> Tag:
    """The state of a tag, with the notes of these keys, or all; an answer may lack what is told."""
    lacking = {n: v for n, v in vars(told).items() if known(v)} if told else {}
    meta = visible(tag)
    if meta is None:
        meta = lacking.get("meta") or {}
    shown = meta if keys is None else {key: meta[key] for key in keys if key in meta}
    return from_json(Tag, lacking | tag, id=tag["uuid"], meta=shown)

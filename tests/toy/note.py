"""toy_note: the whole life cycle, and every way an attribute can be planned."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from provider.bridge import (
    Change,
    Context,
    DiagnosticError,
    Model,
    Resource,
    Timeouts,
    computed,
    conflicts_with,
    from_json,
    if_configured,
    known,
    length,
    one_of,
    optional,
    required,
    required_with,
    timeouts,
)
from tests.toy.store import Store


def fold(title: str) -> str:
    """The title as the store compares it."""
    return " ".join(title.lower().split())


def is_lowered(change: Change) -> bool:
    """The rank is less than it was."""
    return change.prior is not None and (change.planned or 0) < change.prior


class Line(Model):
    """A line of a note."""

    text: str = required("What it says.")
    style: str = optional("How it looks.", default="plain", check=one_of("plain", "bold"))
    number: int = computed("Which line it is.")


class Note(Model):
    """A note."""

    id: str = computed("Name of the note's file.", stable=True)
    title: str = required(
        "What it is about.", check=length(1), same=lambda a, b: fold(a) == fold(b)
    )
    kind: str = optional("Of what kind it is.", computed=True, stable=True, replace=True)
    shelf: str | None = optional("Where it stands.", replace=if_configured)
    rank: int | None = optional(
        "Its importance; it cannot become less important.",
        replace=is_lowered,
    )
    color: str = optional("Its color.", default="white", check=one_of("white", "red"))
    revision: int = computed("How often it was written.")
    lines: list[Line] | None = optional("Its lines.")
    labels: frozenset[str] = optional(
        "Its labels.", computed=True, stable=True, when_removed=[], check=length(0, 3)
    )
    copied_from: str | None = optional("The note it began as.", create_only=True)
    secret: str | None = optional(
        "Stored, but never shown.",
        write_only=True,
        sensitive=True,
        check=required_with("secret_version"),
    )
    secret_version: int | None = optional("Change it to store the secret again.")
    email: str | None = optional("Whom to ask.", check=conflicts_with("phone"))
    phone: str | None = optional("Whom to call.", deprecated="Use email.")
    label: str = computed("Name of the provider configuration that wrote it.", stable=True)
    writer: str | None = computed("The module that wrote it.", stable=True)
    timeouts: Timeouts | None = timeouts(create="1m", update="1m")


class Filter(Model):
    """Which notes to list."""

    color: str | None = optional("Only those of this color.", check=one_of("white", "red"))


class Meta(Model):
    """What a module says of itself."""

    module: str | None = optional("Name of the module.")


def shrinking_is_refused(ctx: Context[Store, Note], prior: Note | None, plan: Note) -> None:
    """Lines are not taken away."""
    if prior is not None and len(plan.lines or ()) < len(prior.lines or ()):
        raise DiagnosticError("Note cannot shrink", "Keep its lines.", "lines")


def shouting_is_noticed(ctx: Context[Store, Note], prior: Note | None, plan: Note) -> None:
    """Titles in capitals are allowed, reluctantly."""
    if plan.title.isupper():
        ctx.warn("Loud title", f"{plan.title} is hard to read.", "title")


class NoteResource(Resource[Store, Note]):
    """A note.

    Kept as a file.
    """

    name = "note"
    model = Note
    version = 2
    upgraders: ClassVar[Any] = {
        0: lambda state: state | {"title": state["name"]},
        1: lambda state: state | {"color": state.get("color") or "white"},
    }
    identity = ("id",)
    identity_version = 1
    identity_upgraders: ClassVar[Any] = {0: lambda identity: {"id": identity["name"]}}
    list_model = Filter
    plan_checks = (shrinking_is_refused, shouting_is_noticed)

    def create(self, ctx: Context[Store, Note], plan: Note) -> Note:
        ctx.private["writes"] = 1
        content = self._content(ctx, plan, 1)
        return self._note(ctx.api.add(content), content, plan)

    def read(self, ctx: Context[Store, Note], prior: Note) -> Note | None:
        content = ctx.api.find(prior.id)
        return None if content is None else self._note(prior.id, content, prior)

    def update(self, ctx: Context[Store, Note], prior: Note, plan: Note) -> Note:
        ctx.private["writes"] = ctx.private.get("writes", 0) + 1
        content = self._content(ctx, plan, prior.revision + 1)
        ctx.api.put(prior.id, content)
        return self._note(prior.id, content, plan)

    def delete(self, ctx: Context[Store, Note], prior: Note) -> None:
        ctx.api.remove(prior.id)

    def check_destroy(self, ctx: Context[Store, Note], prior: Note, *, replacing: bool) -> None:
        if prior.color == "red":
            ctx.warn("Red note", "It may have been important.", "color")

    def check_import(self, ctx: Context[Store, Note], state: Note) -> None:
        if ctx.api.find(state.id) is None:
            raise DiagnosticError("No such note", f"There is no note {state.id}.")

    def move(self, source: str, type_name: str, state: dict[str, Any]) -> Note | None:
        if type_name != "toy_memo":
            return None
        return from_json(Note, {"id": state["id"], "title": state["text"], "color": "white"})

    def list(self, ctx: Context[Store, Note], config: Filter, limit: int) -> Iterable[Note]:
        for id_ in ctx.api.ids():
            content = ctx.api.find(id_) or {}
            if config.color in {None, content.get("color")}:
                if content.get("title") == "DAMAGED":
                    ctx.warn("Damaged note", f"{id_} is hard to read.")
                yield self._note(id_, content, None)

    def display_name(self, state: Note) -> str:
        return state.title

    def generated_config(self, state: Note) -> Mapping[str, Any]:
        return {"kind": None}

    def _content(self, ctx: Context[Store, Note], plan: Note, revision: int) -> dict[str, Any]:
        meta = ctx.provider_meta
        return {
            "title": fold(plan.title),
            "kind": plan.kind if known(plan.kind) and plan.kind else "plain",
            "shelf": plan.shelf,
            "rank": plan.rank,
            "color": plan.color,
            "revision": revision,
            "lines": lines(plan),
            "labels": sorted(plan.labels) if known(plan.labels) and plan.labels else [],
            "secret": ctx.config.secret if ctx.config else None,
            "secret_version": plan.secret_version,
            "email": plan.email,
            "phone": plan.phone,
            "label": plan.label if known(plan.label) else ctx.api.label,
            "writer": getattr(meta, "module", None),
        }

    def _note(self, id_: str, content: dict[str, Any], told: Note | None) -> Note:
        more = {"copied_from": told.copied_from, "timeouts": told.timeouts} if told else {}
        return from_json(Note, content, id=id_, secret=None, **more)


def lines(plan: Note) -> list[dict[str, Any]] | None:
    """The lines of a note, numbered."""
    if plan.lines is None:
        return None
    return [
        {"text": line.text, "style": line.style, "number": number}
        for number, line in enumerate(plan.lines)
    ]

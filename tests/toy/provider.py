"""Notes kept as JSON files in a folder: the smallest thing with a life cycle."""

from __future__ import annotations

import json
import uuid
from pathlib import Path

from provider.bridge import (
    Context, Log, Model, Provider, Resource, Timeouts, block, computed, from_json, known, length, one_of, optional, required, timeouts,
)


class Settings(Model):
    folder: str = required("Where the notes are kept.")


class Line(Model):
    text: str = required("What it says.")
    number: int = computed("Which line it is.")


class Note(Model):
    id: str = computed("Name of the note's file.", stable=True)
    title: str = required("What it is about.", check=length(1))
    kind: str | None = optional("Of what kind it is.", computed=True, stable=True, replace=True)
    color: str = optional("Its color.", default="white", check=one_of("white", "red"))
    revision: int = computed("How often it was written.")
    lines: list[Line] | None = optional("Its lines.")
    timeouts: Timeouts | None = timeouts(create="1m", update="1m")


class NoteResource(Resource[Path, Note]):
    """A note."""

    name = "note"
    model = Note
    identity = ("id",)

    def create(self, ctx, plan):
        return self._write(ctx, plan, str(uuid.uuid4()), 1)

    def read(self, ctx, prior):
        file = ctx.api / f"{prior.id}.json"
        return from_json(Note, json.loads(file.read_text()), timeouts=prior.timeouts) if file.exists() else None

    def update(self, ctx, prior, plan):
        return self._write(ctx, plan, prior.id, prior.revision + 1)

    def delete(self, ctx, prior):
        (ctx.api / f"{prior.id}.json").unlink(missing_ok=True)

    def _write(self, ctx, plan, id_, revision):
        lines = None if plan.lines is None else [{"text": l.text, "number": i} for i, l in enumerate(plan.lines)]
        stored = {"id": id_, "title": plan.title, "kind": plan.kind if known(plan.kind) and plan.kind else "plain", "color": plan.color, "revision": revision, "lines": lines}
        (ctx.api / f"{id_}.json").write_text(json.dumps(stored))
        return from_json(Note, stored, timeouts=plan.timeouts)


class Toy(Provider[Path, Settings]):
    """Notes."""

    name = "toy"
    version = "0.1.0"
    model = Settings
    resources = (NoteResource,)

    def configure(self, config, log):
        return Path(config.folder)

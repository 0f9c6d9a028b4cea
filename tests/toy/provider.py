"""A provider that uses every feature of the bridge."""

from __future__ import annotations

from pathlib import Path

from provider.bridge import (
    DiagnosticError,
    Log,
    Model,
    Operation,
    Provider,
    at_least_one_of,
    known,
    optional,
    required,
)
from tests.toy.form import FormResource
from tests.toy.note import Meta, NoteResource
from tests.toy.others import (
    MemoResource,
    NoteData,
    Stamp,
    TicketResource,
    described,
    divided,
    joined,
    lengths,
)
from tests.toy.shape import ShapeResource
from tests.toy.store import Store
from tests.toy.trouble import TroubleResource


class Settings(Model):
    """The provider block."""

    folder: str = required("Where the notes are kept.")
    label: str | None = optional("Name of this configuration.", check=at_least_one_of("folder"))


class Toy(Provider[Store, Settings]):
    """Notes."""

    name = "toy"
    version = "0.1.0"
    model = Settings
    meta_model = Meta
    resources = (FormResource, MemoResource, NoteResource, ShapeResource, TroubleResource)
    data_sources = (NoteData,)
    ephemeral_resources = (TicketResource,)
    actions = (Stamp,)
    functions = (joined, divided, described, lengths)

    def validate(self, config: Settings) -> None:
        """A folder has to be named absolutely."""
        if known(config.folder) and not Path(config.folder).is_absolute():
            raise DiagnosticError("Relative folder", "Name the folder absolutely.", "folder")

    def configure(self, config: Settings, log: Log) -> Store | None:
        """The folder, or None as long as it is not known."""
        if not known(config.folder):
            return None
        log.info("configured", folder=config.folder, password="hidden")
        return Store(Path(config.folder), config.label or "default")

    def during(self, api: Store, operation: Operation, log: Log) -> Store:
        """The folder."""
        log.trace("an operation begins", remaining=operation.remaining())
        return api

    def explain(self, error: Exception, subject: str, verb: str) -> Exception | None:
        """What a missing file means."""
        if isinstance(error, FileNotFoundError):
            return DiagnosticError("Note vanished", f"{subject} could not {verb}: {error.args[0]}")
        if isinstance(error, OSError):
            raise RuntimeError("the explanation failed")
        return None

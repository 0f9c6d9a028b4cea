"""What the toy provider offers besides resources."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from provider.bridge import (
    Action,
    Context,
    DataSource,
    Deferred,
    DiagnosticError,
    EphemeralResource,
    FunctionError,
    Key,
    Model,
    Resource,
    computed,
    function,
    known,
    length,
    one_of,
    optional,
    replaced,
    required,
)
from tests.toy.store import Store


def not_yet(name: str) -> None:
    """Whatever is called "later" has to wait."""
    if name == "later":
        raise Deferred("Not yet", "Its folder does not exist yet.")


class Found(Model):
    """A note that was looked up."""

    id: str = required("Name of the note's file.", check=length(1))
    title: str = computed("What it is about.")
    color: str | None = optional("Its color.", computed=True)


class NoteData(DataSource[Store, Found]):
    """A note that exists."""

    name = "note"
    model = Found

    def read(self, ctx: Context[Store, Found], config: Found) -> Found:
        not_yet(config.id)
        content = ctx.api.find(config.id)
        if content is None:
            raise DiagnosticError("No such note", f"There is no note {config.id}.", "id")
        ctx.warn("Looked up", "It was there.")
        return Found(id=config.id.upper(), title=content["title"], color=content["color"])


class Memo(Model):
    """Less than a note."""

    id: str = computed("Name of the memo's file.", stable=True)
    text: str = required("What it says.")


class MemoResource(Resource[Store, Memo]):
    """A memo, which can become a note."""

    name = "memo"
    model = Memo
    identity = ("id",)
    plan_checks = (lambda ctx, prior, plan: not_yet(plan.text),)

    def create(self, ctx: Context[Store, Memo], plan: Memo) -> Memo:
        """A memo in a file of its own."""
        id_ = ctx.api.add({"title": plan.text, "color": "white", "revision": 1})
        return replaced(plan, id=id_)

    def read(self, ctx: Context[Store, Memo], prior: Memo) -> Memo | None:
        """The memo as it was written."""
        not_yet(prior.id)
        return prior if ctx.api.find(prior.id) else None

    def check_import(self, ctx: Context[Store, Memo], state: Memo) -> None:
        """Later, perhaps."""
        not_yet(state.id)

    def delete(self, ctx: Context[Store, Memo], prior: Memo) -> None:
        """No memo."""
        ctx.api.remove(prior.id)


class Ticket(Model):
    """Something to show at the door."""

    owner: str = required("Who gets it.", check=length(1))
    code: str = computed("What to show.", sensitive=True)


class TicketResource(EphemeralResource[Store, Ticket]):
    """A ticket, valid until the end of the command."""

    name = "ticket"
    model = Ticket

    def open(self, ctx: Context[Store, Ticket], config: Ticket) -> Ticket:
        not_yet(config.owner)
        ctx.private["ticket"] = ctx.api.add({"owner": config.owner})
        if config.owner != "forever":
            ctx.renew_after = 1.0
        return Ticket(owner=config.owner, code=f"{config.owner}-code")

    def renew(self, ctx: Context[Store, Ticket]) -> None:
        ctx.private["renewed"] = ctx.private.get("renewed", 0) + 1
        ctx.renew_after = 60.0

    def close(self, ctx: Context[Store, Ticket]) -> None:
        ctx.api.remove(ctx.private["ticket"])


class Stamping(Model):
    """What to stamp."""

    text: str = required("What the stamp says.", check=one_of("paid", "void", "broken"))
    times: int = optional("How often.", check=one_of(1, 2, 3))


class Stamp(Action[Store, Stamping]):
    """Stamps."""

    name = "stamp"
    model = Stamping

    def plan(self, ctx: Context[Store, Stamping], config: Stamping) -> None:
        if config.times == 3:
            not_yet("later")
        ctx.warn("Stamping", "It cannot be undone.")

    def invoke(self, ctx: Context[Store, Stamping], config: Stamping) -> Iterable[str]:
        for number in range(config.times or 1):
            if config.text == "broken":
                raise DiagnosticError("Stamp broke", "Buy another.", "text")
            ctx.api.add({"stamp": config.text})
            yield f"stamped {number + 1}"


@function(
    words="What to join.", separator="What to put between.", deprecated="Use the function join."
)
def joined(separator: str | None, *words: str | None) -> str:
    """The words, joined.

    Words that are null are left out.
    """
    return (separator or "").join(word for word in words if word is not None)


@function(dividend="What to divide.", divisor="What to divide by.")
def divided(dividend: Decimal, divisor: int) -> Decimal:
    """The quotient."""
    if divisor == 0:
        raise FunctionError("nothing can be divided by zero", 1)
    return dividend / divisor


@function(value="A value of any type.", unknowns=True)
def described(value: Any) -> str:
    """What kind of value it is."""
    if not known(value):
        return "not known yet"
    return type(getattr(value, "value", value)).__name__


@function(names="The names.")
def lengths(names: frozenset[str]) -> dict[str, int]:
    """How long each name is."""
    if "bug" in names:
        raise KeyError("bug")
    if "key" in names:
        raise DiagnosticError("Bad name", "A name is bad.", ("names", Key("key")))
    return {name: len(name) for name in names}

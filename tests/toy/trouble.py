"""toy_trouble: fails, waits or breaks Terraform's rules, as its configuration asks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from provider.bridge import (
    UNKNOWN,
    Context,
    DiagnosticError,
    Model,
    Resource,
    Timeouts,
    computed,
    optional,
    replaced,
    required,
    timeouts,
)
from tests.toy.store import Store


class UnspeakableError(Exception):
    """A failure that cannot even be described."""

    def __str__(self) -> str:
        raise ValueError("no words")


class Trouble(Model):
    """What goes wrong, and when."""

    id: str = computed("Its name.", stable=True)
    mode: str = required("What goes wrong.")
    size: int | None = optional("A number.")
    secret: str | None = optional("Never stored.", write_only=True)
    result: str | None = computed("What came of it.")
    timeouts: Timeouts | None = timeouts(create="1m", read="1m", delete="1m")


class TroubleResource(Resource[Store, Trouble]):
    """Trouble."""

    name = "trouble"
    model = Trouble

    def create(self, ctx: Context[Store, Trouble], plan: Trouble) -> Trouble:
        made = replaced(plan, id=ctx.api.add({"mode": plan.mode}), result="made")
        if plan.mode != "unsaved":
            ctx.save(made)
        return self._behave(ctx, made)

    def modify_plan(self, ctx: Context[Store, Trouble], plan: Trouble) -> Trouble:
        """The result, where it follows from the size."""
        if plan.mode != "follow":
            return plan
        return replaced(plan, result=f"size {plan.size}")

    def read(self, ctx: Context[Store, Trouble], prior: Trouble) -> Trouble | None:
        if prior.mode == "read":
            raise OSError("no answer")
        if prior.mode == "riddle":
            return replaced(prior, result=UNKNOWN)
        return prior if ctx.api.find(prior.id) is not None else None

    def update(self, ctx: Context[Store, Trouble], prior: Trouble, plan: Trouble) -> Trouble:
        return self._behave(ctx, replaced(plan, result="changed"))

    def delete(self, ctx: Context[Store, Trouble], prior: Trouble) -> None:
        if prior.mode == "undeletable":
            raise DiagnosticError("Trouble stays", "It cannot be deleted.")
        ctx.api.remove(prior.id)

    def _behave(self, ctx: Context[Store, Trouble], made: Trouble) -> Trouble:
        match made.mode:
            case "bug" | "unsaved":
                raise ZeroDivisionError("a bug \ud800")
            case "unspeakable":
                raise UnspeakableError
            case "exit":
                raise SystemExit(3)
            case "several":
                raise ExceptionGroup(
                    "two", [DiagnosticError("One", "1"), DiagnosticError("Two", "2")]
                )
            case "explained":
                raise FileNotFoundError(made.id)
            case "wait":
                while not Path(ctx.api.folder, "go").exists():
                    ctx.pause(0.05)
            case "promise":
                return replaced(made, size=(made.size or 0) + 1)
            case "unknown":
                return replaced(made, result=UNKNOWN)
            case "type":
                return replaced(made, size=wrong("a lot"))
            case "follow":
                return replaced(made, result=f"size {made.size}")
            case "nothing":
                return wrong(None)
            case "private":
                ctx.private["odd"] = object()
            case "surrogate":
                return replaced(made, result="\ud800")
            case "secret":
                return replaced(made, secret="leaked")
        return made


def wrong(value: object) -> Any:
    """A value that escapes the type checker."""
    return value

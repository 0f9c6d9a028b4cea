"""toy_form: every kind of rule, and every way a value inside another one is planned."""

from __future__ import annotations

from provider.bridge import (
    Change,
    Context,
    Model,
    Resource,
    at_least,
    at_least_one_of,
    between,
    block,
    computed,
    each,
    each_key,
    exactly_one_of,
    is_uuid,
    known,
    length,
    matches,
    optional,
    replaced,
)
from tests.toy.store import Store


def same_word(one: str, other: str) -> bool:
    """Words are the same in any case."""
    return one.lower() == other.lower()


def never_less(change: Change) -> object:
    """The prior number, when the provider would choose again."""
    if known(change.planned) or change.prior is None:
        return change.planned
    return change.prior


class Field(Model):
    """A field of a form, with something for each way to plan it."""

    label: str | None = optional("What it asks for.", same=same_word)
    kind: str = optional("What it takes.", default="text")
    number: int = computed("Where it is.", stable=True)


class Line(Model):
    """A field as a block."""

    label: str | None = optional("What it asks for.", same=same_word)
    kind: str = optional("What it takes.", default="text")
    part: list[Field] | None = optional("What it is made of.")


class Form(Model):
    """One attribute for each rule."""

    id: str = computed("Its name.", stable=True)
    owner: str | None = optional("Whose it is.", check=is_uuid())
    code: str | None = optional("Its code.", check=matches("[A-Z]{3}", "three capitals"))
    pages: int | None = optional("How long it is.", check=between(1, 9))
    copies: int | None = optional("How many there are.", check=at_least(1))
    words: list[str] | None = optional("What it is about.", check=each(length(2)))
    notes: dict[str, str] | None = optional("What to know.", check=each_key(length(1, 4)))
    paper: str | None = optional("On paper.", check=exactly_one_of("screen"))
    screen: str | None = optional("On a screen.")
    mail: str | None = optional("Where to send it.", check=at_least_one_of("phone", "paper"))
    phone: str | None = optional("Whom to call.")
    seal: int | None = computed("Its number, which is kept.", modify=never_less)
    first: Field | None = optional("The first field.")
    fields: list[Field] | None = optional("All others.")
    extra: frozenset[Field] | None = optional("More, in any order.")
    named: dict[str, Field] | None = optional("More, by name.")
    head: Line | None = block("At the top.")
    line: list[Line] = block("In order.", min_items=0, max_items=2, deprecated="Use fields.")
    mark: frozenset[Line] = block("In any order.")
    side: dict[str, Line] = block("By name.")


class FormResource(Resource[Store, Form]):
    """A form, kept in the state alone."""

    name = "form"
    model = Form
    deprecated = "Forms are not used any more."

    def create(self, ctx: Context[Store, Form], plan: Form) -> Form:
        """A form with a number."""
        ctx.private["plans"] = ctx.private.get("plans", 0)
        return replaced(filled(plan), id="form", seal=7)

    def read(self, ctx: Context[Store, Form], prior: Form) -> Form | None:
        """The form as it was filled in."""
        return prior

    def modify_plan(self, ctx: Context[Store, Form], plan: Form) -> Form:
        """Says what an earlier plan of the same change has kept."""
        if ctx.first_plan:
            ctx.warn("Planned before", str(ctx.first_plan["plans"]))
        ctx.private["plans"] = ctx.private.get("plans", 0) + 1
        return plan

    def update(self, ctx: Context[Store, Form], prior: Form, plan: Form) -> Form:
        """The form as it is filled in now."""
        return filled(plan)

    def delete(self, ctx: Context[Store, Form], prior: Form) -> None:
        """No form."""


def filled(value: Form) -> Form:
    """The form with a number in each field that has none."""
    return replaced(
        value,
        first=numbered(value.first),
        fields=None if value.fields is None else list(map(numbered, value.fields)),
        extra=None if value.extra is None else frozenset(map(numbered, value.extra)),
        named=None if value.named is None else {k: numbered(v) for k, v in value.named.items()},
        line=[with_parts(line) for line in value.line],
        head=value.head and with_parts(value.head),
        mark=frozenset(map(with_parts, value.mark)),
        side={k: with_parts(v) for k, v in value.side.items()},
    )


def numbered(field: Field | None) -> Field | None:
    """The field with its number."""
    if field is None or known(field.number):
        return field
    return replaced(field, number=len(field.label or ""))


def with_parts(line: Line) -> Line:
    """The line with numbers in its parts."""
    return replaced(line, part=line.part and list(map(numbered, line.part)))

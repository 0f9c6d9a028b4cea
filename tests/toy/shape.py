"""toy_shape: every nesting and type there is, kept in the state alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from provider.bridge import (
    Context,
    Model,
    Resource,
    block,
    computed,
    known,
    optional,
    replaced,
    required,
)
from provider.bridge.checks import Check
from tests.toy.store import Store


class Point(Model):
    """A point, whose distance only the provider knows."""

    name: str = required("Its name.")
    x: int = optional("How far to the right.", default=0)
    color: str | None = optional("A change takes another shape.", replace=True)
    hidden: str | None = optional("Never stored.", write_only=True)
    distance: int = computed("How far from the origin.")


class Spot(Model):
    """A point in a set, which can hold nothing that is write-only."""

    name: str = required("Its name.")
    distance: int = computed("How far from the origin.")


class Corner(Model):
    """A block, with blocks inside."""

    name: str = required("Its name.")
    size: int = computed("How large it is.")
    mark: list[Mark] = block("What is on it.", max_items=2)


class Mark(Model):
    """A block inside a block."""

    text: str = required("What it says.")


SHORT = Check("must be short", lambda words: sum(map(len, words.values())) < 100)


class Shape(Model):
    """One attribute of each type."""

    id: str = computed("Its name.", stable=True)
    ratio: Decimal | None = optional("An exact number.")
    speed: float | None = optional("An inexact number.")
    anything: Any = optional("A value of any type.")
    matrix: list[list[int]] | None = optional("Numbers in rows.")
    words: dict[str, str] | None = optional("Words by key.", check=SHORT)
    pair: tuple[str, int] | None = optional("A word and a number.")
    center: Point | None = optional("A single point.")
    points: list[Point] | None = optional("Points in order.")
    spots: frozenset[Spot] | None = optional("Points without order.")
    named: dict[str, Point] | None = optional("Points by name.")
    extent: Point | None = optional("A point the provider may choose.", computed=True)
    head: Corner | None = block("At most one.")
    corner: list[Corner] = block("In order.", min_items=0, max_items=3)
    hole: frozenset[Mark] = block("Without order.")
    side: dict[str, Corner] = block("By name.")


class ShapeResource(Resource[Store, Shape]):
    """A shape."""

    name = "shape"
    model = Shape

    def create(self, ctx: Context[Store, Shape], plan: Shape) -> Shape:
        return measured(replaced(plan, id="shape"))

    def read(self, ctx: Context[Store, Shape], prior: Shape) -> Shape | None:
        return prior

    def update(self, ctx: Context[Store, Shape], prior: Shape, plan: Shape) -> Shape:
        return measured(plan)

    def delete(self, ctx: Context[Store, Shape], prior: Shape) -> None:
        pass


def measured(value: Any) -> Any:
    """The value with all that was left to the provider filled in."""
    match value:
        case Point() | Spot():
            return replaced(value, distance=len(value.name))
        case Corner():
            return replaced(value, size=len(value.mark))
        case Shape():
            filled = {name: measured(part) for name, part in vars(value).items()}
            return Shape(**filled)
        case dict():
            return {key: measured(part) for key, part in value.items()}
        case list():
            return [measured(part) for part in value]
        case tuple() | frozenset() if any(isinstance(part, Spot) for part in value):
            return frozenset(measured(part) for part in value)
    return value if known(value) else None

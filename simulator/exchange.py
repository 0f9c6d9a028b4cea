"""One call of the API and its answer, free of HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from simulator.errors import Invalid, Problem

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from simulator.world import World

HTML = "text/html; charset=utf-8"
JSON = "application/json; charset=utf-8"


@dataclass(frozen=True)
class Call:
    """What a route's function gets: the account, the address, and the parsed body."""

    world: World
    ids: Mapping[str, str]
    query: Sequence[tuple[str, str]]
    body: Any = None

    def parameter(self, name: str) -> str | None:
        """A query parameter, the last one if it occurs twice."""
        return dict(self.query).get(name)


@dataclass
class Answer:
    """What a route's function returns; `shown` are the objects that a read has shown."""

    body: Any = None
    status: int = 200
    shown: Sequence[str] = ()
    content_type: str | None = JSON
    headers: dict[str, str] = field(default_factory=dict)


Serve = Callable[[Call], Answer]


class Route(NamedTuple):
    """A verb at an address; `query` names the parameters it knows."""

    method: str
    path: str
    serve: Serve
    query: frozenset[str] = frozenset()
    has_body: bool = False


def check_query(route: Route, query: Sequence[tuple[str, str]]) -> None:
    """Refuse parameters that the route does not know."""
    # assumed: an unknown query parameter, filters included, answers 400
    unknown = [name for name, _ in query if name not in route.query | {"format"}]
    if unknown:
        raise Invalid(*(Problem("Unknown parameter", name) for name in unknown))

"""The provider functions, in modules by topic; none needs registering."""

from __future__ import annotations

from provider import discovery
from provider.bridge import Function


def found() -> list[Function]:
    """The functions of the modules beside this one."""
    things = (thing for _, thing in discovery.declared(__name__, __path__))
    return [thing for thing in things if isinstance(thing, Function)]

"""What surrounds the drives: profile, capabilities, licenses, locations, the drive schema.

API: https://cloudsigma-docs.readthedocs.io/en/latest/
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from simulator import catalog, cloning, errors, fields, listing, storage, views
from simulator.exchange import Answer, Call
from simulator.fields import Field
from simulator.listing import View

if TYPE_CHECKING:
    from collections.abc import Sequence

PROFILE = {
    "clone_naming": Field(fields.one_of(*cloning.NAMINGS)),
    "first_name": Field(fields.anything),
    "last_name": Field(fields.anything),
    "meta": Field(fields.string_map),
}


@cache
def _schema() -> Any:
    # documented: the schema of drives is answered as recorded
    return json.loads((Path(__file__).parent / "data" / "drive_schema.json").read_text())


def drive_schema(_: Call) -> Answer:
    """D13."""
    return Answer(_schema())


def profile(call: Call) -> Answer:
    """The account's settings, bare."""
    return Answer(listing.shown(call.world, call.world.profile, views.PROFILE))


def edit_profile(call: Call) -> Answer:
    """The account's settings after a PUT of the full object."""
    readonly = frozenset({"email", "uuid"})
    changes = fields.cleaned(call.body, PROFILE, readonly=readonly)
    if "clone_naming" not in changes:
        raise errors.Invalid(errors.required("clone_naming"))
    for key, value in changes.items():
        setattr(call.world.profile, key, value)
    call.world.profiles.put(call.world.profile)
    return profile(call)


def capabilities(call: Call) -> Answer:
    """What the location offers."""
    return Answer(storage.capabilities(call.world.place, len(call.world.snapshots)))


def _fixed_list(call: Call, objects: Sequence[dict[str, Any]]) -> Answer:
    names = objects[0]
    keys = {name: lambda _, row, name=name: row[name] for name in names}
    view = View(lambda _: keys, tuple(names), {})
    body, _ = listing.page(call.world, objects, view, call.query, detail=True)
    return Answer(body)


def licenses(call: Call) -> Answer:
    """The licenses that images carry."""
    return _fixed_list(call, catalog.LICENSES)


def locations(call: Call) -> Answer:
    """Where the API is served."""
    return _fixed_list(call, catalog.LOCATIONS)

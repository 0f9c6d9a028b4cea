"""Exactly one drive for each create, although an answer can be lost and no POST is repeatable.

A drive is made with a token of ours: in its `meta`, or, as the clone action takes no `meta`, in
the name it bears until it is ready. By the token a drive is found whose answer was lost, by this
process or by one that was killed. docs/decisions/reliability-exactly-one.md has the limits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from provider import creation, journal
from provider.api import errors, retry
from provider.api.drives import avoiding
from provider.bridge import Stopped, matches

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

TOKEN_KEY: Final = "terraform-token"  # noqa: S105 - the name of a key, no secret
NOT_THE_TOKEN: Final = matches(
    f"(?!{TOKEN_KEY}$).*", f'another key than "{TOKEN_KEY}", which the provider uses itself'
)
# What an earlier create has to have asked alike, besides the source and what to avoid: what cannot
# be changed, what would stay where it is not asked for now, and the name, by which it is found.
FIXED: Final = ("name", "storage_type", "allow_multimount", "affinities", "iops")
# What the clone action does not take; it is set as soon as the clone is ready.
NOT_CLONED: Final = frozenset({"meta", "tags", "allow_multimount", "iops"})

UNTAINT: Final = (
    'The drive "{drive.name}" ({drive.uuid}) exists and is kept in the state. Terraform marks it '
    "as tainted and would replace it.\n\nTo keep it, run terraform untaint with its address; the "
    "next apply then finishes it."
)
_TOKEN: Final = re.compile("[0-9a-f]{32}")
_CLONE: Final = re.compile(r".* \(terraform ([0-9a-f]{32})\)", re.DOTALL)


@contextmanager
def journaled(
    ctx: Any, *definition: object, amount: int = 0, fits: Callable[[int], bool] = lambda _: True
) -> Iterator[journal.Entry]:
    """The entry of a create, which outlives the process unless Terraform hears what was made.

    Creates of the same definition, in the same account, may stand in for each other where the
    amount asked for earlier fits.
    """
    entry = journal.begin(
        _hashed(ctx, definition),
        journal.place(),
        amount=amount,
        fits=fits,
        pause=ctx.api.operation.pause,
    )
    try:
        yield entry
    finally:
        if ctx.saved is None or not ctx.operation.awaited():
            entry.close()
        else:
            # Interrupted a second time, Terraform says goodbye without storing what it is told.
            interrupted = ctx.operation.stopping.is_set() and journal.states_are_here()
            entry.settle_once_answered(at_goodbye=not interrupted)


def in_a_state(ctx: Any, *definition: object) -> None:
    """Terraform has the only object of this definition, so no create may take it over."""
    place = journal.place()
    if place is not None and place.is_dir():
        journal.forget_all(_hashed(ctx, definition), place)


def _hashed(ctx: Any, definition: object) -> str:
    settings = ctx.api.settings
    account = (settings.base_url, settings.username or settings.token)
    everything = json.dumps([account, definition], sort_keys=True)
    from hashlib import sha256  # noqa: PLC0415 - only what creates something pays

    return sha256(everything.encode()).hexdigest()[:16]


@contextmanager
def settled_by_refusal(entry: journal.Entry) -> Iterator[None]:
    """A failure of the create that excludes its effect leaves nothing to be found."""
    try:
        yield
    except errors.ApiError as error:
        if not (error.unsure or isinstance(error, retry.UNCERTAIN)):
            entry.settle()
        raise


@contextmanager
def exactly_one(
    ctx: Any, wanted: Mapping[str, Any], source: str | None, avoid: Iterable[str]
) -> Iterator[tuple[DriveJSON, dict[str, Any]]]:
    """The drive that exists by now, and all that is asked of it, its token included.

    It is a new one, or one that an earlier create made without being able to tell Terraform:
    nobody has known it, so it is as good as new once it has what is asked for now. Once the
    block has ended, whoever waits for this create has it.
    """
    fixed, size = {name: wanted.get(name) for name in FIXED}, wanted.get("size") or 0
    definition = ("drives", fixed, source, list(avoid))
    with journaled(ctx, *definition, amount=size, fits=lambda made: made <= size) as entry:
        try:
            drive = _left(ctx.api, entry, wanted) or _made(ctx.api, entry, wanted, source, avoid)
            entry.note(drive["uuid"])
            yield drive, _marked(wanted, entry)
        except Stopped:
            raise
        except Exception:
            if ctx.saved is not None:
                ctx.warn("Created drive is not finished", UNTAINT.format(drive=ctx.saved))
            raise


def _left(api: Client, entry: journal.Entry, wanted: Mapping[str, Any]) -> DriveJSON | None:
    """The drive that an earlier create left, by the first entry that has one."""
    look = partial(_look, api, entry, wanted["name"])
    found = creation.left(entry, look, api.operation.pause)
    if found is None and entry.inherited:
        entry.begin_again(wanted.get("size") or 0)
    return found


def _made(
    api: Client,
    entry: journal.Entry,
    wanted: Mapping[str, Any],
    source: str | None,
    avoid: Iterable[str],
) -> DriveJSON:
    """A new drive."""
    asked = _marked(wanted, entry)
    look = partial(_look, api, entry, wanted["name"])
    with settled_by_refusal(entry):
        if source is None:
            return api.drives.create(asked, query=avoiding(avoid), look=look)
        taken = {key: value for key, value in asked.items() if key not in NOT_CLONED}
        taken["name"] = _name_of_clone(wanted["name"], entry.token)
        return api.drives.clone(source, taken, avoid, look=look)


def _look(api: Client, entry: journal.Entry, name: str) -> DriveJSON | None:
    """The drive with the token of an entry."""
    names = [name, _name_of_clone(name, entry.token)]
    return next((d for d in api.drives.list(name=names) if token_of(d) == entry.token), None)


def _marked(wanted: Mapping[str, Any], entry: journal.Entry) -> dict[str, Any]:
    return {**wanted, "meta": {**wanted.get("meta", {}), TOKEN_KEY: entry.token}}


def token_of(drive: DriveJSON) -> str | None:
    """The token a drive was made with, if Terraform made it."""
    clone = _CLONE.fullmatch(drive.get("name", ""))
    return clone[1] if clone else token_in(drive.get("meta", {}))


def token_in(meta: Mapping[str, Any]) -> str | None:
    """The token among the notes of an object, if there is one of ours."""
    token = meta.get(TOKEN_KEY)
    return token if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _name_of_clone(name: str, token: str) -> str:
    return f"{name} (terraform {token})"

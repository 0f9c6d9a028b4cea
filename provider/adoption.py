"""Creating exactly one drive, although an answer can be lost and a POST must not be repeated.

A created drive carries a token of its own in `meta`, so that it can be found again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

if TYPE_CHECKING:
    from provider.api.client import Client
    from provider.api.records import DriveJSON

TOKEN_KEY: Final = "terraform-token"  # noqa: S105 - the name of a key, no secret


def create(api: Client, wanted: Mapping[str, Any], avoid: Iterable[str]) -> DriveJSON:
    """The created drive. When the answer is lost, the drive is found by its token instead."""
    token = uuid4().hex
    body = {**wanted, "meta": {**wanted.get("meta", {}), TOKEN_KEY: token}}

    def look() -> DriveJSON | None:
        named = api.drives.list(name=wanted["name"])
        return next((d for d in named if d.get("meta", {}).get(TOKEN_KEY) == token), None)

    return api.drives.create(body, query=avoiding(avoid), look=look)


def clone(api: Client, source: str, wanted: Mapping[str, Any], avoid: Iterable[str]) -> DriveJSON:
    """The clone. When the answer is lost, the drive that appeared under its name is found."""
    before = {drive["uuid"] for drive in api.drives.list(name=wanted["name"])}

    def look() -> DriveJSON | None:
        named = api.drives.list(name=wanted["name"])
        return next((d for d in named if d["uuid"] not in before and _filled_from(d)), None)

    def _filled_from(drive: DriveJSON) -> bool:
        jobs = {job["uuid"] for job in api.drives.present(source).get("jobs", [])}
        return any(job["uuid"] in jobs for job in drive.get("jobs", []))

    return api.drives.clone(source, wanted, avoid, look=look)


def avoiding(uuids: Iterable[str]) -> dict[str, str]:
    """The query that keeps a drive away from others' hardware, the most important first."""
    value = ",".join(uuids)
    return {"avoid": value} if value else {}

"""The shapes of the API's records. Only `uuid` and `status` are always there; unknown keys stay.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NotRequired, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping


class RefJSON(TypedDict):
    """A reference to another object."""

    uuid: str
    resource_uri: NotRequired[str]


class RuntimeJSON(TypedDict, total=False):
    """What the storage reports about a drive."""

    storage_type: str
    is_snapshotable: bool | None
    snapshots_allocated_size: int


class DriveJSON(TypedDict):
    """A drive; `owner` is null for a library drive."""

    uuid: str
    status: str
    affinities: NotRequired[list[str]]
    allow_multimount: NotRequired[bool]
    iops: NotRequired[int | None]
    jobs: NotRequired[list[RefJSON]]
    licenses: NotRequired[list[dict[str, object]]]
    media: NotRequired[str]
    meta: NotRequired[dict[str, str]]
    mounted_on: NotRequired[list[RefJSON]]
    name: NotRequired[str]
    owner: NotRequired[RefJSON | None]
    resource_uri: NotRequired[str]
    runtime: NotRequired[RuntimeJSON]
    size: NotRequired[int]
    snapshots: NotRequired[list[RefJSON]]
    storage_type: NotRequired[str | None]
    tags: NotRequired[list[RefJSON]]


class ServerJSON(TypedDict):
    """A server, as far as a drive mounted on it is concerned."""

    uuid: str
    status: str
    name: str


KEYS_OF_TYPE = {
    str: ("uuid", "status", "name", "media", "storage_type"),
    int: ("size", "iops"),
    bool: ("allow_multimount",),
    dict: ("meta", "runtime"),
    list: ("affinities", "jobs", "mounted_on", "tags"),
}
REFERENCES = ("jobs", "mounted_on", "tags")


def misfit(drive: Mapping[str, object]) -> str | None:
    """The first key of a drive, or of a part of one, whose value the API cannot have meant."""
    for kind, keys in KEYS_OF_TYPE.items():
        for key in keys:
            value = drive.get(key)
            if value is not None and type(value) is not kind:
                return key
            if key in REFERENCES and isinstance(value, list) and not all(map(_is_ref, value)):
                return key
    return None


def _is_ref(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("uuid"), str)

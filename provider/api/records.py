"""The shapes of the API's records. Only `uuid` and `status` are always there; unknown keys stay.

A key that is null in an answer is absent from the record.

Chapter: https://cloudsigma-docs.readthedocs.io/en/latest/drives.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NotRequired, TypedDict

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
    """A drive; one of the library has no `owner`."""

    uuid: str
    status: str
    affinities: NotRequired[list[str]]
    allow_multimount: NotRequired[bool]
    iops: NotRequired[int]
    jobs: NotRequired[list[RefJSON]]
    licenses: NotRequired[list[dict[str, object]]]
    media: NotRequired[str]
    meta: NotRequired[dict[str, str]]
    mounted_on: NotRequired[list[RefJSON]]
    name: NotRequired[str]
    owner: NotRequired[RefJSON]
    resource_uri: NotRequired[str]
    runtime: NotRequired[RuntimeJSON]
    size: NotRequired[int]
    snapshots: NotRequired[list[RefJSON]]
    storage_type: NotRequired[str]
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
    list: ("affinities", "jobs", "mounted_on", "resources", "tags"),
}
REFERENCES = ("jobs", "mounted_on", "tags")


def misfit(drive: Mapping[str, object]) -> str | None:
    """The first key of a drive or tag, or of a part, whose value the API cannot have meant."""
    for kind, keys in KEYS_OF_TYPE.items():
        for key in keys:
            value = drive.get(key)
            if value is not None and type(value) is not kind:
                return key
            if key in REFERENCES and isinstance(value, list) and not all(map(_is_ref, value)):
                return key
    return None


def present(record: Mapping[str, Any]) -> dict[str, Any]:
    """A record as it came, without the keys that are null."""
    return {key: value for key, value in record.items() if value is not None}


def _is_ref(value: object) -> bool:
    return isinstance(value, dict) and isinstance(value.get("uuid"), str)

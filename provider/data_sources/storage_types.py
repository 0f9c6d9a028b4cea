"""cloudsigma_storage_types: what storage the location offers, within which limits.

API: https://cloudsigma-docs.readthedocs.io/en/latest/capabilities.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from provider.bridge import Context, DataSource, Model, computed

if TYPE_CHECKING:
    from provider.api.client import Client


class StorageType(Model):
    """A kind of storage."""

    name: str = computed("What the `storage_type` of a drive takes.")
    size_min: int | None = computed("Smallest size of a drive in bytes.")
    size_max: int | None = computed("Largest size of a drive in bytes.")
    iops_min: int | None = computed("Fewest operations per second, where there is a choice.")
    iops_base: int | None = computed("Operations per second without a choice.")
    iops_max: int | None = computed("Most operations per second, where there is a choice.")


class StorageTypes(Model):
    """What a location offers."""

    default: str | None = computed("The type of a drive that asks for none.")
    names: list[str] = computed("The types on offer, in the order of their names.")
    storage_types: list[StorageType] = computed("The types with their limits, by name.")


class StorageTypesData(DataSource["Client", StorageTypes]):
    """The storage types that this location offers at present, with their limits.

    The answer depends on the location, the account and the load.
    """

    name = "storage_types"
    model = StorageTypes

    def read(self, ctx: Context[Client, StorageTypes], config: StorageTypes) -> StorageTypes:  # noqa: ARG002
        """The types on offer, sorted."""
        capabilities = ctx.api.capabilities()
        offered = capabilities.get("drives") or {}
        return StorageTypes(
            default=capabilities.get("default_storage_type"),
            names=sorted(offered),
            storage_types=[_storage_type(name, offered[name]) for name in sorted(offered)],
        )


def _storage_type(name: str, limits: dict[str, Any]) -> StorageType:
    size, iops = limits.get("size") or {}, limits.get("iops") or {}
    return StorageType(
        name=name,
        size_min=size.get("min"),
        size_max=size.get("max"),
        iops_min=iops.get("min"),
        iops_base=iops.get("base"),
        iops_max=iops.get("max"),
    )

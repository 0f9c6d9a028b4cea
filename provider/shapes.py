"""Objects that the API nests in others, as Terraform shows them."""

from __future__ import annotations

from provider.bridge import Model, computed


class Reference(Model):
    """Another object of the API."""

    resource_uri: str | None = computed("Path of the object in the API.")
    uuid: str | None = computed("UUID of the object.")


class TaggedObject(Model):
    """An object that has a tag."""

    uuid: str | None = computed("UUID of the object.")
    res_type: str | None = computed("What it is: `drives`, `servers`, `ips` or `vlans`.")
    resource_uri: str | None = computed("Path of the object in the API.")
    owner: Reference | None = computed("Owner of the object.")


class License(Model):
    """What a license is for."""

    burstable: bool | None = computed("Whether more can be used than is subscribed.")
    long_name: str | None = computed("Name for people.")
    name: str | None = computed("Name for programs.")
    resource_uri: str | None = computed("Path of the license in the API.")
    type: str | None = computed("How it is counted: `install`, `instance` or `stub`.")
    user_metric: str | None = computed("What is counted.")


class DriveLicense(Model):
    """A license on a drive."""

    amount: int | None = computed("How many are used.")
    license: License | None = computed("The license.")
    user: Reference | None = computed("Owner of the license.")


class Grantee(Model):
    """Somebody the drive is shared with."""

    permissions: list[str] | None = computed("What they may do: `LIST`, `EDIT`, `CLONE`, `ATTACH`.")
    user: Reference | None = computed("Who they are.")


class Runtime(Model):
    """What the storage reports."""

    is_snapshotable: bool | None = computed("Whether a snapshot can be taken now.")
    snapshots_allocated_size: int | None = computed("Bytes used by the drive's snapshots.")
    storage_type: str | None = computed("Storage the drive lives on.")

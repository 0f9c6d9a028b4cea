"""cloudsigma_licenses: the licenses that drives can need.

API: https://cloudsigma-docs.readthedocs.io/en/latest/licenses.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import Context, DataSource, Model, computed, from_json
from provider.shapes import License

if TYPE_CHECKING:
    from provider.api.client import Client


class Licenses(Model):
    """All licenses."""

    licenses: list[License] = computed("The licenses, by their name for programs.")


class LicensesData(DataSource["Client", Licenses]):
    """The licenses that this location knows."""

    name = "licenses"
    model = Licenses

    def read(self, ctx: Context[Client, Licenses], config: Licenses) -> Licenses:  # noqa: ARG002
        """The licenses, sorted."""
        found = ctx.api.collection("licenses").list(detail=False)
        found.sort(key=lambda license_: str(license_.get("name")))
        return Licenses(licenses=[from_json(License, license_) for license_ in found])

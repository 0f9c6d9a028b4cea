"""cloudsigma_locations: where the API is served.

API: https://cloudsigma-docs.readthedocs.io/en/latest/locations.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import Context, DataSource, Model, computed, from_json

if TYPE_CHECKING:
    from provider.api.client import Client


class Location(Model):
    """A location."""

    id: str = computed("Code of the location, such as `ZRH`.")
    display_name: str | None = computed("Name for people.")
    country_code: str | None = computed("Code of the country.")
    api_endpoint: str | None = computed("URL of the API: what `base_url` takes.")
    upload_url: str | None = computed("URL for the upload of images.")
    websocket_url: str | None = computed("URL of the service that reports changes.")
    documentation_url: str | None = computed("URL of the documentation.")
    default_frontend_url: str | None = computed("URL of the web console.")
    default_frontend_signup_url: str | None = computed("URL for a registration.")
    alternative_frontend_url: str | None = computed("URL of another web console.")


class Locations(Model):
    """All locations."""

    locations: list[Location] = computed("The locations, by code.")


class LocationsData(DataSource["Client", Locations]):
    """The CloudSigma locations that the present one knows."""

    name = "locations"
    model = Locations

    def read(self, ctx: Context[Client, Locations], config: Locations) -> Locations:  # noqa: ARG002
        """The locations, sorted."""
        found = ctx.api.collection("locations").list(detail=False)
        locations = [from_json(Location, location) for location in found]
        return Locations(locations=sorted(locations, key=lambda location: location.id))

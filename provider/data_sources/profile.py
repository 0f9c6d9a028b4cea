"""cloudsigma_profile: the account that the credentials belong to.

API: https://cloudsigma-docs.readthedocs.io/en/latest/profile.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from provider.bridge import Context, DataSource, Model, computed, from_json

if TYPE_CHECKING:
    from provider.api.client import Client


class Profile(Model):
    """An account."""

    id: str | None = computed("The same as `uuid`.")
    uuid: str | None = computed("UUID of the user.")
    email: str | None = computed("E-mail address.")
    first_name: str | None = computed("First name.")
    last_name: str | None = computed("Last name.")
    title: str | None = computed("Title.")
    company: str | None = computed("Company.")
    address: str | None = computed("Address.")
    clone_naming: str | None = computed(
        "How a clone without a name is named: `NONE`, `COUNTER`, `DATE` or `TIMESTAMP`."
    )
    meta: dict[str, str] | None = computed("Notes on the account, by key.")


class ProfileData(DataSource["Client", Profile]):
    """The profile of the user that the provider works as."""

    name = "profile"
    model = Profile

    def read(self, ctx: Context[Client, Profile], config: Profile) -> Profile:  # noqa: ARG002
        """The profile as the API has it."""
        profile = ctx.api.get("profile/")
        return from_json(Profile, profile, id=profile.get("uuid"))

"""What a part of a provider does as long as its author has not said more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from provider.bridge import (
    Action,
    Context,
    DataSource,
    EphemeralResource,
    Model,
    Provider,
    Resource,
    optional,
)
from provider.bridge.log import Log
from provider.bridge.testing import Harness

if TYPE_CHECKING:
    pass


class Bare(Model):
    name: str | None = optional("Its name.")


class BareResource(Resource[None, Bare]):
    name = "bare"
    model = Bare
    identity = ("name",)


class BareProvider(Provider[None, Bare]):
    name = "bare"
    version = "1"
    model = Bare
    resources = (BareResource,)


CTX: Context[Any, Any] = Context(None)
BARE = Bare()


@pytest.mark.parametrize(
    "use",
    [
        lambda: BareResource().create(CTX, BARE),
        lambda: BareResource().read(CTX, BARE),
        lambda: BareResource().update(CTX, BARE, BARE),
        lambda: BareResource().delete(CTX, BARE),
        lambda: BareResource().list(CTX, BARE, 1),
        lambda: DataSource[None, Bare]().read(CTX, BARE),
        lambda: EphemeralResource[None, Bare]().open(CTX, BARE),
        lambda: Action[None, Bare]().invoke(CTX, BARE),
        lambda: BareProvider().configure(BARE, Log("x")),
    ],
)
def test_what_an_author_must_write_is_missing(use: Any) -> None:
    with pytest.raises(NotImplementedError):
        use()


def test_what_an_author_may_write_does_nothing() -> None:
    resource, ephemeral = BareResource(), EphemeralResource[None, Bare]()

    resource.validate(BARE)
    resource.check_destroy(CTX, BARE, replacing=True)
    resource.check_import(CTX, BARE)
    ephemeral.renew(CTX)
    ephemeral.close(CTX)
    Action[None, Bare]().plan(CTX, BARE)

    assert resource.modify_plan(CTX, BARE) is BARE
    assert resource.move("", "x", {}) is None
    assert resource.generated_config(BARE) == {}
    assert resource.display_name(Bare(name="n")) == "n"
    assert BareProvider().during(None, CTX.operation, CTX.log) is None
    assert BareProvider().explain(OSError(), "bare", "read") is None


def test_a_resource_that_is_no_list_is_listed_by_nobody() -> None:
    schema = Harness(BareProvider()).ask("GetProviderSchema")

    assert not schema.list_resource_schemas
    assert not schema.HasField("provider_meta")

"""What a part of a provider does as long as its author has not said more."""

from __future__ import annotations

import os
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
    prepared,
)
from provider.bridge.front import Front
from provider.bridge.log import Log
from provider.bridge.testing import Harness
from tests.bridge.channel import value
from tests.bridge.plugin import Plugin
from tests.toy.provider import Toy

if TYPE_CHECKING:
    from pathlib import Path


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


PREPARED = """
import os, sys
from pathlib import Path
from provider.bridge.process import Identity, main
from tests.toy.__main__ import ADDRESS, load
package = Path(os.environ["PACKAGE"])
sys.exit(main(Identity("toy", "1", ADDRESS, load, package), sys.argv[1:], os.environ))
"""


def test_a_prepared_schema_is_answered_as_it_is(tmp_path: Path) -> None:
    answer = Harness(Toy()).ask("GetProviderSchema")
    prepared.keep(tmp_path, answer.SerializeToString())

    with Plugin(code=PREPARED, PACKAGE=str(tmp_path)) as plugin:
        client = plugin.client(plugin.fields())
        told = client.ask("GetProviderSchema")
        later = client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))

    assert told == answer
    assert not later.diagnostics


def test_a_prepared_schema_is_used_only_while_no_source_is_younger(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    source = tmp_path / "inner" / "source.py"
    source.touch()
    (tmp_path / "notes.txt").touch()
    for path in (tmp_path, tmp_path / "inner", source):
        os.utime(path, ns=(1, 1))
    assert prepared.find(tmp_path) is None
    prepared.keep(tmp_path, b"schema")
    os.utime(tmp_path, ns=(1, 1))
    assert prepared.find(tmp_path) == b"schema"

    os.utime(source, ns=(2**62, 2**62))

    assert prepared.find(tmp_path) is None


def test_a_connection_that_leads_nowhere_is_closed(socket_folder: Path) -> None:
    import socket

    def nowhere() -> str:
        return f"unix:{socket_folder}/nowhere"

    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(socket_folder / "s"))
    front = Front(listener, nowhere, Log("x"), None)
    front.start()

    with socket.socket(socket.AF_UNIX) as connection:
        until_listening(connection, str(socket_folder / "s"))
        assert connection.recv(1) == b""


def until_listening(connection: Any, address: str) -> None:
    while True:
        try:
            return connection.connect(address)
        except ConnectionRefusedError:
            continue

"""Answers that are made in advance: used as they are, and only while nothing has changed."""

from __future__ import annotations

import os
from pathlib import Path

from provider.bridge.host import Host
from provider.bridge.prepared import find, keep
from provider.bridge.service import answers_in_advance
from provider.bridge.testing import Harness
from tests.bridge.channel import value
from tests.bridge.plugin import Plugin
from tests.toy.provider import Toy

PREPARED = """
import os, sys
from provider.bridge.process import Identity, main
from tests.toy.__main__ import ADDRESS, load
package = os.environ["PACKAGE"]
sys.exit(main(Identity("toy", "1", ADDRESS, load, package), sys.argv[1:], os.environ))
"""


def test_a_prepared_schema_is_answered_as_it_is(tmp_path: Path) -> None:
    rpcs = ("GetProviderSchema", "GetResourceIdentitySchemas")
    answers = [Harness(Toy()).ask(rpc) for rpc in rpcs]
    keep(str(tmp_path), answers_in_advance(Host(Toy())))

    with Plugin(code=PREPARED, PACKAGE=str(tmp_path)) as plugin:
        client = plugin.client(plugin.fields())
        told = [client.ask(rpc) for rpc in rpcs]
        later = client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))

    assert told == answers
    assert not later.diagnostics


def test_a_prepared_schema_is_used_only_while_no_source_is_younger(tmp_path: Path) -> None:
    answers = {"/path": b"schema"}
    (tmp_path / "inner").mkdir()
    source = tmp_path / "inner" / "source.py"
    source.touch()
    (tmp_path / "notes.txt").touch()
    for path in (tmp_path, tmp_path / "inner", source):
        os.utime(path, ns=(1, 1))
    assert find(str(tmp_path)) == {}
    keep(str(tmp_path), answers)
    os.utime(tmp_path, ns=(1, 1))
    assert find(str(tmp_path)) == answers

    os.utime(source, ns=(2**62, 2**62))

    assert find(str(tmp_path)) == {}


def test_a_prepared_schema_that_is_torn_is_not_used(tmp_path: Path) -> None:
    keep(str(tmp_path), {"/path": b"schema"})
    file = next((tmp_path / "__pycache__").iterdir())
    whole = file.read_bytes()

    for size in range(len(whole)):
        file.write_bytes(whole[:size])
        assert find(str(tmp_path)) == {}

"""The plugin as a process: how it is greeted, how it serves, how it ends."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import grpc
import pytest

from provider.bridge.host import Host
from provider.bridge.pb import go_plugin_pb2
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.process import Identity, Process
from tests.bridge.channel import UNKNOWN, Client, plain, value, wire
from tests.bridge.plugin import PATIENCE, ROOT, Plugin, environment
from tests.toy.provider import Toy

START = """
import os, socket, sys
from provider.bridge.process import Identity, main
from tests.toy.__main__ import ADDRESS
"""
# Python on Windows knows no unix sockets and makes its pairs of sockets from ports.
WINDOWS = """
import socket
def pair(*_):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        near = socket.create_connection(listener.getsockname())
        return near, listener.accept()[0]
socket.socketpair = pair
del socket.AF_UNIX
"""
NOISE = r"""
import logging, warnings
print('{"@message": 1}')
sys.stderr.write('{"@level": ')
sys.stderr.write('null}\n')
warnings.warn('odd')
logging.getLogger('x').warning('careful')
os.write(1, b'{"@message": 2}\n')
""".strip()


def main(load: str) -> str:
    """A program that serves the toy provider as `load` makes it."""
    indented = load.replace("\n", "\n    ")
    return (
        f"{START}\ndef load():\n    {indented}\n    from tests.toy.provider import Toy\n"
        "    return Toy()\n"
        "sys.exit(main(Identity('toy', '1', ADDRESS, load), sys.argv[1:], os.environ))"
    )


def by_hand(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.toy", *arguments],
        env={**environment(TF_PLUGIN_MAGIC_COOKIE="none"), **variables},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def shut_down(client: Client) -> None:
    client.method("GRPCController", "Shutdown")(go_plugin_pb2.Empty())


def waiting(client: Client, folder: Path, count: int = 1) -> list[Any]:
    """Applies that wait, each of which has made its object already."""
    trouble = {"id": UNKNOWN, "mode": "wait", "size": None, "secret": None, "result": UNKNOWN}
    request = pb.ApplyResourceChange.Request(
        type_name="toy_trouble",
        prior_state=wire(None),
        planned_state=value(**trouble, timeouts=None),
        config=value(**trouble | {"id": None, "result": None}, timeouts=None),
    )
    method = client.method("Provider", "ApplyResourceChange")
    applies = [method.future(request) for _ in range(count)]
    until(lambda: len(list(folder.glob("*.json"))) == count)
    return applies


def until(reached: Any) -> None:
    """Return once the condition holds."""
    limit = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < limit, "it never happened"
        time.sleep(0.01)


def test_a_run_by_hand_explains_itself() -> None:
    run = by_hand()

    assert run.returncode == 1
    assert "This program is a Terraform plugin" in run.stderr
    assert 'toy = { source = "terraform.local/tests/toy" }' in run.stderr
    assert run.stdout == ""


def test_the_version_is_told() -> None:
    assert by_hand("--version").stdout == "terraform-provider-toy 0.1.0\n"


def test_another_cookie_is_refused() -> None:
    assert by_hand(TF_PLUGIN_MAGIC_COOKIE="x").returncode == 1


def test_a_terraform_without_protocol_6_is_refused() -> None:
    with Plugin(PLUGIN_PROTOCOL_VERSIONS="4,5") as plugin:
        assert plugin.ended() == 1
        assert plugin.stderr() == ["terraform-provider-toy speaks protocol 6, not 4, 5."]


def test_the_greeting_has_six_fields() -> None:
    with Plugin() as plugin:
        fields = plugin.fields()

        assert (fields[0], fields[1], fields[2], fields[4]) == ("1", "6", "unix", "grpc")
        assert Path(fields[3]).is_socket()
        assert re.fullmatch(r"[A-Za-z0-9+/]{200,}", fields[5])
        assert len(fields) == 6


def test_a_host_that_multiplexes_is_told_that_we_do_not() -> None:
    with Plugin(PLUGIN_MULTIPLEX_GRPC="true") as plugin:
        assert plugin.fields()[6] == "false"


def test_it_serves_with_mutual_tls_and_ends_when_told(tmp_path: Path) -> None:
    with Plugin() as plugin:
        fields = plugin.fields()
        client = plugin.client(fields)
        assert not client.ask("GetProviderSchema").diagnostics

        begin = time.monotonic()
        shut_down(client)
        status = plugin.ended()

        assert status == 0
        assert time.monotonic() - begin < 2, "Terraform kills after two seconds"
        assert not Path(fields[3]).parent.exists()
        assert plugin.stderr() == []


def test_it_serves_without_tls_when_terraform_wants_none() -> None:
    with Plugin(tls=False) as plugin:
        fields = plugin.fields()

        assert fields[5] == ""
        assert not plugin.client(fields).ask("GetProviderSchema").diagnostics


def test_the_socket_is_in_a_private_folder_where_the_host_wants_it(socket_folder: Path) -> None:
    with Plugin(PLUGIN_UNIX_SOCKET_DIR=str(socket_folder)) as plugin:
        folder = Path(plugin.fields()[3]).parent

        assert folder.parent == socket_folder
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_group_may_be_let_in(socket_folder: Path) -> None:
    group = str(os.getgid())
    with Plugin(
        PLUGIN_UNIX_SOCKET_DIR=str(socket_folder), PLUGIN_UNIX_SOCKET_GROUP=group
    ) as plugin:
        socket = Path(plugin.fields()[3])

        assert stat.S_IMODE(socket.stat().st_mode) == 0o660
        assert stat.S_IMODE(socket.parent.stat().st_mode) == 0o750


def test_a_long_folder_for_temporary_files_is_not_used(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 100)
    long.mkdir()
    with Plugin(TMPDIR=str(long)) as plugin:
        assert plugin.fields()[3].startswith("/tmp/tf-")


def test_an_interrupt_is_ignored() -> None:
    with Plugin() as plugin:
        client = plugin.client(plugin.fields())
        client.ask("GetMetadata")

        plugin.process.send_signal(signal.SIGINT)

        assert not client.ask("GetMetadata").diagnostics


def test_a_termination_lets_operations_return_what_they_hold(tmp_path: Path) -> None:
    with Plugin() as plugin:
        fields = plugin.fields()
        client = plugin.client(fields)
        client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))
        (apply,) = waiting(client, tmp_path)

        plugin.process.send_signal(signal.SIGTERM)

        assert plain(apply.result(PATIENCE).new_state)["result"] == "made"
        assert plugin.ended() == 0
        assert not Path(fields[3]).exists()


def test_it_ends_when_its_parent_is_gone() -> None:
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import subprocess, sys; p = subprocess.Popen([sys.executable, '-m', 'tests.toy']);"
            "print(p.pid, file=sys.stderr, flush=True); p.wait()",
        ],
        env=environment(),
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert parent.stdout is not None
    assert parent.stderr is not None
    plugin = int(parent.stderr.readline())
    socket = Path(parent.stdout.readline().split("|")[3])

    parent.kill()
    parent.wait()

    begin = time.monotonic()
    until(lambda: not socket.parent.exists())
    until(lambda: not Path(f"/proc/{plugin}/fd").exists() or is_zombie(plugin))
    assert time.monotonic() - begin < 5
    parent.communicate()


def is_zombie(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"


def test_a_crash_is_reported_in_the_form_terraform_shows() -> None:
    error = """raise RuntimeError('no disk\\n{"@message": 1}')"""
    with Plugin(code=main(error)) as plugin:
        client = plugin.client(plugin.fields())
        with pytest.raises(grpc.RpcError) as failure:
            client.ask("GetMetadata")
        assert plugin.ended() == 1
        lines = plugin.stderr()

    assert failure.value.code() is grpc.StatusCode.UNAVAILABLE
    assert lines[0] == "panic: RuntimeError: no disk"
    assert any("in load" in line for line in lines)
    assert [line for line in lines if line.lstrip().startswith("{")] == []


def test_a_crash_before_the_greeting_is_reported_too(tmp_path: Path) -> None:
    with Plugin(PLUGIN_UNIX_SOCKET_DIR=str(tmp_path / "nowhere")) as plugin:
        assert plugin.ended() == 1
        assert plugin.stderr()[0].startswith("panic: FileNotFoundError")


def test_what_other_code_prints_becomes_log_lines() -> None:
    with Plugin(code=main(NOISE), TF_LOG="warn") as plugin:
        client = plugin.client(plugin.fields())
        client.ask("GetMetadata")
        shut_down(client)
        plugin.ended()
        lines = [json.loads(line) for line in plugin.stderr()]

    texts = [line["@message"] for line in lines]
    assert '{"@message": 1}' in texts
    assert '{"@level": null}' in texts
    assert any("odd" in text for text in texts)
    assert "careful" in texts
    assert {line["@level"] for line in lines} == {"warn"}


def test_every_rpc_is_one_line_of_the_log() -> None:
    with Plugin(TF_LOG="debug") as plugin:
        client = plugin.client(plugin.fields())
        client.ask("ReadResource", type_name="toy_nothing")
        shut_down(client)
        plugin.ended()
        lines = [json.loads(line) for line in plugin.stderr()]

    (line,) = [line for line in lines if line.get("tf_rpc") == "ReadResource"]
    assert line["@message"] == "answered"
    assert (line["@level"], line["tf_resource_type"]) == ("debug", "toy_nothing")
    assert line["ms"] >= 0
    assert line["tf_req_id"]
    assert line["tf_provider_addr"] == "terraform.local/tests/toy"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["@timestamp"])


@pytest.mark.parametrize(
    ("variables", "configured"),
    [
        ({"TF_LOG": "info"}, True),
        ({"TF_LOG": "json"}, True),
        ({"TF_LOG": "debug", "TF_LOG_PROVIDER": "warn"}, False),
        ({}, False),
    ],
)
def test_the_log_is_filtered_at_its_source(
    tmp_path: Path, variables: dict[str, str], configured: bool
) -> None:
    with Plugin(tls=False, **variables) as plugin:
        client = plugin.client(plugin.fields())
        client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))
        shut_down(client)
        plugin.ended()
        lines = plugin.stderr()

    found = [line for line in map(json.loads, lines) if line["@message"] == "configured"]
    assert bool(found) is configured
    assert all(line["password"] == "(redacted)" for line in found)


def test_stopping_interrupts_a_hundred_applies_and_not_the_service(tmp_path: Path) -> None:
    with Plugin() as plugin:
        client = plugin.client(plugin.fields())
        client.ask("ConfigureProvider", config=value(folder=str(tmp_path), label=None))
        applies = waiting(client, tmp_path, count=100)

        begin = time.monotonic()
        client.ask("StopProvider")
        answered = time.monotonic() - begin
        states = [plain(apply.result(PATIENCE).new_state) for apply in applies]
        ended = time.monotonic() - begin

        assert len({state["id"] for state in states}) == 100
        assert answered < 2
        assert ended < 10
        assert not client.ask("GetProviderSchema").diagnostics
        (later,) = waiting_again(client, tmp_path)
        assert not later.done()


def waiting_again(client: Client, folder: Path) -> list[Any]:
    for file in folder.glob("*.json"):
        file.unlink()
    return waiting(client, folder)


def test_a_debugging_server_keeps_its_configurations_apart(tmp_path: Path) -> None:
    with Plugin("--debug", tls=False) as plugin:
        name, _, text = plugin.line().partition("=")
        (attached,) = json.loads(text.strip("'")).values()
        greeting = ["", "", attached["Addr"]["Network"], attached["Addr"]["String"], "", ""]
        folders = [tmp_path / "a", tmp_path / "b"]
        clients = [plugin.client(greeting) for _ in folders]
        for client, folder in zip(clients, folders, strict=True):
            folder.mkdir()
            (folder / "n.json").write_text(json.dumps({"title": folder.name, "color": "red"}))
            client.ask("ConfigureProvider", config=value(folder=str(folder), label=None))

        config = value(id="n", title=None, color=None)
        answers = [c.ask("ReadDataSource", type_name="toy_note", config=config) for c in clients]
        plugin.process.send_signal(signal.SIGINT)

        assert name == "TF_REATTACH_PROVIDERS"
        assert (attached["ProtocolVersion"], attached["Test"]) == (6, True)
        assert attached["Pid"] == plugin.process.pid
        assert [plain(a.state)["title"] for a in answers] == ["a", "b"]
        assert plugin.ended() == 0


COUNTED = f"""{START}
from weakref import WeakSet
LIVE = WeakSet()
def load():
    from tests.toy.provider import Toy
    toy = Toy()
    LIVE.add(toy)
    print(len(LIVE))
    return toy
sys.exit(main(Identity('toy', '1', ADDRESS, load), sys.argv[1:], os.environ))
"""


def test_a_debugging_server_keeps_nothing_of_connections_that_are_over() -> None:
    with Plugin("--debug", code=COUNTED, tls=False, TF_LOG="warn") as plugin:
        _, _, text = plugin.line().partition("=")
        (attached,) = json.loads(text.strip("'")).values()
        greeting = ["", "", attached["Addr"]["Network"], attached["Addr"]["String"], "", ""]
        for _ in range(20):
            client = plugin.client(greeting)
            client.ask("GetMetadata")
            client.close()
        plugin.process.send_signal(signal.SIGINT)
        plugin.ended()
        counts = [int(json.loads(line)["@message"]) for line in plugin.stderr()]

    assert len(counts) == 20
    assert max(counts) < 20  # the end of a connection is noticed a moment later


def test_without_unix_sockets_it_serves_on_a_port_of_the_range() -> None:
    program = WINDOWS + main("pass")
    with Plugin(code=program) as plugin:
        fields = plugin.fields()
        host, port = fields[3].split(":")

        assert (fields[2], host) == ("tcp", "127.0.0.1")
        assert 10000 <= int(port) <= 25000
        assert not plugin.client(fields).ask("GetProviderSchema").diagnostics


def test_a_range_without_a_free_port_is_a_crash() -> None:
    import socket

    program = WINDOWS + main("pass")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = str(taken.getsockname()[1])
        with Plugin(code=program, PLUGIN_MIN_PORT=port, PLUGIN_MAX_PORT=port) as plugin:
            assert plugin.ended() == 1
            assert plugin.stderr()[0] == f"panic: OSError: no free port from {port} to {port}"


def test_a_provider_that_cannot_finish_does_not_keep_the_process() -> None:
    class Clinging(Toy):
        def finished(self) -> None:
            raise OSError("no space left")

    plugin = Identity("terraform-provider-toy", "0.1.0", "example.com/tests/toy", Clinging)
    process = Process(plugin, {}, debug=True)
    host = Host(Clinging())
    process._hosts.add(host)

    with process._signals, process._signaled:
        process._goodbye()

    assert process._leave.is_set()

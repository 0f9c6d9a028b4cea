"""The plugin process from start to end: who called, announce, serve, leave.

Light on purpose: what is heavy is imported once the handshake line is out, while Terraform
connects. Protocol: process protocol of go-plugin, reattach mode.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TextIO

from provider.bridge.log import Log, Stray, out
from provider.bridge.prepared import find as prepared_schema

if TYPE_CHECKING:
    from provider.bridge.front import Front
    from provider.bridge.host import Host
    from provider.bridge.resource import Provider
    from provider.bridge.rpcs import Method
    from provider.bridge.tls import Guard

MAGIC_COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
PROTOCOL: Final = 6
_LONGEST_SOCKET_PATH: Final = 90  # bytes; the system's limit is 103 to 107
_PARENT_CHECK_SECONDS: Final = 0.5
_GRACE_SECONDS: Final = 0.2  # for answers on their way when Terraform says goodbye
_WIND_UP_SECONDS: Final = 20.0  # for operations to return what they hold after SIGTERM

_PAGE: Final = """\
{name} {version}

This program is a Terraform plugin. Terraform starts it; it does nothing by itself.
To use it, name it in a configuration and run `terraform init`:

    terraform {{
      required_providers {{
        {short} = {{ source = "{address}" }}
      }}
    }}

--version  prints the version
--debug    serves until interrupted, and prints what a Terraform in another window needs
"""


class Identity(NamedTuple):
    """How the plugin introduces itself, and how its provider is loaded when it is needed.

    `package` is where the provider's sources are, beside which its schema may be prepared.
    """

    name: str
    version: str
    address: str
    load: Callable[[], Provider[Any, Any]]
    package: Path | None = None


def main(plugin: Identity, arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """The exit status of a run by hand; a run by Terraform does not return."""
    if "--version" in arguments:
        sys.stdout.write(f"{plugin.name} {plugin.version}\n")
        return 0
    if "--debug" in arguments:
        Process(plugin, environ, debug=True).run()
    if environ.get("TF_PLUGIN_MAGIC_COOKIE") != MAGIC_COOKIE:
        short = plugin.address.rpartition("/")[2]
        sys.stderr.write(_PAGE.format(short=short, **plugin._asdict()))
        return 1
    offered = environ.get("PLUGIN_PROTOCOL_VERSIONS", str(PROTOCOL)).split(",")
    if str(PROTOCOL) not in offered:
        sys.stderr.write(f"{plugin.name} speaks protocol {PROTOCOL}, not {', '.join(offered)}.\n")
        return 1
    return Process(plugin, environ).run()


class Process:
    """A process that serves one provider until it is told to leave, or nobody is left.

    Started by Terraform it serves one configuration with mutual TLS. For debugging it serves
    without TLS, and each connection gets a provider of its own, so that aliases stay apart.
    """

    def __init__(self, plugin: Identity, environ: Mapping[str, str], debug: bool = False) -> None:
        self._plugin = plugin
        self._environ = environ
        self._debug = debug
        self._log = Log("provider").bound(tf_provider_addr=plugin.address)
        self._leave = threading.Event()
        self._grace = _GRACE_SECONDS
        self._signals, self._signaled = socket.socketpair()
        self._inner = threading.Lock()
        self._served: list[tuple[Any, str]] = []  # gRPC server, address
        self._hosts: list[Host] = []
        self._folder: Path | None = None
        self._guard: Guard | None = None
        self._front: Front

    def run(self) -> NoReturn:
        """Announce, serve, clean up and end the process."""
        line_out = _protected_streams(self._log)
        sys.excepthook = _panic
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # gRPC's own lines go around ours
        # A signal is reported here the moment it arrives. Its handler would run in the main thread,
        # which may hold the very lock that winding up needs, or may just have fallen asleep.
        self._signaled.setblocking(False)
        signal.set_wakeup_fd(self._signaled.fileno())
        threading.Thread(target=self._obey_signals, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: None)
        if self._debug:
            signal.signal(signal.SIGINT, lambda *_: None)
        else:
            # Ctrl-C reaches the whole process group; Terraform asks by StopProvider instead.
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            threading.Thread(target=self._watch_parent, daemon=True).start()
        status = 0
        try:
            self._folder = _private_folder(self._environ)
            self._serve(self._folder, line_out)
            self._leave.wait()
            for server, _ in self._served:
                server.stop(self._grace).wait(self._grace)
            self._front.finish(_GRACE_SECONDS)
        except Exception:
            status = 1
            _panic(*sys.exc_info())
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
        os._exit(status)

    def _serve(self, folder: Path, line_out: TextIO) -> None:
        listener, network, address = _listener(folder, self._environ)
        client = "" if self._debug else self._environ.get("PLUGIN_CLIENT_CERT", "")
        if client or network == "tcp":
            from provider.bridge.tls import guard  # noqa: PLC0415 - a process without TLS needs none

            self._guard = guard(client, folder, is_open=network == "tcp")
        certificate = self._guard.announced if self._guard else ""
        line_out.write(self._greeting(network, address, certificate) + "\n")
        line_out.close()
        # From here on Terraform is connecting: time for the heavy imports.
        from provider.bridge.front import Front  # noqa: PLC0415

        self._front = Front(listener, self._open_inner, self._log, self._guard)
        self._front.start()
        if not self._debug:
            self._open_inner()

    def _greeting(self, network: str, address: str, certificate: str) -> str:
        if not self._debug:
            more = "|false" if "PLUGIN_MULTIPLEX_GRPC" in self._environ else ""
            return f"1|{PROTOCOL}|{network}|{address}|grpc|{certificate}{more}"
        reattach = {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": os.getpid(),
            "Test": True,  # only then does Terraform read the version
            "Addr": {"Network": network, "String": address},
        }
        return f"TF_REATTACH_PROVIDERS='{json.dumps({self._plugin.address: reattach})}'"

    def _open_inner(self) -> str:
        """The address of the gRPC server for a connection that has just been accepted."""
        with self._inner:
            if self._served and not self._debug:
                return self._served[0][1]
            from provider.bridge.server import Services, serve  # noqa: PLC0415 - after the handshake line

            schema = prepared_schema(self._plugin.package) if self._plugin.package else None
            services = Services(self._rpcs, self._goodbye, schema)
            # On a port that anybody can reach, only the front's own certificate is let in.
            only = self._guard.own if self._guard and self._guard.inner else None
            wanted = "127.0.0.1:0" if only else f"unix:{self._folder}/{len(self._served)}"
            running, address = serve(services, wanted, only)
            if schema is None:
                services.rpcs()
            self._served.append((running, address))
            return address

    def _rpcs(self) -> Mapping[str, Method]:
        """What answers for the provider, loaded for one connection."""
        from provider.bridge.host import Host  # noqa: PLC0415 - many processes never need it
        from provider.bridge.rpcs import methods  # noqa: PLC0415

        served = Host(self._plugin.load(), self._log)
        self._hosts.append(served)
        return methods(served)

    def _goodbye(self) -> None:
        """Terraform has every answer it wanted; the process is to leave."""
        for host in self._hosts:
            host.provider.finished()
        self._leave.set()

    def _obey_signals(self) -> None:
        while self._signals.recv(1):
            self._wind_up()

    def _wind_up(self) -> None:
        """Ask running operations to return what they hold, then leave."""
        self._grace = _WIND_UP_SECONDS
        for host in self._hosts:
            host.stop()
        self._leave.set()

    def _watch_parent(self) -> None:
        """Leave when the Terraform that started us is gone without a goodbye."""
        parent = os.getppid()
        while not self._leave.wait(_PARENT_CHECK_SECONDS):
            if os.getppid() != parent:
                self._grace = _GRACE_SECONDS
                self._leave.set()


def _private_folder(environ: Mapping[str, str]) -> Path:
    """An empty folder only this user can enter, with a path short enough for a socket."""
    wanted = environ.get("PLUGIN_UNIX_SOCKET_DIR") or tempfile.gettempdir()
    if len(os.fsencode(wanted)) > _LONGEST_SOCKET_PATH:
        wanted = "/tmp"  # noqa: S108 - mkdtemp makes a private folder in it
    return Path(tempfile.mkdtemp(prefix="tf-", dir=wanted)).resolve()


def has_unix_sockets() -> bool:
    """The system has sockets that are files, which folders protect; Windows has not."""
    return hasattr(socket, "AF_UNIX")


def _listener(folder: Path, environ: Mapping[str, str]) -> tuple[socket.socket, str, str]:
    """A listening socket with its network and address: unix where there is such a thing."""
    if has_unix_sockets():
        listener = socket.socket(socket.AF_UNIX)
        address = str(folder / "s")
        listener.bind(address)
        if named := environ.get("PLUGIN_UNIX_SOCKET_GROUP"):
            group = int(named) if named.isdigit() else named
            shutil.chown(folder, group=group)
            shutil.chown(address, group=group)
            folder.chmod(0o750)
            Path(address).chmod(0o660)
        listener.listen()
        return listener, "unix", address
    low, high = (int(environ.get(f"PLUGIN_{end}_PORT", 0)) for end in ("MIN", "MAX"))
    for port in range(low, high + 1):
        listener = socket.socket()
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            listener.close()
            continue
        listener.listen()
        return listener, "tcp", f"127.0.0.1:{listener.getsockname()[1]}"
    raise OSError(f"no free port from {low} to {high}")


def _protected_streams(log: Log) -> TextIO:
    """The real standard output, for one line; whatever other code prints becomes log lines."""
    line_out = os.fdopen(os.dup(1), "w")
    with Path(os.devnull).open("w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
    sys.stdout = sys.stderr = Stray(log, sys.stderr)
    return line_out


def _panic(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> None:
    """Report a fatal error in the form that Terraform shows to people."""
    first, *rest = "".join(traceback.format_exception_only(kind, error)).splitlines()
    trail = "".join(traceback.format_exception(kind, error, trace)).splitlines()
    # Terraform would parse a line that looks like JSON.
    out().write("\n| ".join([f"panic: {first}", *rest, "", *trail]) + "\n")

"""The plugin process from start to end: who called, announce, serve, leave.

Light on purpose, since Terraform starts it several times for each command: what a process needs
only now and then is imported then. Protocol: process protocol of go-plugin, reattach mode.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Mapping, MutableSet, Sequence
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, NoReturn, TextIO

from provider.bridge.log import Log, Stray, out
from provider.bridge.prepared import find as prepared_answers

if TYPE_CHECKING:
    from provider.bridge.host import Host
    from provider.bridge.resource import Provider
    from provider.bridge.server import Handler, Server, Services
    from provider.bridge.tls import Guard

MAGIC_COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
PROTOCOL: Final = 6
_LONGEST_FOLDER: Final = 86  # bytes; the system's limit for the path of a socket is 103 to 107
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

    `package` is the folder of the provider's sources, where its schema may be prepared.
    """

    name: str
    version: str
    address: str
    load: Callable[[], Provider[Any, Any]]
    package: str = ""


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
        self._hosts: MutableSet[Host] = set()
        self._folder = ""
        if debug:  # connections come and go, and each has a host of its own
            from weakref import WeakSet  # noqa: PLC0415 - only for debugging

            self._hosts = WeakSet()

    def run(self) -> NoReturn:
        """Announce, serve, clean up and end the process."""
        gc.disable()  # what is loaded stays: looking through it takes a tenth of a start
        line_out = _protected_streams(self._log)
        sys.excepthook = _panic
        self._mind_signals()
        try:
            self._folder = _private_folder(self._environ)
            server = self._serve(self._folder, line_out)
            self._leave.wait()
            server.finish(self._grace)
        except Exception:
            self._crash()
        _remove(self._folder)
        os._exit(0)

    def _crash(self) -> NoReturn:
        """End at once, with what Terraform shows of a plugin that crashed."""
        _panic(*sys.exc_info())
        _remove(self._folder)
        os._exit(1)

    def _mind_signals(self) -> None:
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

    def _serve(self, folder: str, line_out: TextIO) -> Server:
        listener, network, address = _listener(folder, self._environ)
        client = "" if self._debug else self._environ.get("PLUGIN_CLIENT_CERT", "")
        guard: Guard | None = None
        if client:
            from provider.bridge.tls import guard as guarded  # noqa: PLC0415 - not without TLS

            guard = guarded(client, folder)
        line_out.write(self._greeting(network, address, guard.announced if guard else "") + "\n")
        line_out.close()
        # From here on Terraform is connecting: time for more imports.
        from provider.bridge.server import Server  # noqa: PLC0415

        shared = self._services()
        services = self._services if self._debug else lambda: shared
        running = Server(listener, services, self._log, guard)
        running.start()
        return running

    def _greeting(self, network: str, address: str, certificate: str) -> str:
        if not self._debug:
            more = "|false" if "PLUGIN_MULTIPLEX_GRPC" in self._environ else ""
            return f"1|{PROTOCOL}|{network}|{address}|grpc|{certificate}{more}"
        import json  # noqa: PLC0415 - for this line alone

        reattach = {
            "Protocol": "grpc",
            "ProtocolVersion": PROTOCOL,
            "Pid": os.getpid(),
            "Test": True,  # only then does Terraform read the version
            "Addr": {"Network": network, "String": address},
        }
        return f"TF_REATTACH_PROVIDERS='{json.dumps({self._plugin.address: reattach})}'"

    def _services(self) -> Services:
        from provider.bridge.server import Services  # noqa: PLC0415 - after the handshake line

        package = self._plugin.package
        return Services(self._rpcs, self._goodbye, prepared_answers(package) if package else {})

    def _rpcs(self) -> Mapping[str, Handler]:
        """What answers for the provider, loaded for one connection."""
        try:
            from provider.bridge.host import Host  # noqa: PLC0415 - many processes never need it
            from provider.bridge.service import handlers  # noqa: PLC0415

            served = Host(self._plugin.load(), self._log)
        except Exception:
            self._crash()
        self._hosts.add(served)
        if not self._debug:
            gc.freeze()
        gc.enable()
        return handlers(served)

    def _goodbye(self) -> None:
        """Terraform has every answer it wanted; the process is to leave."""
        try:
            for host in list(self._hosts):
                host.provider.finished()
        except Exception as error:
            self._log.error("the provider could not finish", reason=repr(error))
        self._leave.set()

    def _obey_signals(self) -> None:
        """At each signal, ask running operations to return what they hold, then leave."""
        while self._signals.recv(1):
            self._grace = _WIND_UP_SECONDS
            for host in list(self._hosts):
                host.stop()
            self._leave.set()

    def _watch_parent(self) -> None:
        """Leave when the Terraform that started us is gone without a goodbye."""
        parent = os.getppid()
        while not self._leave.wait(_PARENT_CHECK_SECONDS):
            if os.getppid() != parent:
                self._leave.set()


def _private_folder(environ: Mapping[str, str]) -> str:
    """An empty folder only this user can enter, with a path short enough for a socket."""
    wanted = os.path.realpath(environ.get("PLUGIN_UNIX_SOCKET_DIR") or _temporary(environ))
    if len(os.fsencode(wanted)) > _LONGEST_FOLDER:
        wanted = "/tmp"  # noqa: S108 - a private folder is made in it
    folder = os.path.join(wanted, f"tf-{os.urandom(5).hex()}")
    os.mkdir(folder, 0o700)
    return folder


def _temporary(environ: Mapping[str, str]) -> str:
    named = (environ.get(name) for name in ("TMPDIR", "TEMP", "TMP"))
    return next((f for f in named if f and os.path.isdir(f)), "/tmp")  # noqa: S108 - as above


def _remove(folder: str) -> None:
    with suppress(OSError):
        for name in os.listdir(folder):
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def _listener(folder: str, environ: Mapping[str, str]) -> tuple[socket.socket, str, str]:
    """A listening socket with its network and address.

    Unix where there is such a thing, a file that its folder protects; Windows has none.
    """
    if hasattr(socket, "AF_UNIX"):
        listener = socket.socket(socket.AF_UNIX)
        address = os.path.join(folder, "s")
        listener.bind(address)
        if named := environ.get("PLUGIN_UNIX_SOCKET_GROUP"):
            _let_in(named, folder, address)
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


def _let_in(group: str, folder: str, address: str) -> None:
    """Let the members of a group use the socket."""
    import shutil  # noqa: PLC0415 - Terraform itself never asks for this

    for place, mode in ((folder, 0o750), (address, 0o660)):
        shutil.chown(place, group=int(group) if group.isdigit() else group)
        os.chmod(place, mode)


def _protected_streams(log: Log) -> TextIO:
    """The real standard output, for one line; whatever other code prints becomes log lines."""
    line_out = os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    sys.stdout = sys.stderr = Stray(log, sys.stderr)
    return line_out


def _panic(
    kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
) -> None:
    """Report a fatal error in the form that Terraform shows to people."""
    import traceback  # noqa: PLC0415 - hopefully never

    first, *rest = "".join(traceback.format_exception_only(kind, error)).splitlines()
    trail = "".join(traceback.format_exception(kind, error, trace)).splitlines()
    # Terraform would parse a line that looks like JSON.
    out().write("\n| ".join([f"panic: {first}", *rest, "", *trail]) + "\n")

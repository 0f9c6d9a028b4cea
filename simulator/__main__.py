"""Run a simulator by hand: `.venv/bin/python -m simulator`, or `make sim`."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import signal
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

from simulator.faults import KINDS
from simulator.running import Running
from simulator.settings import Settings, Switches


class _Help(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Shows defaults, and keeps the lines of the epilog."""


def _epilog() -> str:
    switches = "\n".join(f"  {name} = {value!r}" for name, value in vars(Switches()).items())
    kinds = "\n".join(f"  {kind:16} {does}" for kind, does in KINDS.items())
    return f"switches and their defaults:\n{switches}\n\nfaults:\n{kinds}\n"


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    defaults = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Serve the CloudSigma API for drives. The first line on stdout is its base "
        "URL, the next ones are the variables that make the provider use it; the control surface "
        "and a page for people are at /_control/ beside it.",
        epilog=_epilog(),
        formatter_class=_Help,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="address to listen on")
    add("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    add("--latency-ms", type=int, default=0, help="delay before every answer, in milliseconds")
    add(
        "--clock",
        default=defaults.clock,
        help="when work ends: immediate, reads:N (after N reads), seconds:S or seconds:S~JITTER",
    )
    add("--user", default=defaults.user, help="user of Basic and Digest authentication")
    add("--password", default=defaults.password, help="its password")
    add("--token", default=defaults.token, help="token of Bearer authentication")
    add("--location", default=defaults.location, help="location code; crk has no nvme")
    add("--db", default=None, metavar="FILE", help="keep everything in this SQLite file")
    add("--seed-drives", type=int, default=0, metavar="N", help="begin with at least N drives")
    add("--random-seed", type=int, default=0, help="seed of the clock's jitter")
    add(
        "--faults",
        type=_json_file,
        default=[],
        metavar="FILE",
        help="JSON list of fault rules, as for POST /_control/faults",
    )
    add(
        "--switch",
        type=_switch,
        action="append",
        default=[],
        metavar="NAME=JSON",
        help="a behavior on which the sources disagree; may be given more than once",
    )
    add(
        "--rate-limit",
        type=_switch,
        action="append",
        default=[],
        metavar="VERB=N",
        help="calls of a verb that one minute allows",
    )
    return parser.parse_args(argv)


def _json_file(path: str) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _switch(text: str) -> tuple[str, Any]:
    name, _, value = text.partition("=")
    return name, json.loads(value)


def settings_from(options: argparse.Namespace) -> Settings:
    """The settings that a command line asks for."""
    named = {field.name for field in fields(Settings)} - {"switches", "rate_limits"}
    settings = Settings(**{name: getattr(options, name) for name in named})
    settings.switches.change(dict(options.switch))
    settings.rate_limits |= dict(options.rate_limit)
    return settings


def exports(options: argparse.Namespace, url: str) -> list[str]:
    """What a shell has to be told for the provider to use the simulator at a URL."""
    said = {"BASE_URL": url, "USERNAME": options.user, "PASSWORD": options.password}
    return [f"export CLOUDSIGMA_{name}={shlex.quote(value)}" for name, value in said.items()]


async def serve(options: argparse.Namespace) -> None:
    """Listen until a signal asks for the end."""
    running = Running(settings_from(options), options.host, options.port)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await running.start()
    # The promised first line, and what to set to use it.
    print(running.url, *exports(options, running.url), sep="\n", flush=True)  # noqa: T201
    await ended.wait()
    await running.stop()


if __name__ == "__main__":
    asyncio.run(serve(arguments(sys.argv[1:])))

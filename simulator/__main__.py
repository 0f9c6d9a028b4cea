"""Run a simulator by hand: `python -m simulator`."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from simulator.running import Running
from simulator.settings import Settings


def arguments(argv: list[str]) -> argparse.Namespace:
    """The command line."""
    defaults = Settings()
    parser = argparse.ArgumentParser(
        prog="python -m simulator",
        description="Serve the CloudSigma API for drives. The first line on stdout is its base "
        "URL; the control surface and a page for people are at /_control/ beside it.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
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
    return parser.parse_args(argv)


async def serve(options: argparse.Namespace) -> None:
    """Listen until a signal asks for the end."""
    settings = Settings(
        user=options.user,
        password=options.password,
        token=options.token,
        clock=options.clock,
        latency_ms=options.latency_ms,
    )
    running = Running(settings, options.host, options.port)
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await running.start()
    print(running.url, flush=True)  # noqa: T201 - the promised first line
    await ended.wait()
    await running.stop()


if __name__ == "__main__":
    asyncio.run(serve(arguments(sys.argv[1:])))

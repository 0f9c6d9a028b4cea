"""The provider of `hurry` as a plugin: `python -m tests.faults.hurried --debug`."""

from __future__ import annotations

import os
import socket
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

from provider import __version__
from provider.__main__ import ADDRESS
from provider.bridge.process import Identity, main
from tests.faults.hurry import Clock, Hasty


def load() -> Hasty:
    """The provider for the account of the environment, as patient as the directory says."""
    url = os.environ["CLOUDSIGMA_BASE_URL"]
    return Hasty(url, Clock(lambda _: until_reachable(url)), float(Path("silence").read_text()))


def until_reachable(url: str) -> None:
    """Return once the account can be reached: pauses take no time, an outage does."""
    parts = urlsplit(url)
    while True:
        try:
            socket.create_connection((parts.hostname or "", parts.port or 0)).close()
        except ConnectionRefusedError:
            time.sleep(0.001)
        else:
            return


if __name__ == "__main__":
    plugin = Identity("terraform-provider-cloudsigma", __version__, ADDRESS, load)
    sys.exit(main(plugin, sys.argv[1:], os.environ))

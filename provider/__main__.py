"""The plugin's entry: Terraform starts this module's `main`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from provider import __version__
from provider.bridge.process import Identity
from provider.bridge.process import main as serve

if TYPE_CHECKING:
    from provider.cloudsigma import CloudSigma


ADDRESS = "terraform.local/cloudsigma/cloudsigma"


def main() -> int:
    """The exit status of a run by hand; a run by Terraform does not return."""
    package = os.path.dirname(__file__)
    plugin = Identity("terraform-provider-cloudsigma", __version__, ADDRESS, load, package)
    return serve(plugin, sys.argv[1:], os.environ)


def load() -> CloudSigma:
    """The provider, imported when Terraform needs more than its schema."""
    from provider.cloudsigma import CloudSigma  # noqa: PLC0415 - after the handshake line

    return CloudSigma()


if __name__ == "__main__":
    sys.exit(main())

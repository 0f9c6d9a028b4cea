"""The toy provider as a plugin process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from provider.bridge.process import Identity, main

if TYPE_CHECKING:
    from tests.toy.provider import Toy

ADDRESS = "terraform.local/tests/toy"


def load() -> Toy:
    """The provider, imported when Terraform has been greeted."""
    from tests.toy.provider import Toy

    return Toy()


if __name__ == "__main__":
    plugin = Identity("terraform-provider-toy", "0.1.0", ADDRESS, load)
    sys.exit(main(plugin, sys.argv[1:], os.environ))

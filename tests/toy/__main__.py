"""The toy provider as a plugin process."""

import os
import sys

from provider.bridge.process import Identity, main


def load():
    from tests.toy.provider import Toy

    return Toy()


if __name__ == "__main__":
    plugin = Identity("terraform-provider-toy", "0.1.0", "terraform.local/tests/toy", load)
    sys.exit(main(plugin, sys.argv[1:], os.environ))

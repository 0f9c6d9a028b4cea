"""`make demo`: the life of one drive, from `terraform init` to `terraform destroy`.

The API is the simulator. After each command the demo asks that API, not Terraform, what
exists. Everything happens in `build/demo`.
"""

from __future__ import annotations

import argparse
import base64
import json
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import ProxyHandler, Request, build_opener

from tools import mirror, terraform
from tools.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = mirror.ROOT / "examples" / "quickstart"
SCRATCH = mirror.ROOT / "build" / "demo"
USERNAME = "demo@example.com"
PASSWORD = "demo-password"  # noqa: S105 - the simulator's published default
GIB = 1024**3
# The simulator is on this machine, whatever proxy the environment names.
DIRECT = build_opener(ProxyHandler({}))

# What is said, and the command that does it.
STEPS = (
    ("Install the provider and lock its hash, for this platform", ("init",)),
    ("Look at what would be created", ("plan", "-out=create.tfplan")),
    ("Create exactly that: a drive of 10 GiB", ("apply", "create.tfplan")),
    ("Grow it to 20 GiB, in place", ("apply", "-auto-approve", "-var=size_gib=20")),
    (
        "Move it to other storage, which takes a new drive",
        ("apply", "-auto-approve", "-var=size_gib=20", "-var=storage_type=nvme"),
    ),
    ("Remove it", ("destroy", "-auto-approve")),
)


def main() -> None:
    """Take the example through its life; exit 1 at the first command that fails."""
    parser = argparse.ArgumentParser(prog="tools.demo", description=__doc__)
    parser.add_argument("--scratch", type=Path, default=SCRATCH, help="the directory to work in")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        with simulated_api() as base_url:
            print(f"The simulated API answers at {base_url}")
            demonstrate(prepared_workspace(arguments.scratch, base_url), base_url)
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)


def demonstrate(workspace: Workspace, base_url: str) -> None:
    """Run every step and show what the API holds after it."""
    for number, (purpose, arguments) in enumerate(STEPS, start=1):
        headline(f"{number}. {purpose}")
        print(f"$ terraform {' '.join(arguments)}", flush=True)
        if code := finished(workspace.start(*arguments, capture=False)):
            sys.exit(f"terraform {arguments[0]} ended with exit code {code}.")
        print(f"\nDrives at CloudSigma now:{inventory(base_url)}", flush=True)
    headline("Done: the drive was created, grown, replaced and removed")


def headline(text: str) -> None:
    """Print a line that stands out."""
    bold, plain = ("\033[1m", "\033[0m") if sys.stdout.isatty() else ("", "")
    print(f"\n{bold}=== {text}{plain}", flush=True)


def prepared_workspace(scratch: Path, base_url: str) -> Workspace:
    """A fresh copy of the example, with the provider to install and an API to talk to."""
    terraforms = terraform.available()
    if not terraforms:
        sys.exit("There is no terraform: neither on PATH nor in this environment.")
    mirror.build()
    shutil.rmtree(scratch, ignore_errors=True)
    shutil.copytree(EXAMPLE, scratch, ignore=shutil.ignore_patterns(".*", "*.tfstate*"))
    variables = {
        "CLOUDSIGMA_BASE_URL": base_url,
        "CLOUDSIGMA_USERNAME": USERNAME,
        "CLOUDSIGMA_PASSWORD": PASSWORD,
        "TF_IN_AUTOMATION": "1",  # fewer hints at what to type next
        "TF_CLI_ARGS": "" if sys.stdout.isatty() else "-no-color",
    }
    return Workspace(scratch, terraforms[0], mirror.MIRROR, variables)


@contextmanager
def simulated_api() -> Iterator[str]:
    """The base URL of a simulator in which creating and growing take half a second."""
    process = subprocess.Popen(
        [sys.executable, "-m", "simulator", "--clock", "seconds:0.5"],
        cwd=mirror.ROOT,
        stdout=subprocess.PIPE,
        text=True,
        # Ctrl-C is for Terraform, which needs the API to wind up.
        start_new_session=True,
    )
    try:
        yield base_url_of(process)
    finally:
        process.terminate()
        process.wait()


def base_url_of(simulator: subprocess.Popen[str]) -> str:
    """The first line a simulator prints."""
    line = simulator.stdout.readline().strip() if simulator.stdout else ""
    if not line:
        sys.exit("The simulator did not start.")
    return line


def finished(process: subprocess.Popen[str]) -> int:
    """The exit code of a command; ended early, it is given the time to save its state."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal has told Terraform as well. Told twice, it would give up its state.
        process.wait()
        raise
    except SystemExit:
        process.terminate()
        process.wait()
        raise


def inventory(base_url: str) -> str:
    """The API's own list of drives, in words."""
    credentials = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
    request = Request(  # noqa: S310 - the address is the simulator's
        f"{base_url}drives/detail/", headers={"Authorization": f"Basic {credentials}"}
    )
    with DIRECT.open(request) as answer:
        drives = json.load(answer)["objects"]
    return "".join(f"\n  {line(drive)}" for drive in drives) or " none"


def line(drive: dict[str, object]) -> str:
    """One drive as the API describes it."""
    size = int(str(drive["size"])) / GIB
    return (
        f"{drive['name']}, {size:g} GiB, {drive['storage_type']}, {drive['status']} "
        f"({drive['uuid']})"
    )


if __name__ == "__main__":
    main()

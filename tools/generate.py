"""Writes the protobuf messages of `provider/bridge/pb` from the definitions in `proto/`.

`--check` writes nothing and exits 1 when the committed messages differ from what the
definitions give.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DEFINITIONS = ROOT / "proto"
MESSAGES = ROOT / "provider" / "bridge" / "pb"


def generate(target: Path) -> None:
    """Put a module and its type stub for each definition into `target`."""
    command = [
        *(sys.executable, "-m", "grpc_tools.protoc"),
        f"--proto_path={DEFINITIONS}",
        f"--python_out={target}",
        f"--pyi_out={target}",
        *sorted(definition.name for definition in DEFINITIONS.glob("*.proto")),
    ]
    if subprocess.run(command, check=False).returncode:
        sys.exit("The definitions in proto/ were refused.")


def drift(committed: Path) -> list[str]:
    """The names of generated files that are missing, outdated, or left over in `committed`."""
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh = contents(Path(scratch))
    present = contents(committed)
    return sorted(
        name for name in fresh.keys() | present.keys() if fresh.get(name) != present.get(name)
    )


def contents(folder: Path) -> dict[str, bytes]:
    """Each generated file's name with its bytes."""
    return {path.name: path.read_bytes() for path in folder.glob("*_pb2.py*")}


def main() -> None:
    """Generate, or with `--check` compare."""
    parser = argparse.ArgumentParser(prog="tools.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        generate(MESSAGES)
    elif differing := drift(MESSAGES):
        sys.exit(f"Not what proto/ gives: {', '.join(differing)}. Run `make proto`.")


if __name__ == "__main__":
    main()

"""Writes the registry's documentation; `--check` compares and applies the registry's rules."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tools.docs.pages import pages
from tools.docs.rules import problems
from tools.mirror import ROOT

DOCS = ROOT / "docs"
GENERATED = ("index.md", *(f"{f}/*.md" for f in ("resources", "data-sources", "functions")))
GENERATED += ("list-resources/*.md",)


def present(docs: Path) -> dict[str, str]:
    """The generated pages that are there, by their path below `docs`."""
    found = (path for pattern in GENERATED for path in docs.glob(pattern))
    return {path.relative_to(docs).as_posix(): path.read_text() for path in found}


def drift(docs: Path) -> list[str]:
    """The pages that are missing, outdated or left over."""
    wanted, there = pages(docs / "guides"), present(docs)
    return sorted(
        path for path in wanted.keys() | there.keys() if wanted.get(path) != there.get(path)
    )


def write(docs: Path) -> None:
    """Make the generated pages what the schema gives, and remove others."""
    wanted = pages(docs / "guides")
    for path in drift(docs):
        if path in wanted:
            (docs / path).parent.mkdir(parents=True, exist_ok=True)
            (docs / path).write_text(wanted[path])
        else:
            (docs / path).unlink()


def main() -> None:
    """Write, or with `--check` compare; then say what breaks a rule."""
    parser = argparse.ArgumentParser(prog="tools.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare instead of writing")
    if not parser.parse_args().check:
        write(DOCS)
    elif differing := drift(DOCS):
        sys.exit(f"Not what the schema gives: {', '.join(differing)}. Run `make docs`.")
    if wrong := problems(DOCS):
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()

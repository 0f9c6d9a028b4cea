"""Reads a guide as the steps that somebody takes who follows it.

Beside what readers see, comments say what a test has to know: `<!-- file: NAME -->` before the
content of a file, `<!-- exit: N -->` before commands that end with another code than 0,
`<!-- event: TEXT -->` where something happens outside Terraform, `<!-- needs: 1.14 -->` where
older Terraforms stop.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STEP = re.compile(r"<!-- (\w+)(?:: (.+?))? -->|^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


class Step(NamedTuple):
    """A comment or a block of code: its kind, and what it says."""

    kind: str
    text: str


def steps(guide: Path) -> Iterator[Step]:
    """The steps of a guide in order."""
    for comment, value, language, code in STEP.findall(guide.read_text()):
        yield Step(comment or language, value if comment else code)


def commands(shell: str) -> list[list[str]]:
    """The arguments of each Terraform command in a block, ready to run unattended."""
    found = [line.split() for line in shell.splitlines() if re.match(r"\S+=\S+ |terraform ", line)]
    arguments = [line[line.index("terraform") + 1 :] for line in found if "terraform" in line]
    asking = ("apply", "destroy", "state")
    return [
        [*line, "-auto-approve"]
        if line[0] in asking[:2]
        else [*line[:2], "-auto-approve", *line[2:]]
        if line[:2] == ["state", "replace-provider"]
        else line
        for line in arguments
    ]

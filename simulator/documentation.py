"""The generated parts of docs/simulator.md: state diagrams, faults, and every rule's evidence.

A rule's evidence stands in a comment beside it, which begins with the mark: documented (in the
API's own documentation), observed (in what public clients and their tests do) or assumed (no
source says it). `python -m simulator.documentation` writes the page anew.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from simulator import states
from simulator.faults import KINDS

FOLDER = Path(__file__).parent
PAGE = FOLDER.parent / "docs" / "simulator.md"
MARKS = ("documented", "observed", "assumed")
COMMENT = re.compile(
    rf"^ *# ({'|'.join(MARKS)}): (.*(?:\n *# (?!(?:{'|'.join(MARKS)}): ).*)*)", re.M
)


class Rule(NamedTuple):
    """One thing the simulator does, and how it is known."""

    module: str
    mark: str
    text: str


def rules() -> list[Rule]:
    """Every marked comment of the simulator, in the order of the sources."""
    found = []
    for path in sorted(FOLDER.glob("*.py")):
        for mark, text in COMMENT.findall(path.read_text(encoding="utf-8")):
            found.append(Rule(path.stem, mark, re.sub(r"\n *# ", " ", text)))
    return found


def rule_table() -> str:
    """The rules by module."""
    rows = [f"| `{rule.module}` | {rule.mark} | {_cell(rule.text)} |" for rule in rules()]
    return "\n".join(["| module | evidence | rule |", "| --- | --- | --- |", *rows])


def fault_table() -> str:
    """The kinds of faults."""
    rows = [f"| `{kind}` | {_cell(does)} |" for kind, does in KINDS.items()]
    return "\n".join(["| fault | what happens |", "| --- | --- |", *rows])


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def diagram(edges: tuple[states.Edge, ...]) -> str:
    """A state diagram that Markdown viewers draw."""
    return f"```mermaid\n{states.diagram(edges)}\n```"


def completed(page: str) -> str:
    """The page with its generated parts brought up to date."""
    parts = {
        "drive states": diagram(states.DRIVE_EDGES),
        "server states": diagram(states.SERVER_EDGES),
        "faults": fault_table(),
        "rules": rule_table(),
    }
    for name, text in parts.items():
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        before, _, rest = page.partition(begin)
        _, _, after = rest.partition(end)
        page = f"{before}{begin}\n{text}\n{end}{after}"
    return page


if __name__ == "__main__":
    PAGE.write_text(completed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

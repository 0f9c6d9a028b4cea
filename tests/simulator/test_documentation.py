"""docs/simulator.md is complete, and its generated parts are up to date."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from simulator import Switches, documentation, states
from simulator.control import PREFIX, Control

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "simulator.md").read_text(encoding="utf-8")
MODULES = sorted((ROOT / "simulator").glob("*.py"))


def test_the_generated_parts_are_up_to_date() -> None:
    assert documentation.completed(PAGE) == PAGE, "run python -m simulator.documentation"


def test_rules_are_found_with_all_their_lines() -> None:
    found = documentation.rules()

    assert {rule.mark for rule in found} == set(documentation.MARKS)
    assert len(found) > 100
    assert [rule for rule in found if not rule.text or "\n" in rule.text] == []


def test_every_edge_has_evidence_and_is_drawn() -> None:
    edges = states.DRIVE_EDGES + states.SERVER_EDGES

    assert {edge.evidence for edge in edges} <= set(documentation.MARKS)
    assert PAGE.count(" --> ") == len(edges)


@pytest.mark.parametrize("name", vars(Switches()))
def test_every_switch_is_described(name: str) -> None:
    assert f"| `{name}` |" in PAGE


def test_every_control_call_is_described() -> None:
    source = Path(Control.__init__.__code__.co_filename).read_text(encoding="utf-8")
    paths = re.findall(r'PREFIX \+ "([^"]+)"|^            \("([a-z]+)", self', source, re.MULTILINE)

    missing = [a or b for a, b in paths if f"{PREFIX}{a or b}`" not in PAGE]

    assert (len(paths) > 8, missing) == (True, [])


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_a_module_is_short_and_knows_nothing_of_the_provider(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    nodes = list(ast.walk(ast.parse(source)))
    imported = {a.name for n in nodes if isinstance(n, ast.Import) for a in n.names}
    imported |= {n.module or "" for n in nodes if isinstance(n, ast.ImportFrom)}
    lengths = [
        (node.end_lineno or 0) - node.lineno + 1
        for node in nodes
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    assert [name for name in imported if name.startswith("provider")] == []
    assert source.count("\n") <= 300
    assert max(lengths, default=0) <= 60

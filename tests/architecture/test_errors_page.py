"""docs/errors.md lists every summary in the code, and no other."""

from __future__ import annotations

import ast
import re

from tests.architecture.test_imports import MODULES, ROOT

RAISING = {"DiagnosticError", "Diagnostic", "ctx.warn", "self.warn", "super().__init__"}
# Exceptions that become the detail of a diagnostic, never its summary.
DETAILS = {"provider.api.errors", "provider.bridge.values"}


def summaries() -> set[str]:
    """The summary of each diagnostic in the provider, with … for what is filled in."""
    return {
        text
        for name, path in MODULES.items()
        if name.startswith("provider.") and name not in {*DETAILS, "provider.bridge.testing"}
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RAISING
        for text in [summary(node)]
        if text
    }


def summary(call: ast.Call) -> str | None:
    """The first text of a call that is a summary: more than one word, and no sentence."""
    for argument in call.args:
        if isinstance(argument, ast.Constant) and argument.value in {"error", "warning"}:
            continue
        text = spelled(argument)
        return text if text and " " in text else None
    return None


def spelled(node: ast.expr) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        parts = [p.value if isinstance(p, ast.Constant) else "…" for p in node.values]
        return re.sub("…+", "…", "".join(map(str, parts)))
    return None


def listed() -> set[str]:
    page = (ROOT / "docs" / "errors.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE)
    return {row.strip() for row in rows} - {"summary", "---", "… could not be …"}


def test_every_summary_is_listed() -> None:
    assert summaries() - listed() == set()


def test_nothing_is_listed_that_does_not_exist() -> None:
    assert listed() - summaries() == set()

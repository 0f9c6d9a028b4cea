"""Who may import whom. The rules of docs/architecture.md, read off the import statements."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for package in ("provider", "simulator", "tools")
    for path in (ROOT / package).rglob("*.py")
    if not path.stem.endswith("_pb2")
}
# The one module that knows each library; what it needs besides is named with it.
ONLY_IMPORTERS = {
    "msgpack": {"provider.bridge.codec"},
    "cryptography": {"provider.bridge.tls"},
    "google": {"provider.bridge.pb"},
    "certifi": {"provider.api.trust"},
    "http": {"provider.api.connections", "provider.api.transport", "simulator.embedded"},
    "sqlite3": {"simulator.database"},
}
# Where a heavy module is reached late, on purpose.
SEAMS = {
    "provider.__main__",
    "provider.adoption",
    "provider.api.trust",
    "provider.bridge.call",
    "provider.bridge.log",
    "provider.bridge.process",
    "provider.cloudsigma",
}


def imports(path: Path) -> set[str]:
    """The modules a file imports at run time, with the names it takes from them."""
    found: set[str] = set()
    tree = ast.parse(path.read_text())
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def breaking(package: str, *forbidden: str) -> list[str]:
    """Imports that modules below a package must not have."""
    return [
        f"{name} imports {used}"
        for name, path in MODULES.items()
        if name == package or name.startswith(package + ".")
        for used in sorted(imports(path))
        if any(used == word or used.startswith(word + ".") for word in forbidden)
    ]


def test_the_bridge_knows_nothing_of_this_provider() -> None:
    others = {n.split(".")[1] for n in MODULES if n.startswith("provider.")} - {"bridge"}

    assert breaking("provider.bridge", *(f"provider.{name}" for name in others)) == []


def test_the_bridge_has_no_word_about_drives() -> None:
    said = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "provider" / "bridge").glob("*.py")
        for line in path.read_text().splitlines()
        if re.search(r"drive(?!s? a|n\b|r\b|s the)|cloudsigma", line, re.IGNORECASE)
    ]

    assert said == []


def test_the_client_knows_nothing_but_the_api() -> None:
    others = {n.split(".")[1] for n in MODULES if n.startswith("provider.")} - {"api"}

    assert breaking("provider.api", *(f"provider.{name}" for name in others)) == []


def test_resources_do_not_import_each_other_nor_the_messages() -> None:
    inner = ["provider.bridge.service", "provider.bridge.server", "provider.bridge.pb"]
    resources = [n for n in MODULES if n.startswith("provider.resources.")]

    assert breaking("provider.resources", *inner, *resources) == []


def test_the_simulator_and_the_provider_share_nothing() -> None:
    assert breaking("simulator", "provider") == []
    assert breaking("provider", "simulator") == []


def test_nothing_that_ships_imports_the_tools() -> None:
    assert breaking("provider", "tools", "tests") == []
    assert breaking("simulator", "tools", "tests") == []


def test_each_library_has_one_importing_module() -> None:
    importers = defaultdict(set)
    for name, path in MODULES.items():
        for used in imports(path):
            library = used.split(".")[0]
            if library in ONLY_IMPORTERS:
                importers[library].add(name)

    assert dict(importers) == ONLY_IMPORTERS


def test_imports_inside_functions_are_the_known_seams() -> None:
    late = {
        name
        for name, path in MODULES.items()
        if name.startswith("provider.") and "noqa: PLC0415" in path.read_text()
    }

    assert late == SEAMS


@pytest.mark.parametrize(
    ("module", "heavy"),
    [
        ("provider.__main__", {"google", "cryptography", "http", "asyncio", "ssl", "pathlib"}),
        ("provider.cloudsigma", {"google", "cryptography", "http", "inspect", "uuid", "hashlib"}),
        ("provider.api.errors", {"http", "ssl", "dataclasses"}),
        ("provider.api.transport", {"certifi", "dataclasses", "logging"}),
        ("provider.bridge.server", {"http", "cryptography", "google", "asyncio", "json"}),
    ],
)
def test_importing_it_does_not_import_what_is_heavy(module: str, heavy: set[str]) -> None:
    assert heavy & {name.split(".")[0] for name in loaded_by(f"import {module}")} == set()


def test_what_a_configuration_does_not_use_is_not_loaded() -> None:
    loaded = loaded_by(
        "from provider.bridge import service; from provider.bridge.host import Host; "
        "from provider.cloudsigma import CloudSigma; host = Host(CloudSigma()); "
        "service.handlers(host); host.parts['resources']['cloudsigma_drive']"
    )

    offered = ("provider.resources.", "provider.data_sources.", "provider.functions.")
    assert [name for name in loaded if name.startswith(offered)] == ["provider.resources.drive"]
    assert "google._upb._message" in loaded
    assert "google.protobuf.text_format" not in loaded  # a part of protobuf in pure Python


def loaded_by(program: str) -> list[str]:
    """The modules that a program has loaded in the end."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; {program}; print(*sys.modules)"],
        cwd=ROOT,
        env={k: v for k, v in os.environ.items() if not k.startswith("COV")},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()

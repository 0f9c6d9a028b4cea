"""The habits that make one file per resource safe, and the sizes that keep the code readable."""

from __future__ import annotations

import ast
import re
from statistics import median
from types import ModuleType

import pytest

from provider import __version__, data_sources, resources
from provider.bridge.schema import Model, attributes
from provider.cloudsigma import CloudSigma
from tests.architecture.test_imports import MODULES, ROOT

FUNCTIONS = [
    (name, node)
    for name, path in MODULES.items()
    for node in ast.walk(ast.parse(path.read_text()))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
]


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def test_functions_are_short() -> None:
    assert median(length(node) for _, node in FUNCTIONS) < 10
    assert [f"{name}.{node.name}" for name, node in FUNCTIONS if length(node) > 60] == []


def test_modules_are_no_longer_than_three_hundred_lines() -> None:
    lengths = {name: len(path.read_text().splitlines()) for name, path in MODULES.items()}

    assert {name: lines for name, lines in lengths.items() if lines > 300} == {}


@pytest.mark.parametrize("package", [resources, data_sources], ids=lambda p: p.__name__)
def test_each_module_of_parts_holds_one_of_its_name(package: ModuleType) -> None:
    modules = {n.rpartition(".")[2] for n in MODULES if n.startswith(f"{package.__name__}.")}
    found = package.found()

    assert set(found) == modules
    assert {name: part.name for name, part in found.items()} == {name: name for name in modules}


def undocumented(model: type[Model], at: str) -> list[str]:
    return [
        f"{at}.{name}"
        for name, a in attributes(model).items()
        if not re.fullmatch(r"[A-Z`].*\.", a.doc, re.DOTALL)
    ] + [
        p
        for n, a in attributes(model).items()
        if a.model
        for p in undocumented(a.model, f"{at}.{n}")
    ]


@pytest.mark.parametrize(
    "part",
    [*CloudSigma.resources.values(), *CloudSigma.data_sources.values(), CloudSigma],
    ids=lambda part: part.__name__,
)
def test_every_attribute_is_described_in_sentences(part: type) -> None:
    assert undocumented(part.model, part.name) == []  # type: ignore[attr-defined]
    assert part.__doc__


def test_the_version_is_one() -> None:
    project = (ROOT / "pyproject.toml").read_text()
    changes = (ROOT / "CHANGELOG.md").read_text()

    assert f'version = "{__version__}"' in project
    assert re.search(rf"^## {re.escape(__version__)} - \d{{4}}-\d\d-\d\d$", changes, re.MULTILINE)


def test_the_architecture_page_names_modules_that_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    named = set(re.findall(r"`((?:provider|simulator|tools)/[\w/]+\.py)`", page))

    assert named
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []


def test_the_architecture_page_names_every_module_of_the_provider() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    modules = [p for name, p in MODULES.items() if name.startswith("provider.")]
    paths = [p.relative_to(ROOT).as_posix() for p in modules if p.name != "__init__.py"]
    # Of these the page names the folder.
    alike = ("provider/data_sources/", "provider/functions/")

    assert all(f"`{folder}`" in page for folder in alike)
    assert [p for p in paths if not p.startswith(alike) and f"`{p}`" not in page] == []


def test_nothing_refers_to_a_workplace() -> None:
    texts = [
        p for p in ROOT.rglob("*") if p.suffix in {".py", ".md", ".toml", ".tf"} and p.is_file()
    ]
    own = [p for p in texts if not {".venv", "build", ".git", ".terraform"} & set(p.parts)]
    secret = re.compile(r"/" + r"work/|\.\./" + r"shared|/" + r"root/")

    assert [str(p) for p in own if secret.search(p.read_text())] == []

"""The committed pages agree with what Terraform itself learns from the plugin."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

ROOT = Path(__file__).parents[2]
FOLDERS = {"resource_schemas": "resources", "data_source_schemas": "data-sources"}


def names(block: dict[str, Any]) -> Iterator[str]:
    """Everything that can be written or read, nested blocks and attributes included."""
    for name, attribute in block.get("attributes", {}).items():
        yield name
        yield from names(attribute.get("nested_type", {}))
    for name, nested in block.get("block_types", {}).items():
        yield name
        yield from names(nested["block"])


def test_every_attribute_terraform_knows_is_on_its_page(workspace: Project) -> None:
    told = workspace.json("providers", "schema", "-json")
    (schemas,) = told["provider_schemas"].values()

    for kind, folder in FOLDERS.items():
        for type_name, schema in schemas[kind].items():
            name = type_name.removeprefix("cloudsigma_")
            page = (ROOT / "docs" / folder / f"{name}.md").read_text()
            assert [n for n in names(schema["block"]) if f"\n- `{n}` (" not in page] == []
    index = (ROOT / "docs" / "index.md").read_text()
    assert [n for n in names(schemas["provider"]["block"]) if f"\n- `{n}` (" not in index] == []


def test_examples_are_formatted_as_terraform_formats(workspace: Project) -> None:
    workspace.requires(1, 8)

    run = workspace.run("fmt", "-check", "-recursive", str(ROOT / "examples"))

    assert (run.exit, run.stdout) == (0, "")


def test_the_configuration_of_the_readme_works(workspace: Project) -> None:
    workspace.requires(1, 8)
    readme = (ROOT / "README.md").read_text()
    workspace.write(readme.partition("```hcl\n")[2].partition("```")[0])
    (workspace.directory / "terraform.tf").unlink()

    workspace.apply()

    assert len(workspace.state()) == 3
    assert workspace.plan_is_empty()

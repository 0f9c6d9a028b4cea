"""The generated pages: the provider, its resources, data sources, functions and list resources."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import getdoc
from pathlib import Path
from string import Template
from typing import Any

from provider.bridge import Function, Model
from provider.bridge.functions import Parameter
from provider.bridge.resource import DataSource, Resource
from provider.cloudsigma import CloudSigma
from tools.docs.schema import schema_section, type_words
from tools.mirror import ROOT

EXAMPLES = ROOT / "examples"
INDEX = Path(__file__).with_name("index.md.template")
NAME = CloudSigma.name


def pages(guides: Path) -> dict[str, str]:
    """The text of each generated page, by its path below `docs`."""
    return dict(sorted(all_pages(guides)))


def all_pages(guides: Path) -> Iterator[tuple[str, str]]:
    """Each generated page with its path."""
    yield "index.md", provider_page(guides)
    for resource in CloudSigma.resources.values():
        yield f"resources/{resource.name}.md", resource_page(resource)
        if resource.list_model is not None:
            yield f"list-resources/{resource.name}.md", list_page(resource, resource.list_model)
    for source in CloudSigma.data_sources.values():
        yield f"data-sources/{source.name}.md", data_source_page(source)
    for function in CloudSigma().functions:
        yield f"functions/{function.name}.md", function_page(function)


def provider_page(guides: Path) -> str:
    """The front page, whose frame is in index.md.template."""
    return Template(INDEX.read_text()).substitute(
        description=described(CloudSigma),
        example=example("provider/provider.tf"),
        schema=schema_section(CloudSigma.model),
        guides="\n".join(f"- [{title(g)}](guides/{g.name})" for g in sorted(guides.glob("*.md"))),
    )


def resource_page(resource: type[Resource[Any, Any]]) -> str:
    """A managed resource, with all ways to import one."""
    name = f"{NAME}_{resource.name}"
    return page(
        front_matter(f"{name} Resource", described(resource)),
        f"# {name} (Resource)\n\n{described(resource)}\n",
        examples(f"resources/{name}", "resource*.tf"),
        schema_section(resource.model),
        import_section(resource),
    )


def data_source_page(source: type[DataSource[Any, Any]]) -> str:
    """A data source."""
    name = f"{NAME}_{source.name}"
    return page(
        front_matter(f"{name} Data Source", described(source)),
        f"# {name} (Data Source)\n\n{described(source)}\n",
        examples(f"data-sources/{name}", "data-source*.tf"),
        schema_section(source.model),
    )


def list_page(resource: type[Resource[Any, Any]], conditions: type[Model]) -> str:
    """What `terraform query` lists."""
    name = f"{NAME}_{resource.name}"
    text = f"Lists existing {name} resources with `terraform query` (Terraform 1.14 and later)."
    return page(
        front_matter(f"{name} List Resource", text),
        f"# {name} (List Resource)\n\n{text}\n",
        examples(f"list-resources/{name}", "*.tfquery.hcl"),
        schema_section(conditions),
    )


def function_page(function: Function) -> str:
    """A provider function."""
    variadic = function.variadic
    parameters = [*function.parameters, *([variadic] if variadic else [])]
    return page(
        front_matter(f"{function.name} function", function.description),
        f"# function: {function.name}\n\n{function.description}\n",
        examples(f"functions/{function.name}", "function.tf"),
        f"## Signature\n\n```text\n{signature(function)}\n```\n",
        "## Arguments\n\n"
        + "\n".join(argument(i, p, p is variadic) for i, p in enumerate(parameters, start=1)),
    )


def signature(function: Function) -> str:
    """Names and types of what goes in and what comes out."""
    given = [f"{p.name} {type_words(p.type).lower()}" for p in function.parameters]
    if function.variadic:
        given.append(f"{function.variadic.name} {type_words(function.variadic.type).lower()}...")
    return f"{function.name}({', '.join(given)}) {type_words(function.returns).lower()}"


def argument(number: int, parameter: Parameter, variadic: bool) -> str:
    """One line of the list of arguments."""
    traits = [*(["Variadic"] if variadic else []), type_words(parameter.type)]
    traits += ["Nullable"] if parameter.nullable else []
    return f"{number}. `{parameter.name}` ({', '.join(traits)}) {parameter.doc}"


def import_section(resource: type[Resource[Any, Any]]) -> str:
    """By a block with an id, by a block with the identity, and by the command."""
    folder = f"resources/{NAME}_{resource.name}"
    command = example(f"{folder}/import.sh")
    found = re.search(r"^terraform import (\S+) ([0-9a-f-]{36})$", command, re.MULTILINE)
    if not found:
        return ""
    address, uuid = found.groups()
    identity = f'identity = {{\n    {resource.identity[0]} = "{uuid}"\n  }}'
    return (
        "## Import\n\nIn a configuration, with what `terraform import` takes as well:\n\n"
        + fenced(f'import {{\n  to = {address}\n  id = "{uuid}"\n}}')
        + "\nBy identity, with Terraform 1.12 and later:\n\n"
        + fenced(f"import {{\n  to = {address}\n  {identity}\n}}")
        + "\nOn the command line:\n\n"
        + fenced(command, "shell")
    )


def examples(folder: str, pattern: str) -> str:
    """The chapter with a folder's examples, or nothing without any."""
    found = sorted((EXAMPLES / folder).glob(pattern))
    found = [file for file in found if file.name != "terraform.tf"]
    texts = [fenced(example(str(file.relative_to(EXAMPLES)))) for file in found]
    return "## Example Usage\n\n" + "\n".join(texts) if texts else ""


def example(path: str) -> str:
    """The text of an example file, empty when there is none."""
    file = EXAMPLES / path
    return file.read_text().strip() if file.exists() else ""


def fenced(text: str, language: str = "terraform") -> str:
    """A block of code."""
    return f"```{language}\n{text}\n```\n"


def described(declared: Any) -> str:
    """What a class says about itself, unindented."""
    return getdoc(declared) or ""


def front_matter(heading: str, description: str) -> str:
    """What the registry reads about a page; its description is plain text."""
    plain = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", description).replace("`", "")
    lines = "\n".join(f"  {line}".rstrip() for line in plain.splitlines())
    return (
        f'---\npage_title: "{heading} - {NAME}"\nsubcategory: ""\ndescription: |-\n{lines}\n---\n'
    )


def title(guide: Path) -> str:
    """The title in the front matter of a guide."""
    found = re.search(r'^page_title: "(.*)"$', guide.read_text(), re.MULTILINE)
    return found[1] if found else guide.stem


def page(*chapters: str) -> str:
    """The chapters that are not empty, an empty line between them."""
    return "\n".join(f"{chapter.rstrip()}\n" for chapter in chapters if chapter)

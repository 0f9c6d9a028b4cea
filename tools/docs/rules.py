"""The registry's rules for documentation, and that links lead somewhere.

Rules: https://developer.hashicorp.com/terraform/registry/providers/docs
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import yaml

FOLDERS = ("resources", "data-sources", "functions", "list-resources", "guides")
MOST_PAGES = 1000
MOST_BYTES = 500_000
# Front matter: what has to be there, and what may be.
INDEX_KEYS = ({"page_title", "description"}, {"page_title", "description"})
GUIDE_KEYS = ({"page_title"}, {"page_title", "subcategory", "description"})
OTHER_KEYS = ({"page_title", "subcategory", "description"},) * 2


def problems(docs: Path) -> list[str]:
    """What is wrong with the registry's pages below `docs`, one line each."""
    found = [docs / "index.md"]
    for folder in FOLDERS:
        found += sorted(path for path in (docs / folder).rglob("*") if path.is_file())
    wrong = [f"{path.relative_to(docs)}: {text}" for path in found for text in page_problems(path)]
    if len(found) > MOST_PAGES:
        wrong.append(f"{len(found)} pages are more than the registry takes")
    return wrong


def page_problems(page: Path) -> Iterator[str]:
    """What is wrong with one page."""
    if not page.exists():
        yield "is missing"
    elif page.suffix != ".md":
        yield "is not a .md file"
    elif page.stat().st_size > MOST_BYTES:
        yield "is larger than 500 kB"
    else:
        matter, text = parted(page.read_text())
        yield from matter_problems(page, matter)
        yield from link_problems(page, text)
        if len(re.findall("^```", text, re.MULTILINE)) % 2:
            yield "has a block of code without an end"


def parted(text: str) -> tuple[Any, str]:
    """The front matter, None when there is none, and the rest."""
    found = re.match(r"---\n(.*?)\n---\n(.*)", text, re.DOTALL)
    return (yaml.safe_load(found[1]), found[2]) if found else (None, text)


def matter_problems(page: Path, matter: Any) -> Iterator[str]:
    """What is missing from the front matter, and what does not belong there."""
    if not isinstance(matter, dict):
        yield "has no front matter"
        return
    index = page.name == "index.md" and page.parent.name not in FOLDERS
    guide = page.parent.name == "guides"
    needed, allowed = INDEX_KEYS if index else GUIDE_KEYS if guide else OTHER_KEYS
    yield from (f"has no {key}" for key in sorted(needed - matter.keys()))
    yield from (f"may not have {key}" for key in sorted(matter.keys() - allowed))


def link_problems(page: Path, text: str) -> Iterator[str]:
    """Links to pages and places that do not exist, and places that exist twice."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)
    own = places(prose)
    yield from (f"has the place {name} twice" for name in sorted(set(own)) if own.count(name) > 1)
    for link in re.findall(r"\]\(([^)\s]+)\)", prose):
        address, place = urldefrag(link)
        if urlsplit(link).scheme:
            continue
        target = page.parent / address if address else page
        if not target.exists():
            yield f"links to {link}, which does not exist"
        elif place and place not in places(target.read_text()):
            yield f"links to {link}, which has no such place"


def places(text: str) -> list[str]:
    """The names that links can lead to: explicit ones, and those of headings."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    named = [name for heading in headings if (name := slug(heading))]
    explicit: list[str] = re.findall(r'<a id="([^"]+)">', text)
    return explicit + list(dict.fromkeys(named))


def slug(heading: str) -> str:
    """The name that a heading is linked by."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")

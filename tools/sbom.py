"""The bill of materials: what ships besides our own code, from the lock file, as CycloneDX.

Format: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import platform
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from provider import __version__
from tools.notices import license_name
from tools.requirements import PROJECT, dependents, locked


def bill_of_materials() -> dict[str, Any]:
    """The document; the same lock file gives the same document."""
    versions = locked()
    references = {name: f"pkg:pypi/{name}@{version}" for name, version in versions.items()}
    references[PROJECT] = f"pkg:generic/{PROJECT}@{__version__}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(sorted(references.values())))}",
        "version": 1,
        "metadata": {
            "component": component("application", PROJECT, __version__, references[PROJECT])
        },
        "components": [interpreter(), *(library(name, references[name]) for name in versions)],
        "dependencies": dependencies(references),
    }


def component(kind: str, name: str, version: str, reference: str) -> dict[str, Any]:
    """A part with what identifies it."""
    described = {"type": kind, "bom-ref": reference, "name": name, "version": version}
    return {**described, "purl": reference}


def interpreter() -> dict[str, Any]:
    """The Python inside the package."""
    version = platform.python_version()
    return component("platform", "python", version, f"pkg:generic/python@{version}")


def library(name: str, reference: str) -> dict[str, Any]:
    """A package of the lock file with its license."""
    version = reference.rpartition("@")[2]
    declared = {"license": {"name": license_name(name)}}
    return {**component("library", name, version, reference), "licenses": [declared]}


def dependencies(references: dict[str, str]) -> list[dict[str, Any]]:
    """Which part needs which, in the lock file's order of names."""
    needs: dict[str, list[str]] = {name: [] for name in references}
    for name, askers in dependents().items():
        for asker in askers:
            if name in references and asker in needs:
                needs[asker].append(references[name])
    return [{"ref": references[name], "dependsOn": needs[name]} for name in references]

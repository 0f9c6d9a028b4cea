"""Configurations as Terraform reads them, from values."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


def resource(type_name: str, label: str, arguments: Mapping[str, Any]) -> str:
    """One `resource` block; arguments that are None are left out, `timeouts` is a block."""
    lines = [
        _block(name, value) if name == "timeouts" else f"{name} = {expression(value)}"
        for name, value in arguments.items()
        if value is not None
    ]
    body = "".join(f"  {line}\n" for line in lines)
    return f'resource "{type_name}" "{label}" {{\n{body}}}\n'


def expression(value: Any) -> str:
    """A value as an expression."""
    if isinstance(value, dict):
        pairs = ", ".join(f"{json.dumps(key)} = {expression(v)}" for key, v in value.items())
        return f"{{ {pairs} }}"
    return json.dumps(value)


def _block(name: str, arguments: Mapping[str, Any]) -> str:
    body = "".join(f"    {key} = {expression(value)}\n" for key, value in arguments.items())
    return f"{name} {{\n{body}  }}"

"""Durations as Terraform users write them: "90s", "30m", "1h30m"."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")


def seconds(duration: str) -> float:
    """The duration in seconds; ValueError when it is not one."""
    parts = _PART.findall(duration)
    if not parts or "".join(n + unit for n, unit in parts) != duration:
        raise ValueError(f'"{duration}" is not a duration such as "30m" or "1h30m"')
    return sum(float(n) * _UNITS[unit] for n, unit in parts)


def is_duration(value: str) -> bool:
    """The text is a duration longer than zero."""
    try:
        return seconds(value) > 0
    except ValueError:
        return False

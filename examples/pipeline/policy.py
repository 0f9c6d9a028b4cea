#!/usr/bin/env python3
"""Refuses a plan that would destroy a drive: exit status 1, with the addresses.

Usage: policy.py PLAN.json, where PLAN.json is what `terraform show -json` says of a saved plan.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PROTECTED_TYPES = {"cloudsigma_drive"}


def destroyed(plan: dict[str, Any]) -> list[str]:
    """The addresses of protected objects that the plan destroys or replaces."""
    return [
        str(change["address"])
        for change in plan.get("resource_changes", [])
        if change["type"] in PROTECTED_TYPES and "delete" in change["change"]["actions"]
    ]


def main() -> int:
    """The exit status for the plan named on the command line."""
    found = destroyed(json.loads(Path(sys.argv[1]).read_text()))
    for address in found:
        sys.stderr.write(f"The plan destroys {address}, and its data.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

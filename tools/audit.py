"""Asks PyPI's advisory service for known vulnerabilities of what ships.

A vulnerability fails the check. A service that cannot be asked, or does not know a package, is
said so and fails nothing: work without a network goes on, and the check in CI has one.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
COMMAND = (
    *(sys.executable, "-m", "pip_audit", "--require-hashes", "--disable-pip", "--timeout", "10"),
    *("--progress-spinner", "off", "--format", "json", "-r", "requirements.lock"),
)
PATIENCE = 120.0  # seconds


def asked() -> str:
    """What the service says of the locked packages, as JSON; nothing when it cannot be asked."""
    try:
        run = subprocess.run(
            COMMAND, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout


def judged(report: str) -> tuple[str, int]:
    """The words for a report, and the exit status."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return "The advisory service could not be asked; nothing was audited.", 0
    vulnerable = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    audited = len(packages) - len(unknown)
    lines = [f"Packages audited: {audited}; vulnerabilities: {len(vulnerable)}.", *vulnerable]
    if unknown:
        lines.append(f"Not known to the service: {', '.join(unknown)}.")
    return "\n".join(lines), 1 if vulnerable else 0


def main() -> int:
    """The exit status: 1 for a known vulnerability."""
    words, status = judged(asked())
    print(words)
    return status


if __name__ == "__main__":
    sys.exit(main())

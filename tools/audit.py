"""Asks PyPI's advisory service for known vulnerabilities of what ships.

A vulnerability fails the check. A service that cannot be asked, or does not know the packages, is
said to be so and fails nothing, so that work without a network goes on. With `--required` every
package has to be audited: for where a release is made.
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
    """What the service says of the locked packages, as JSON; an error's words, or nothing, else."""
    try:
        run = subprocess.run(
            COMMAND, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
    except subprocess.TimeoutExpired:
        return ""
    return run.stdout or run.stderr


def judged(report: str, *, required: bool = False) -> tuple[str, int]:
    """The words for a report, and the exit status."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError, TypeError):
        reason = report.strip().rpartition("\n")[2]
        return f"NOT AUDITED: the advisory service could not be asked. {reason}".strip(), required
    vulnerable = [
        f"{package['name']} {package['version']}: {vulnerability['id']}"
        for package in packages
        for vulnerability in package.get("vulns", [])
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    audited = len(packages) - len(unknown)
    if not audited:
        lines = [f"NOT AUDITED: the advisory service knows none of the {len(packages)} packages."]
    else:
        counts = f"{audited} of {len(packages)}; vulnerabilities: {len(vulnerable)}"
        lines = [f"Packages audited: {counts}.", *vulnerable]
        lines += [f"NOT AUDITED, as the service does not know it: {name}." for name in unknown]
    missed = required and (unknown or not packages)
    return "\n".join(lines), 1 if vulnerable or missed else 0


def main() -> int:
    """The exit status: 1 for a known vulnerability, or, where required, for an unknown package."""
    words, status = judged(asked(), required="--required" in sys.argv)
    print(words)
    return status


if __name__ == "__main__":
    sys.exit(main())

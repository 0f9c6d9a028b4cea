"""Lines on stderr in the form Terraform reads, filtered at the source.

Protocol: hclog JSON lines; a value under @message that is no string would panic Terraform.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

LEVELS: Final = ("trace", "debug", "info", "warn", "error", "off")
_SECRETS: Final = ("authorization", "password", "secret", "token", "cookie")


class Log:
    """A named source of log lines; `fields` are on every line."""

    def __init__(
        self, module: str, fields: Mapping[str, object] | None = None, level: str | None = None
    ) -> None:
        self.module = module
        self.fields = dict(fields or {})
        self.level = level or wanted_level(os.environ)
        self._threshold = LEVELS.index(self.level)

    def bound(self, **fields: object) -> Log:
        """The same source with more fields on every line."""
        return Log(self.module, self.fields | fields, self.level)

    def trace(self, message: str, **fields: object) -> None:
        """Bodies and other bulk."""
        self.write("trace", message, fields)

    def debug(self, message: str, **fields: object) -> None:
        """One step of the work."""
        self.write("debug", message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Something an operator may want to know."""
        self.write("info", message, fields)

    def warn(self, message: str, **fields: object) -> None:
        """Something that may become a problem."""
        self.write("warn", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Something went wrong."""
        self.write("error", message, fields)

    def write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        """One line, when the level is wanted."""
        if LEVELS.index(level) < self._threshold:
            return
        line: dict[str, object] = {
            "@level": level,
            "@message": str(message),
            "@module": self.module,
            "@timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
        }
        line |= {key: _shown(key, value) for key, value in (self.fields | dict(fields)).items()}
        # One write per line: lines of concurrent operations do not mix.
        sys.stderr.write(json.dumps(line, default=str) + "\n")
        sys.stderr.flush()


def wanted_level(environ: Mapping[str, str]) -> str:
    """The level Terraform will show: TF_LOG_PROVIDER before TF_LOG; "off" when neither is set."""
    wanted = (environ.get("TF_LOG_PROVIDER") or environ.get("TF_LOG") or "off").lower()
    if wanted == "json":
        return "trace"
    return wanted if wanted in LEVELS else "trace"


def redacted(value: object) -> object:
    """The value with everything under a secret's name replaced."""
    match value:
        case Mapping():
            return {key: _shown(str(key), inner) for key, inner in value.items()}
        case list() | tuple():
            return [redacted(inner) for inner in value]
    return value


def _shown(key: str, value: object) -> object:
    if any(word in key.lower() for word in _SECRETS):
        return "(redacted)"
    return redacted(value)

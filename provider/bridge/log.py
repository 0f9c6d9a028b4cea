"""Lines on stderr in the form Terraform reads, filtered at the source.

Protocol: hclog JSON lines; a value under @message that is no string would panic Terraform.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partialmethod
from io import TextIOBase
from typing import Final, TextIO

LEVELS: Final = ("trace", "debug", "info", "warn", "error", "off")
_LONGEST_LINE: Final = 60_000
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

    def wants(self, level: str) -> bool:
        """Whether lines of this level are written."""
        return LEVELS.index(level) >= self._threshold

    def write(self, level: str, message: str, /, **fields: object) -> None:
        """One line, when the level is wanted."""
        if not self.wants(level):
            return
        with suppress(OSError, ValueError):  # nobody reads the log any more, or the disk is full
            out().write(_line(level, self.module, str(message), self.fields | fields))

    trace = partialmethod(write, "trace")  # bodies and other bulk
    debug = partialmethod(write, "debug")  # one step of the work
    info = partialmethod(write, "info")  # something an operator may want to know
    warn = partialmethod(write, "warn")  # something that may become a problem
    error = partialmethod(write, "error")  # something went wrong


def _line(level: str, module: str, message: str, fields: Mapping[str, object]) -> str:
    """The line in one piece, so that those of concurrent operations do not mix."""
    import json  # noqa: PLC0415 - most processes write no line

    line = {key: _shown(key, value) for key, value in fields.items()}
    second, micro = divmod(time.time_ns() // 1000, 1_000_000)
    moment = time.strftime(f"%Y-%m-%dT%H:%M:%S.{micro:06d}Z", time.gmtime(second))
    head = {"@level": level, "@module": module, "@timestamp": moment}
    whole = json.dumps({**line, "@message": message, **head}, default=repr, skipkeys=True)
    if len(whole) > _LONGEST_LINE:  # Terraform splits longer ones, and reads the pieces alone
        whole = json.dumps({"@message": whole[: _LONGEST_LINE // 3], **head})
    return whole + "\n"


class Stray(TextIOBase):
    """Stands in for stdout and stderr: whatever other code prints becomes log lines.

    Terraform parses every line; somebody else's JSON on stderr can make it panic.
    """

    def __init__(self, log: Log, out: TextIO) -> None:
        self.out = out
        self._log = log
        self._rest = ""

    def write(self, text: str) -> int:
        """Each line that is complete by now as a message."""
        *lines, self._rest = (self._rest + text).split("\n")
        for line in filter(str.strip, lines):
            self._log.warn(line, stray=True)
        return len(text)


def out() -> TextIO:
    """The real standard error."""
    return sys.stderr.out if isinstance(sys.stderr, Stray) else sys.stderr


def wanted_level(environ: Mapping[str, str]) -> str:
    """The level Terraform will show: TF_LOG_PROVIDER before TF_LOG; "off" when neither is set.

    A word that is no level, such as "json", asks for everything.
    """
    wanted = (environ.get("TF_LOG_PROVIDER") or environ.get("TF_LOG") or "off").lower()
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

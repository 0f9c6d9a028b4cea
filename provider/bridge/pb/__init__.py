"""The generated protobuf messages; `make proto` writes them from `proto/`.

protobuf loads its implementation in pure Python even where it uses the compiled one: 4 of the 11 ms
that loading the messages takes. It is put off here until somebody asks for it, which nobody does.
"""

from __future__ import annotations

import sys
from importlib import util

from google.protobuf import internal
from google.protobuf.internal import api_implementation


def _postpone(name: str) -> None:
    """Load a module of protobuf's when one of its attributes is first used."""
    spec = util.find_spec(f"{internal.__name__}.{name}")
    if spec is None or spec.loader is None:  # another protobuf, without such a module
        return
    spec.loader = util.LazyLoader(spec.loader)
    module = sys.modules[spec.name] = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    setattr(internal, name, module)


if api_implementation.Type() != "python":
    _postpone("python_message")

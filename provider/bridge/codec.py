"""msgpack and JSON bytes to trees and back; the only importer of msgpack.

Protocol: DynamicValue, RawState and the object wire format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Final, NoReturn

import msgpack

from provider.bridge.diagnostics import DiagnosticError, Path
from provider.bridge.types import Form, Type, conform, type_from_json
from provider.bridge.values import UNKNOWN, Dynamic, Tree

_UNKNOWN_ON_THE_WIRE: Final = msgpack.ExtType(0, b"\0")
_MALFORMED: Final = (
    *(ValueError, TypeError, ArithmeticError, RecursionError),
    msgpack.UnpackException,
)
_TIMESTAMP: Final = 0xFF  # the one extension msgpack reads by itself


class CodecError(DiagnosticError):
    """The bytes are not a value of the type they should hold."""

    def __init__(self, detail: str) -> None:
        super().__init__("Value could not be decoded", detail)


def encode(tree: Tree) -> bytes:
    """The msgpack bytes of a tree."""
    packed: bytes = msgpack.packb(tree, default=_packable, strict_types=True)
    return packed


def _packable(value: Any) -> Any:
    """What stands for a value that msgpack has no form for."""
    if value is UNKNOWN:
        return _UNKNOWN_ON_THE_WIRE
    if isinstance(value, Dynamic):
        return [type_bytes(value.type), value.value]
    return str(value)  # a number that is no int64 travels as decimal text


def decode(type_: Type, data: bytes) -> Tree:
    """The tree in msgpack bytes; CodecError or ConformError, and nothing else, when unfit.

    Whatever is said of an unknown value, it is just unknown.
    """
    if not data:
        return None
    with _refusing("msgpack"):
        plain = msgpack.unpackb(data, ext_hook=lambda *_: UNKNOWN, strict_map_key=False)
        return conform(type_, _without_timestamps(plain) if _TIMESTAMP in data else plain, (), WIRE)


def _without_timestamps(plain: Any) -> Any:
    match plain:
        case msgpack.Timestamp():
            return UNKNOWN
        case dict():
            return {key: _without_timestamps(value) for key, value in plain.items()}
        case list():
            return list(map(_without_timestamps, plain))
    return plain


def decode_json(type_: Type, data: bytes) -> Tree:
    """The tree in JSON bytes; absent attributes are null, numbers are exact."""
    return tree_of(type_, parse_json(data))


def tree_of(type_: Type, plain: Any) -> Tree:
    """The tree of what stored JSON says; what the type has no attribute for is left out."""
    with _refusing("a value"):
        return conform(type_, plain, (), STORED)


def parse_json(data: bytes) -> Any:
    """JSON as plain values with exact numbers; CodecError when it is none."""
    with _refusing("JSON"):
        return json.loads(data, parse_float=Decimal, parse_constant=_refuse)


def type_bytes(type_: Type) -> bytes:
    """The type constraint as the protocol carries it."""
    return json.dumps(type_.spelled(), separators=(",", ":")).encode()


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Whatever malformed bytes make a parser raise becomes a CodecError."""
    try:
        yield
    except _MALFORMED as error:
        raise CodecError(f"Not {what} of the expected type: {error!r:.200}") from error


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _pair(value: Any, _: Path) -> Dynamic:
    match value:
        case [bytes() | str() as type_, plain]:
            return Dynamic(type_from_json(json.loads(type_)), plain)
    raise CodecError("A dynamic value is a pair of type and value.")


def _described(value: Any, _: Path) -> Dynamic:
    match value:
        case {"type": type_, "value": plain} if len(value) == 2:
            return Dynamic(type_from_json(type_), plain)
    raise CodecError("A dynamic value is an object of type and value.")


WIRE: Final = Form(_pair)
STORED: Final = Form(_described, lenient=True)

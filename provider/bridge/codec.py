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

from provider.bridge.conform import conform
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.values import (
    DYNAMIC,
    UNKNOWN,
    Collection,
    Dynamic,
    Object,
    Tree,
    Tuple,
    Type,
    type_from_json,
    type_to_json,
)

_UNKNOWN_ON_THE_WIRE: Final = msgpack.ExtType(0, b"\0")
_LARGEST: Final = 2**64


class CodecError(DiagnosticError):
    """The bytes are not a value of the type they should hold."""

    def __init__(self, detail: str) -> None:
        super().__init__("Value could not be decoded", detail)


def decode(type_: Type, data: bytes) -> Tree:
    """The tree in msgpack bytes; CodecError or ConformError, and nothing else, when unfit."""
    if not data:
        return None
    with _refusing("msgpack"):
        plain = msgpack.unpackb(data, ext_hook=lambda *_: UNKNOWN, strict_map_key=False)
        return conform(type_, _open(type_, plain))


def encode(type_: Type, tree: Tree) -> bytes:
    """The msgpack bytes of a tree that conforms to the type."""
    packed: bytes = msgpack.packb(_wire(type_, tree))
    return packed


def decode_json(type_: Type, data: bytes) -> Tree:
    """The tree in JSON bytes; absent attributes are null, numbers are exact."""
    return tree_of(type_, parse_json(data))


def tree_of(type_: Type, plain: Any) -> Tree:
    """The tree of what JSON says; dynamic values are objects of type and value there."""
    with _refusing("a value"):
        return conform(type_, _open_json(type_, plain))


def parse_json(data: bytes) -> Any:
    """JSON as plain values with exact numbers; CodecError when it is none."""
    with _refusing("JSON"):
        return json.loads(data, parse_float=Decimal, parse_constant=_refuse)


@contextmanager
def _refusing(what: str) -> Iterator[None]:
    """Whatever malformed bytes make a parser raise becomes a CodecError."""
    try:
        yield
    except (ValueError, TypeError, RecursionError, msgpack.UnpackException) as error:
        raise CodecError(f"Not {what} of the expected type: {error!r:.200}") from error


def type_bytes(type_: Type) -> bytes:
    """The type constraint as the protocol carries it."""
    return json.dumps(type_to_json(type_), separators=(",", ":")).encode()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _wire(type_: Type, tree: Tree) -> Any:
    if tree is None:
        return None
    if tree is UNKNOWN:
        return _UNKNOWN_ON_THE_WIRE
    match type_:
        case Collection("map", element):
            return {key: _wire(element, value) for key, value in tree.items()}
        case Collection(_, element):
            return [_wire(element, value) for value in tree]
        case Tuple(elements):
            return [_wire(t, value) for t, value in zip(elements, tree, strict=True)]
        case Object(attributes):
            return {name: _wire(t, tree[name]) for name, t in attributes.items()}
    if type_ == DYNAMIC:
        return [type_bytes(tree.type), _wire(tree.type, tree.value)]
    if isinstance(tree, Decimal) or (isinstance(tree, int) and abs(tree) >= _LARGEST // 2):
        return str(tree)  # what fits neither int64 nor a short float travels as decimal text
    return tree


def _walk(type_: Type, plain: Any, dynamic: Any) -> Any:
    """The plain value with every dynamic part replaced by what `dynamic` makes of it."""
    if plain is None or plain is UNKNOWN:
        return plain
    if isinstance(plain, msgpack.Timestamp):  # the one extension msgpack reads by itself
        return UNKNOWN
    match type_:
        case Collection("map", element) if isinstance(plain, dict):
            return {key: _walk(element, value, dynamic) for key, value in plain.items()}
        case Collection(_, element) if isinstance(plain, list):
            return [_walk(element, value, dynamic) for value in plain]
        case Tuple(elements) if isinstance(plain, list) and len(plain) == len(elements):
            return [_walk(t, value, dynamic) for t, value in zip(elements, plain, strict=True)]
        case Object(attributes) if isinstance(plain, dict):
            return {
                name: _walk(attributes[name], value, dynamic) if name in attributes else value
                for name, value in plain.items()
            }
    return dynamic(plain) if type_ == DYNAMIC else plain


def _open(type_: Type, plain: Any) -> Any:
    def dynamic(pair: Any) -> Dynamic:
        if not (isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], bytes | str)):
            raise CodecError("A dynamic value is a pair of type and value.")
        inner = type_from_json(json.loads(pair[0]))
        return Dynamic(inner, _open(inner, pair[1]))

    return _walk(type_, plain, dynamic)


def _open_json(type_: Type, plain: Any) -> Any:
    def dynamic(pair: Any) -> Dynamic:
        if not (isinstance(pair, dict) and pair.keys() == {"type", "value"}):
            raise CodecError("A dynamic value is an object of type and value.")
        inner = type_from_json(pair["type"])
        return Dynamic(inner, _open_json(inner, pair["value"]))

    return _walk(type_, plain, dynamic)

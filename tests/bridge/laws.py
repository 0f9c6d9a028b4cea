"""Random types, values and requests, and laws tried on few or on many of them.

Everything is made by functions of a `Random`. For few examples Hypothesis chooses each number,
and finds the smallest example that breaks a law. For many it only seeds the generator, which is
fifty times as fast; it still tells the seed of an example that breaks a law.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from decimal import Decimal
from math import isfinite
from random import Random
from typing import Any, TypeVar

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.bridge import codec
from provider.bridge.attribute import Attribute
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.schema import Model, attributes, object_type
from provider.bridge.trees import storable
from provider.bridge.types import (
    BOOL,
    DYNAMIC,
    NUMBER,
    STRING,
    Collection,
    Object,
    Tuple,
    Type,
    conform,
)
from provider.bridge.values import UNKNOWN, Dynamic, Tree

T = TypeVar("T")
Law = Callable[[Random], None]

MANY = 10_000


def _tried(count: int, check: Law, chosen: Any) -> Any:
    tried = settings(
        max_examples=count,
        deadline=None,
        derandomize=count < MANY,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    return tried(given(chosen)(check))


def law(check: Law) -> Any:
    """A test that tries a law on few examples; `many(test)` tries it on ten thousand."""
    test = _tried(40, check, st.randoms(use_true_random=False))
    test.many = pytest.mark.slow(_tried(MANY, check, st.randoms(use_true_random=True)))
    return test


def many(test: Any) -> Any:
    """The same law on ten thousand examples, marked slow."""
    return test.many


def some(random: Random, make: Callable[[], T], most: int = 3) -> list[T]:
    """Up to so many of what is made."""
    return [make() for _ in range(random.randint(0, most))]


_STATIC = [STRING, NUMBER, BOOL]
_NAMES = ["a", "b", "c"]


def type_of(random: Random, depth: int = 3, *, dynamic: bool = True) -> Type:
    """Any type; a collection holds none with a dynamic part."""
    kind = random.randint(0, 7 if depth else 3)
    if kind < 4:
        return random.choice([*_STATIC, DYNAMIC] if dynamic else _STATIC)
    if kind < 6:
        element = type_of(random, depth - 1, dynamic=False)
        return Collection(random.choice(["list", "set", "map"]), element)

    def inner() -> Type:
        return type_of(random, depth - 1, dynamic=dynamic)

    if kind == 6:
        return Object({name: inner() for name in _NAMES if random.randint(0, 2)})
    return Tuple(tuple(some(random, inner)))


def text(random: Random, most: int = 6) -> str:
    """Any text: plain, in scripts with combining marks, or from beyond the first plane."""
    ranges = [(0x20, 0x7E), (0, 0x3FF), (0x1100, 0x11FF), (0x1F300, 0x1F6FF)]
    return "".join(
        chr(random.randint(*random.choice(ranges))) for _ in range(random.randint(0, most))
    )


def number(random: Random) -> Any:
    """Any number, as an author or the wire may give it."""
    match random.randint(0, 4):
        case 0:
            return random.randint(-9, 9)
        case 1:
            return random.randint(-(2**70), 2**70)
        case 2:
            return random.choice([2**63 - 1, 2**63, 2**64 - 1, 2**64, -(2**63), -(2**63) - 1])
        case 3:
            return Decimal(random.randint(-(10**20), 10**20)).scaleb(random.randint(-40, 40))
    found: float = struct.unpack("<d", random.getrandbits(64).to_bytes(8, "little"))[0]
    return found if isfinite(found) else 0.1


SOMETHING_ELSE = (None, UNKNOWN)
NOTHING = (None,)


def value_of(random: Random, type_: Type, absent: Any = SOMETHING_ELSE) -> Any:
    """Any value of a type, with null and unknown at any depth."""
    if random.randint(0, 5) == 0:
        return random.choice(absent)

    def inner(part: Type) -> Any:
        return value_of(random, part, absent)

    match type_:
        case Collection("map", element):
            return dict(some(random, lambda: (text(random, 3), inner(element))))
        case Collection(_, element):
            return some(random, lambda: inner(element))
        case Object(parts):
            return {name: inner(part) for name, part in parts.items()}
        case Tuple(parts):
            return [inner(part) for part in parts]
    if type_ == DYNAMIC:
        chosen = type_of(random, 2, dynamic=False)
        return Dynamic(chosen, inner(chosen))
    make = {STRING: text, NUMBER: number, BOOL: lambda r: bool(r.randint(0, 1))}
    return make[type_](random)  # type: ignore[index]  # the rest are primitive


def tree_of(random: Random, type_: Type, absent: Any = SOMETHING_ELSE) -> Tree:
    """The tree of any value of a type."""
    return conform(type_, value_of(random, type_, absent))


def refined(random: Random) -> Any:
    """An unknown value of which something is known; keys and codes of the future included."""
    bound = [random.randint(-9, 9), bool(random.randint(0, 1))]
    refinements: dict[int, Any] = {
        1: False,
        2: text(random),
        3: bound,
        4: bound,
        5: random.randint(0, 3),
        6: random.randint(3, 9),
        7: [text(random)],
    }
    told = {key: refinements[key] for key in refinements if random.randint(0, 1)}
    code = 12 if random.randint(0, 3) else random.randint(2, 127)
    return codec.msgpack.ExtType(code, codec.msgpack.packb(told))


def damaged(random: Random, data: bytes) -> bytes:
    """Bytes with something missing, changed or added; or any bytes at all."""
    if random.randint(0, 2) == 0:
        return bytes(random.getrandbits(8) for _ in range(random.randint(0, 40)))
    spoiled = bytearray(data)
    for _ in range(random.randint(1, 3)):
        place = random.randint(0, len(spoiled))
        spoiled[place : place + random.randint(0, 2)] = bytes(
            random.getrandbits(8) for _ in range(random.randint(0, 2))
        )
    return bytes(spoiled)


def configuration(
    random: Random, model: type[Model], absent: Any = SOMETHING_ELSE
) -> dict[str, Tree]:
    """What could be configured for a model: only what the practitioner can set."""
    found = {name: _configured(random, a, absent) for name, a in attributes(model).items()}
    return storable(model, conform(object_type(model), found), write_only=True)


def _configured(random: Random, a: Attribute, absent: Any) -> Any:
    if not (a.required or a.optional) or a.durations is not None:
        return None
    if not a.required and random.randint(0, 1):
        return None
    if a.model is None:
        value = value_of(random, a.type, absent)
        return "x" if value is None and a.required else value

    def inner() -> Any:
        if not a.block and random.randint(0, 7) == 0:
            return random.choice(absent)
        return configuration(random, a.inner, absent)

    match a.nesting:
        case "single":
            return inner()
        case "map":
            return {name: inner() for name in _NAMES if random.randint(0, 1)}
    return some(random, inner, 2)


KINDS = [f"toy_{name}" for name in ("form", "note", "shape", "trouble", "ticket", "stamp", "memo")]
_CHOICES: dict[str, list[str]] = {
    "name": ["joined", "divided", "described", "lengths", "nothing"],
    **{key: [*KINDS, ""] for key in ("type_name", "action_type", "target_type_name")},
    "source_type_name": KINDS,
}
_SCALARS: dict[int, Callable[[Random], Any]] = {
    FieldDescriptor.TYPE_STRING: text,
    FieldDescriptor.TYPE_BYTES: lambda r: damaged(r, b'{"own": {"writes": 1}}'),
    FieldDescriptor.TYPE_BOOL: lambda r: bool(r.randint(0, 1)),
    FieldDescriptor.TYPE_INT64: lambda r: r.randint(-3, 3),
    FieldDescriptor.TYPE_ENUM: lambda r: r.randint(0, 1),
}


def _dynamic_value(random: Random, models: list[type[Model]]) -> pb.DynamicValue:
    """A value that may be of a known model, of any type, or no value at all."""
    model = random.choice(models)
    packed = codec.encode(None if random.randint(0, 4) == 0 else configuration(random, model))
    match random.randint(0, 9):
        case 0:
            return pb.DynamicValue(msgpack=damaged(random, packed))
        case 1:
            return pb.DynamicValue(json=random.choice([b"{}", b"[", b"null", b'{"id":1}']))
        case 2:
            return pb.DynamicValue(msgpack=codec.encode(tree_of(random, type_of(random))))
    return pb.DynamicValue(msgpack=packed)


def request(random: Random, descriptor: Any, models: list[type[Model]]) -> Any:
    """A well-formed message of any content, in which the values are of one of the models."""
    if descriptor is pb.DynamicValue.DESCRIPTOR:
        return _dynamic_value(random, models)
    message = GetMessageClass(descriptor)()
    for field in descriptor.fields:
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            made = some(random, lambda field=field: _field(random, field, models))  # type: ignore[misc]
            getattr(message, field.name).extend(made)
        elif random.randint(0, 4):
            made = _field(random, field, models)
            if field.message_type is None:
                setattr(message, field.name, made)
            else:
                getattr(message, field.name).CopyFrom(made)
    return message


def _field(random: Random, field: Any, models: list[type[Model]]) -> Any:
    if field.message_type is not None:
        return request(random, field.message_type, models)
    if field.name in _CHOICES:
        return random.choice(_CHOICES[field.name])
    return _SCALARS[field.type](random)

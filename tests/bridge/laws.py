"""Random types, values and requests, and laws tried on few or on many of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provider.bridge import codec
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

MANY = 10_000
NAMES = st.sampled_from(["a", "b", "c"])


def _tried(count: int, check: Callable[..., None], strategies: dict[str, Any]) -> Any:
    chosen = settings(
        max_examples=count,
        deadline=None,
        derandomize=count < MANY,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    return chosen(given(**strategies)(check))


def law(few: int = 50, **strategies: Any) -> Callable[[Callable[..., None]], Any]:
    """A test that tries a law on few examples; `many(test)` tries it on ten thousand."""

    def decorated(check: Callable[..., None]) -> Any:
        test = _tried(few, check, strategies)
        test.many = pytest.mark.slow(_tried(MANY, check, strategies))
        return test

    return decorated


def many(test: Any) -> Any:
    """The same law on ten thousand examples, marked slow."""
    return test.many


_STATIC = [STRING, NUMBER, BOOL]


def _larger(element: st.SearchStrategy[Type]) -> Any:
    """The types that hold others; a collection holds none with a dynamic part."""
    return lambda inner: st.one_of(
        st.builds(Collection, st.sampled_from(["list", "set", "map"]), element),
        st.builds(Object, st.dictionaries(NAMES, inner, max_size=3)),
        st.builds(Tuple, st.lists(inner, max_size=3).map(tuple)),
    )


STATIC_TYPES: st.SearchStrategy[Type] = st.recursive(
    st.sampled_from(_STATIC), _larger(st.sampled_from(_STATIC)), max_leaves=3
)
TYPES: st.SearchStrategy[Type] = st.recursive(
    st.sampled_from([*_STATIC, DYNAMIC]), _larger(STATIC_TYPES), max_leaves=5
)

NUMBERS = st.one_of(
    st.integers(),
    st.integers(min_value=-(2**70), max_value=2**70),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.floats(allow_nan=False, allow_infinity=False),
)
_LEAVES = {STRING: st.text(max_size=8), NUMBER: NUMBERS, BOOL: st.booleans()}
NONE = st.none()
SOMETHING_ELSE = st.sampled_from([None, UNKNOWN])


@st.composite
def values(draw: Any, type_: Type, absent: Any = SOMETHING_ELSE) -> Any:
    """Any value of a type, with null and unknown at any depth."""
    if draw(st.integers(0, 5)) == 0:
        return draw(absent)
    match type_:
        case Collection("map", element):
            return draw(st.dictionaries(st.text(max_size=3), values(element, absent), max_size=3))
        case Collection(_, element):
            return draw(st.lists(values(element, absent), max_size=3))
        case Object(parts):
            return {name: draw(values(part, absent)) for name, part in parts.items()}
        case Tuple(parts):
            return [draw(values(part, absent)) for part in parts]
    if type_ == DYNAMIC:
        inner = draw(STATIC_TYPES)
        return Dynamic(inner, draw(values(inner, absent)))
    return draw(_LEAVES[type_])  # type: ignore[index]  # the rest are primitive


@st.composite
def typed_values(draw: Any, absent: Any = SOMETHING_ELSE) -> tuple[Type, Tree]:
    """A type, and the tree of a value of it."""
    type_ = draw(TYPES)
    return type_, conform(type_, draw(values(type_, absent)))


@st.composite
def configurations(draw: Any, model: type[Model], absent: Any = SOMETHING_ELSE) -> dict[str, Tree]:
    """What could be configured for a model: only what the practitioner can set."""
    found = {name: draw(_configured(a, absent)) for name, a in attributes(model).items()}
    tree = conform(object_type(model), found)
    return storable(model, tree, write_only=True)


@st.composite
def _configured(draw: Any, a: Any, absent: Any) -> Any:
    if not (a.required or a.optional) or a.durations is not None:
        return None
    if not a.required and draw(st.booleans()):
        return None
    if a.model is None:
        known = NONE if absent is NONE else absent
        value = draw(values(a.type, known))
        return value if value is not None or not a.required else draw(values(a.type, st.just("x")))
    inner = configurations(a.model, absent)
    match a.nesting:
        case "single":
            return draw(inner)
        case "map":
            return draw(st.dictionaries(NAMES, inner, max_size=2))
    return draw(st.lists(inner, max_size=2))


_SCALARS: dict[int, Any] = {
    FieldDescriptor.TYPE_STRING: st.text(max_size=5),
    FieldDescriptor.TYPE_BYTES: st.binary(max_size=20),
    FieldDescriptor.TYPE_BOOL: st.booleans(),
    FieldDescriptor.TYPE_INT64: st.integers(-3, 3),
    FieldDescriptor.TYPE_ENUM: st.sampled_from([0, 1]),
}
KINDS = [f"toy_{name}" for name in ("form", "note", "shape", "trouble", "ticket", "stamp", "memo")]
FUNCTIONS = ["joined", "divided", "described", "lengths", "nothing"]


@st.composite
def dynamic_values(draw: Any, models: list[type[Model]]) -> pb.DynamicValue:
    """A value that may be of a known model, of any type, or no value at all."""
    choice = draw(st.integers(0, 9))
    if choice == 0:
        return pb.DynamicValue(msgpack=draw(st.binary(max_size=30)))
    if choice == 1:
        return pb.DynamicValue(json=draw(st.sampled_from([b"{}", b"[", b"null", b'{"id":1}'])))
    if choice == 2:
        _, tree = draw(typed_values())
        return pb.DynamicValue(msgpack=codec.encode(tree))
    model = draw(st.sampled_from(models))
    tree = draw(st.one_of(st.none(), configurations(model)))
    return pb.DynamicValue(msgpack=codec.encode(tree))


@st.composite
def requests(draw: Any, descriptor: Any, models: list[type[Model]]) -> Any:
    """A well-formed message of any content."""
    message = GetMessageClass(descriptor)()
    if descriptor is pb.DynamicValue.DESCRIPTOR:
        return draw(dynamic_values(models))
    for field in descriptor.fields:
        strategy = _field(field, models)
        if field.message_type is not None and field.message_type.GetOptions().map_entry:
            continue
        if field.is_repeated:
            items = draw(st.lists(strategy, max_size=3))
            getattr(message, field.name).extend(items)
        elif draw(st.integers(0, 4)):
            if field.message_type is not None:
                getattr(message, field.name).CopyFrom(draw(strategy))
            else:
                setattr(message, field.name, draw(strategy))
    return message


def _field(field: Any, models: list[type[Model]]) -> Any:
    if field.message_type is not None:
        return requests(field.message_type, models)
    if field.name in {"type_name", "action_type", "target_type_name", "source_type_name"}:
        return st.sampled_from([*KINDS, ""])
    if field.name == "name":
        return st.sampled_from(FUNCTIONS)
    return _SCALARS[field.type]

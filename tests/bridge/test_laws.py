"""Laws of the codec, of planning and of the RPCs, tried on random values."""

from __future__ import annotations

import json
from contextlib import suppress
from decimal import Decimal
from typing import Any

import msgpack
from hypothesis import strategies as st

from provider.bridge import codec, service
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.plan import planned_state
from provider.bridge.rules import apply_violations, plan_violations
from provider.bridge.schema import Model, attributes, from_tree, meaning
from provider.bridge.testing import faults, proposed
from provider.bridge.trees import to_tree
from provider.bridge.types import DYNAMIC, Collection, Object, Tuple, Type, type_from_json
from provider.bridge.values import UNKNOWN, Tree, without_unknowns
from tests.bridge.laws import (
    NONE,
    TYPES,
    configurations,
    law,
    many,
    requests,
    typed_values,
)
from tests.toy.note import Filter, Meta, Note
from tests.toy.others import Found, Stamping, Ticket
from tests.toy.provider import Settings, Toy
from tests.toy.shape import Shape
from tests.toy.trouble import Trouble

FLOAT = meaning(float)
MODELS: list[type[Model]] = [Note, Shape, Trouble, Settings, Found, Ticket, Stamping, Filter, Meta]
METHODS = pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name


@law(type_=TYPES)
def test_a_type_is_what_its_spelling_says(type_: Type) -> None:
    assert type_from_json(json.loads(codec.type_bytes(type_))) == type_
    assert type_from_json(type_.spelled()) == type_


@law(typed=typed_values())
def test_what_is_encoded_is_decoded(typed: tuple[Type, Tree]) -> None:
    type_, tree = typed

    assert codec.decode(type_, codec.encode(tree)) == tree


@law(typed=typed_values(absent=NONE))
def test_what_terraform_stores_as_json_is_decoded(typed: tuple[Type, Tree]) -> None:
    type_, tree = typed
    quoted = json.dumps(spelled(type_, tree), default=exact)
    text = quoted.replace(f'"{MARK}', "").replace(f'{MARK}"', "")

    assert codec.decode_json(type_, text.encode()) == tree


MARK = "number" * 3  # longer than any random text


def exact(number: Decimal) -> str:
    return f"{MARK}{number}{MARK}"


def spelled(type_: Type, tree: Tree) -> Any:
    """The value in JSON form."""
    if tree is None:
        return None
    match type_:
        case Collection("map", element):
            return {key: spelled(element, value) for key, value in tree.items()}
        case Collection(_, element):
            return [spelled(element, value) for value in tree]
        case Tuple(parts):
            return [spelled(part, value) for part, value in zip(parts, tree, strict=True)]
        case Object(parts):
            return {name: spelled(part, tree[name]) for name, part in parts.items()}
    if type_ == DYNAMIC:
        return {"type": tree.type.spelled(), "value": spelled(tree.type, tree.value)}
    return tree


@law(few=80, type_=TYPES, data=st.binary(max_size=60))
def test_no_bytes_make_the_decoder_raise_anything_but_its_own_error(
    type_: Type, data: bytes
) -> None:
    for decode in (codec.decode, codec.decode_json):
        with suppress(DiagnosticError):
            decode(type_, data)


@law(
    type_=TYPES,
    code=st.integers(-128, 127),
    payload=st.binary(max_size=20),
)
def test_any_extension_stands_for_an_unknown_value(type_: Type, code: int, payload: bytes) -> None:
    body = bytes([0xC7, len(payload), code & 0xFF]) + payload
    if code == -1 and len(payload) not in {4, 8, 12}:
        return  # no msgpack at all: that code has a meaning of its own

    for wanted, data in ((type_, body), (Object({"a": type_}), b"\x81\xa1a" + body)):
        try:
            tree = codec.decode(wanted, data)
        except DiagnosticError:
            assert code == -1
        else:
            assert tree in (UNKNOWN, {"a": UNKNOWN})


@law(typed=typed_values())
def test_a_refined_unknown_value_is_unknown_at_any_depth(typed: tuple[Type, Tree]) -> None:
    type_, tree = typed
    refined = msgpack.ExtType(12, msgpack.packb({1: False}))
    plain = msgpack.unpackb(codec.encode(tree), strict_map_key=False)

    data = msgpack.packb(with_extension(plain, refined))

    assert codec.decode(type_, data) == tree


def with_extension(plain: Any, extension: msgpack.ExtType) -> Any:
    match plain:
        case msgpack.ExtType():
            return extension
        case dict():
            return {key: with_extension(value, extension) for key, value in plain.items()}
        case list():
            return [with_extension(value, extension) for value in plain]
    return plain


@law(config=st.one_of(configurations(Shape), configurations(Note)))
def test_a_model_is_what_its_tree_says(config: dict[str, Tree]) -> None:
    model = Shape if "corner" in config else Note
    try:
        made = from_tree(model, config)
    except DiagnosticError as error:
        assert error.path
        return

    stored = to_tree(made)
    assert all(
        stored[name] == config[name] or a.write_only or a.model or isinstance(stored[name], list)
        for name, a in attributes(model).items()
        if a.type != DYNAMIC and a.hint is not FLOAT
    )


def applied(model: type[Model], planned: dict[str, Tree]) -> dict[str, Tree]:
    """What a faithful provider makes of a plan: null for whatever is left to it."""
    tree: dict[str, Tree] = without_unknowns(planned)
    return tree


def planned_from(model: type[Model], config: dict[str, Tree], prior: Any) -> dict[str, Tree]:
    return planned_state(model, config, prior, proposed(model, config, prior)).state


SHAPES = [configurations(Shape, absent=NONE), configurations(Note, absent=NONE)]


@law(config=st.one_of(SHAPES))
def test_a_plan_after_an_apply_changes_nothing(config: dict[str, Tree]) -> None:
    model = Shape if "corner" in config else Note
    state = applied(model, planned_from(model, config, None))

    again = planned_from(model, config, state)

    assert again == state


@law(config=st.one_of(configurations(Shape), configurations(Note)))
def test_a_plan_is_the_same_when_it_is_made_again(config: dict[str, Tree]) -> None:
    model = Shape if "corner" in config else Note

    assert planned_from(model, config, None) == planned_from(model, config, None)


@law(
    pair=st.one_of(
        st.tuples(configurations(Shape, absent=NONE), configurations(Shape)),
        st.tuples(configurations(Note, absent=NONE), configurations(Note)),
    )
)
def test_a_plan_keeps_terraforms_rules(pair: tuple[dict[str, Tree], dict[str, Tree]]) -> None:
    first, second = pair
    model: type[Model] = Shape if "corner" in first else Note
    prior = applied(model, planned_from(model, first, None))

    planned = planned_from(model, second, prior)

    assert faults(model, second, prior, planned) == []
    assert list(plan_violations(model, second, prior, planned)) == []
    assert list(apply_violations(model, planned, applied(model, planned))) == []


@law(
    few=80,
    call=st.sampled_from(sorted(service.HANDLERS)).flatmap(
        lambda rpc: st.tuples(st.just(rpc), requests(METHODS[rpc].input_type, MODELS))
    ),
)
def test_no_request_makes_an_rpc_fail(call: tuple[str, Any]) -> None:
    rpc, request = call
    host = Host(Toy())
    if "Configure" not in rpc:
        host.api = NOWHERE
    kind = getattr(pb, rpc)

    if METHODS[rpc].server_streaming:
        events = list(service.stream(host, rpc, request, kind.Event, lambda: True))
        assert all(event.SerializeToString() for event in events)
    else:
        answer = service.answer(host, rpc, request, kind.Response, lambda: True)
        assert isinstance(answer, kind.Response)
        assert kind.Response.FromString(answer.SerializeToString()) == answer
        assert all(d.severity for d in getattr(answer, "diagnostics", []))


class Nowhere:
    """A store that holds nothing, in which nothing can be kept."""

    label = "nowhere"
    folder = "/nonexistent"

    def add(self, content: dict[str, Any]) -> str:
        raise PermissionError(str(content))

    def put(self, id_: str, content: dict[str, Any]) -> None:
        raise KeyError(id_)

    def find(self, id_: str) -> dict[str, Any] | None:
        return {"title": id_} if id_ else None

    def remove(self, id_: str) -> None:
        pass

    def ids(self) -> list[str]:
        return ["a", "\ud800"]


NOWHERE = Nowhere()

test_many_types = many(test_a_type_is_what_its_spelling_says)
test_many_values = many(test_what_is_encoded_is_decoded)
test_many_stored_values = many(test_what_terraform_stores_as_json_is_decoded)
test_many_bytes = many(test_no_bytes_make_the_decoder_raise_anything_but_its_own_error)
test_many_extensions = many(test_any_extension_stands_for_an_unknown_value)
test_many_refined_values = many(test_a_refined_unknown_value_is_unknown_at_any_depth)
test_many_empty_plans = many(test_a_plan_after_an_apply_changes_nothing)
test_many_plans = many(test_a_plan_keeps_terraforms_rules)
test_many_requests = many(test_no_request_makes_an_rpc_fail)

"""Laws of the codec, of planning and of the RPCs, tried on random values."""

from __future__ import annotations

import json
from contextlib import suppress
from random import Random
from typing import Any

import msgpack

from provider.bridge import codec, service
from provider.bridge.diagnostics import DiagnosticError
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.plan import planned_state
from provider.bridge.rules import apply_violations, plan_violations
from provider.bridge.schema import Model, attributes, from_tree, meaning, object_type
from provider.bridge.testing import faults, proposed
from provider.bridge.trees import to_tree
from provider.bridge.types import DYNAMIC, Collection, Object, Tuple, Type, type_from_json
from provider.bridge.values import UNKNOWN, Tree, wholly_known, without_unknowns
from tests.bridge.laws import (
    KINDS,
    NOTHING,
    configuration,
    damaged,
    law,
    many,
    refined,
    request,
    tree_of,
    type_of,
)
from tests.toy.form import Form
from tests.toy.note import Filter, Meta, Note
from tests.toy.others import Found, Memo, Stamping, Ticket
from tests.toy.provider import Settings, Toy
from tests.toy.shape import Shape
from tests.toy.trouble import Trouble

FLOAT = meaning(float)
PLANNED: list[type[Model]] = [Form, Note, Shape]
MODELS: list[type[Model]] = [
    *(*PLANNED, Trouble, Memo, Settings, Found, Ticket, Stamping, Filter, Meta),
]
METHODS = pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name


@law
def test_a_type_is_what_its_spelling_says(random: Random) -> None:
    type_ = type_of(random)

    assert type_from_json(json.loads(codec.type_bytes(type_))) == type_


@law
def test_what_is_encoded_is_decoded(random: Random) -> None:
    type_ = type_of(random)
    tree = tree_of(random, type_)

    assert codec.decode(type_, codec.encode(tree)) == tree


@law
def test_what_terraform_stores_as_json_is_decoded(random: Random) -> None:
    type_ = type_of(random)
    tree = tree_of(random, type_, NOTHING)

    assert codec.decode_json(type_, stored(type_, tree)) == tree


MARK = "number" * 3  # longer than any random text


def stored(type_: Type, tree: Tree) -> bytes:
    """The value as Terraform stores it, with numbers of any precision."""
    quoted = json.dumps(spelled(type_, tree), default=lambda exact: f"{MARK}{exact}{MARK}")
    return quoted.replace(f'"{MARK}', "").replace(f'{MARK}"', "").encode()


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


@law
def test_no_bytes_make_the_decoder_raise_anything_but_its_own_error(random: Random) -> None:
    type_ = type_of(random)
    tree = tree_of(random, type_, NOTHING)

    for decode, data in (
        (codec.decode, codec.encode(tree)),
        (codec.decode_json, stored(type_, tree)),
    ):
        with suppress(DiagnosticError):
            decode(type_, damaged(random, data))


@law
def test_any_extension_stands_for_an_unknown_value(random: Random) -> None:
    type_, code = type_of(random), random.randint(-128, 127)
    payload = bytes(random.getrandbits(8) for _ in range(random.randint(0, 20)))
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


@law
def test_a_refined_unknown_value_is_unknown_at_any_depth(random: Random) -> None:
    type_ = type_of(random)
    tree = tree_of(random, type_, (UNKNOWN,))
    plain = msgpack.unpackb(codec.encode(tree), strict_map_key=False)

    decoded = codec.decode(type_, msgpack.packb(with_refinements(random, plain)))

    assert decoded == tree
    assert codec.encode(decoded) == codec.encode(tree)


def with_refinements(random: Random, plain: Any) -> Any:
    match plain:
        case msgpack.ExtType():
            return refined(random)
        case dict():
            return {key: with_refinements(random, value) for key, value in plain.items()}
        case list():
            return [with_refinements(random, value) for value in plain]
    return plain


@law
def test_a_model_is_what_its_tree_says(random: Random) -> None:
    model = random.choice(PLANNED)
    config = configuration(random, model)
    try:
        made = from_tree(model, config)
    except DiagnosticError as error:
        assert error.path
        return

    tree = to_tree(made)
    assert all(
        tree[name] == config[name] or a.write_only or a.model or isinstance(tree[name], list)
        for name, a in attributes(model).items()
        if a.type != DYNAMIC and a.hint is not FLOAT
    )


def applied(planned: dict[str, Tree]) -> dict[str, Tree]:
    """What a faithful provider makes of a plan: null for whatever is left to it."""
    tree: dict[str, Tree] = without_unknowns(planned)
    return tree


def planned_from(model: type[Model], config: dict[str, Tree], prior: Any) -> dict[str, Tree]:
    return planned_state(model, config, prior, proposed(model, config, prior)).state


@law
def test_a_plan_after_an_apply_changes_nothing(random: Random) -> None:
    model = random.choice(PLANNED)
    config = configuration(random, model, NOTHING)
    state = applied(planned_from(model, config, None))

    assert planned_from(model, config, state) == state


@law
def test_a_plan_is_the_same_when_it_is_made_again(random: Random) -> None:
    model = random.choice(PLANNED)
    first, second = configuration(random, model, NOTHING), configuration(random, model)
    prior = applied(planned_from(model, first, None))

    assert planned_from(model, second, prior) == planned_from(model, second, prior)


@law
def test_a_plan_keeps_terraforms_rules(random: Random) -> None:
    model = random.choice(PLANNED)
    first, second = configuration(random, model, NOTHING), configuration(random, model)
    prior = applied(planned_from(model, first, None)) if random.randint(0, 3) else None

    planned = planned_from(model, second, prior)

    assert faults(model, second, prior, planned) == []
    assert list(plan_violations(model, second, prior, planned)) == []
    assert list(apply_violations(model, planned, applied(planned))) == []


@law
def test_a_stored_state_is_upgraded_or_refused(random: Random) -> None:
    model, kind = random.choice([(Note, "toy_note"), (Shape, "toy_shape"), (Form, "toy_form")])
    state = applied(planned_from(model, configuration(random, model, NOTHING), None))
    plain = json.loads(stored(object_type(model), state))
    for name in list(plain):
        if random.randint(0, 9) == 0:
            del plain[name]
    plain |= {"name": "old"} if random.randint(0, 1) else {}
    raw = pb.RawState(json=json.dumps(plain).encode())
    asked = pb.UpgradeResourceState.Request(
        type_name=kind, version=random.randint(-1, 2), raw_state=raw
    )

    answer = service.answer(Host(Toy()), "UpgradeResourceState", asked)

    if not answer.diagnostics:
        tree = codec.decode(
            Object({n: a.type for n, a in attributes(model).items()}), answer.upgraded_state.msgpack
        )
        assert wholly_known(tree)
        assert all(tree[n] is None for n, a in attributes(model).items() if a.write_only)


@law
def test_no_request_makes_an_rpc_fail(random: Random) -> None:
    rpc = random.choice(sorted(service.HANDLERS))
    kind = random.choice(KINDS)
    about = [BY_KIND[kind]] * 3 + MODELS
    asked = request(random, METHODS[rpc].input_type, about)
    for field in ("type_name", "action_type"):
        if hasattr(asked, field) and random.randint(0, 3):
            setattr(asked, field, kind)
    host = Host(Toy())
    if "Configure" not in rpc:
        host.api = NOWHERE

    if METHODS[rpc].server_streaming:
        events = list(service.stream(host, rpc, asked, lambda: True))
        assert all(event.SerializeToString() for event in events)
    else:
        response = getattr(pb, rpc).Response
        answer = service.answer(host, rpc, asked, lambda: True)
        assert isinstance(answer, response)
        assert response.FromString(answer.SerializeToString()) == answer
        assert all(d.severity for d in getattr(answer, "diagnostics", []))


BY_KIND: dict[str, type[Model]] = dict(
    zip(KINDS, (Form, Note, Shape, Trouble, Ticket, Stamping, Memo), strict=True)
)


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
test_many_models = many(test_a_model_is_what_its_tree_says)
test_many_empty_plans = many(test_a_plan_after_an_apply_changes_nothing)
test_many_repeated_plans = many(test_a_plan_is_the_same_when_it_is_made_again)
test_many_plans = many(test_a_plan_keeps_terraforms_rules)
test_many_upgrades = many(test_a_stored_state_is_upgraded_or_refused)
test_many_requests = many(test_no_request_makes_an_rpc_fail)

"""Schemas, values and diagnostics as protocol messages.

Protocol: Schema, ResourceIdentitySchema, Function, Diagnostic, DynamicValue.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from provider.bridge import codec
from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import Diagnostic, Key, Path
from provider.bridge.functions import Function, Parameter
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.resource import Resource
from provider.bridge.schema import Model, attributes, object_type
from provider.bridge.types import Object, conform
from provider.bridge.values import UNKNOWN, Fields, Tree

Answer: TypeAlias = dict[str, Any]
"""The fields of a response, an event or another message; None for one that is absent."""

AnyResource: TypeAlias = Resource[Any, Any]

# Control characters but tab and new line, and those that turn the direction of writing.
_COMMANDS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_FLAGS: Final = ("required", "optional", "computed", "sensitive", "write_only")
_STEPS: Final = {Key: "element_key_string", int: "element_key_int"}


def schema(model: type[Model], version: int = 0, doc: str = "", deprecated: str = "") -> pb.Schema:
    """The schema of a model; `block` is always present, as Terraform needs it to be."""
    return pb.Schema(version=version, block=_block(model, doc, deprecated))


def _block(model: type[Model], doc: str, deprecated: str) -> pb.Schema.Block:
    parts = attributes(model).values()
    return pb.Schema.Block(
        attributes=[_attribute(a) for a in parts if not a.block],
        block_types=[_nested_block(a) for a in parts if a.block],
        **_told(doc, deprecated),
    )


def _told(doc: str, deprecated: str = "") -> dict[str, Any]:
    """What people read of an attribute or block."""
    return {
        "description": doc,
        "description_kind": pb.MARKDOWN,
        "deprecated": bool(deprecated),
        "deprecation_message": deprecated,
    }


def _attribute(a: Attribute) -> pb.Schema.Attribute:
    message = pb.Schema.Attribute(
        name=a.name,
        **_told(a.doc, a.deprecated),
        **{flag: getattr(a, flag) for flag in _FLAGS},
    )
    if a.model is None:
        message.type = codec.type_bytes(a.type)
    else:
        inner = [_attribute(n) for n in attributes(a.model).values()]
        nested = pb.Schema.Object(attributes=inner, nesting=str(a.nesting).upper())
        message.nested_type.CopyFrom(nested)
    return message


def _nested_block(a: Attribute) -> pb.Schema.NestedBlock:
    return pb.Schema.NestedBlock(
        type_name=a.name,
        block=_block(a.inner, a.doc, a.deprecated),
        nesting=str(a.nesting).upper(),
        min_items=a.min_items,
        max_items=a.min_items if a.nesting == "single" else a.max_items,
    )


def identity_type(resource: AnyResource) -> Object:
    """The type of the resource's identity: the attributes it names."""
    own = attributes(resource.model)
    return Object({name: own[name].type for name in resource.identity})


def identity_schema(resource: AnyResource) -> pb.ResourceIdentitySchema:
    """The identity's schema; all of it is needed to import by identity."""
    own = attributes(resource.model)
    parts = [
        pb.ResourceIdentitySchema.IdentityAttribute(
            name=name,
            type=codec.type_bytes(own[name].type),
            required_for_import=True,
            description=own[name].doc,
        )
        for name in resource.identity
    ]
    version = resource.identity_version
    return pb.ResourceIdentitySchema(version=version, identity_attributes=parts)


def identity(resource: AnyResource, state: Fields | None) -> pb.ResourceIdentityData | None:
    """The identity of the object in a state, when there is one and all of it is set and known.

    Terraform cannot show a plan with an unknown identity as JSON.
    """
    if not resource.identity or state is None:
        return None
    data = {name: state.get(name) for name in resource.identity}
    if any(part is None or part is UNKNOWN for part in data.values()):
        return None
    return pb.ResourceIdentityData(identity_data=value(conform(identity_type(resource), data)))


def functions(declared: Mapping[str, Function]) -> dict[str, pb.Function]:
    """The signatures of provider functions."""
    return {name: _function(function) for name, function in declared.items()}


def _function(declared: Function) -> pb.Function:
    variadic = declared.variadic
    returned = pb.Function.Return(type=codec.type_bytes(declared.returns))
    return pb.Function(
        parameters=[_parameter(p, declared) for p in declared.parameters],
        variadic_parameter=_parameter(variadic, declared) if variadic else None,
        summary=declared.description.split("\n")[0],
        description=declared.description,
        description_kind=pb.MARKDOWN,
        deprecation_message=declared.deprecated,
        **{"return": returned},
    )


def _parameter(parameter: Parameter, declared: Function) -> pb.Function.Parameter:
    return pb.Function.Parameter(
        name=parameter.name,
        type=codec.type_bytes(parameter.type),
        allow_null_value=parameter.nullable,
        allow_unknown_values=declared.unknowns,
        description=parameter.doc,
        description_kind=pb.MARKDOWN,
    )


def value(tree: Tree) -> pb.DynamicValue:
    """A value as the protocol carries it; None is null."""
    return pb.DynamicValue(msgpack=codec.encode(tree))


def tree(model: type[Model], message: pb.DynamicValue) -> Fields | None:
    """The object in a message, or None when it is null."""
    if message.msgpack or not message.json:
        decoded: Fields | None = codec.decode(object_type(model), message.msgpack)
    else:
        decoded = codec.decode_json(object_type(model), message.json)
    return decoded


def diagnostics(found: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Diagnostics as messages, each once."""
    return [
        pb.Diagnostic(
            severity=d.severity.upper(),
            summary=_harmless(d.summary),
            detail=_harmless(d.detail),
            attribute=attribute_path(d.path) if d.path else None,
        )
        for d in dict.fromkeys(found)
    ]


def _harmless(text: str) -> str:
    """The text without what UTF-8 cannot carry or a terminal obeys: it may quote anything."""
    return _COMMANDS.sub("\N{REPLACEMENT CHARACTER}", text).encode(errors="replace").decode()


def failure(response_class: type[Any], found: Iterable[Diagnostic]) -> Answer:
    """The answer that says what went wrong, in the place this kind of answer has for it."""
    told = diagnostics(found)
    places = response_class.DESCRIPTOR.fields_by_name
    if "error" in places:
        return {"error": {"text": "; ".join(f"{d.summary}: {d.detail}" for d in told)}}
    if "completed" in places:
        return {"completed": {"diagnostics": told}}
    return {"diagnostic" if "diagnostic" in places else "diagnostics": told}


def attribute_path(path: Path) -> Answer:
    """The fields of a path's message."""
    return {"steps": [{_STEPS.get(type(step), "attribute_name"): step} for step in path]}

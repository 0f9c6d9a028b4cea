"""Schemas, values and diagnostics as protocol messages.

Protocol: Schema, ResourceIdentitySchema, Function, Diagnostic, DynamicValue.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from provider.bridge import codec
from provider.bridge.conform import conform
from provider.bridge.diagnostics import Diagnostic, Key, Path
from provider.bridge.functions import Function, Parameter
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.plan import Fields
from provider.bridge.resource import Resource
from provider.bridge.schema import Attribute, Model, attributes, object_type
from provider.bridge.values import Object

UNTIL_CONFIGURED: Final = pb.Deferred(reason=pb.Deferred.PROVIDER_CONFIG_UNKNOWN)
NESTING: Final[dict[Any, Any]] = {"single": 1, "list": 2, "set": 3, "map": 4}
_SEVERITY: Final = {"error": pb.Diagnostic.ERROR, "warning": pb.Diagnostic.WARNING}
_FLAGS: Final = ("required", "optional", "computed", "sensitive", "write_only")


def schema(model: type[Model], version: int = 0, doc: str = "", deprecated: str = "") -> pb.Schema:
    """The schema of a model; `block` is always present, as Terraform needs it to be."""
    body = _block(model)
    body.description, body.description_kind = doc, pb.MARKDOWN
    body.deprecated, body.deprecation_message = bool(deprecated), deprecated
    return pb.Schema(version=version, block=body)


def _block(model: type[Model]) -> pb.Schema.Block:
    parts = attributes(model).values()
    return pb.Schema.Block(
        attributes=[_attribute(a) for a in parts if not a.block],
        block_types=[_nested_block(a) for a in parts if a.block],
    )


def _attribute(a: Attribute) -> pb.Schema.Attribute:
    message = pb.Schema.Attribute(
        name=a.name,
        description=a.doc,
        description_kind=pb.MARKDOWN,
        deprecated=bool(a.deprecated),
        deprecation_message=a.deprecated,
        **{flag: getattr(a, flag) for flag in _FLAGS},
    )
    if a.model is None:
        message.type = codec.type_bytes(a.type)
    else:
        inner = [_attribute(n) for n in attributes(a.model).values()]
        nested = pb.Schema.Object(attributes=inner, nesting=NESTING[a.nesting])
        message.nested_type.CopyFrom(nested)
    return message


def _nested_block(a: Attribute) -> pb.Schema.NestedBlock:
    body = _block(a.inner)
    body.description, body.description_kind = a.doc, pb.MARKDOWN
    body.deprecated, body.deprecation_message = bool(a.deprecated), a.deprecated
    return pb.Schema.NestedBlock(
        type_name=a.name,
        block=body,
        nesting=NESTING[a.nesting],
        min_items=a.min_items,
        max_items=a.max_items,
    )


def identity_type(resource: type[Resource[Any, Any]]) -> Object:
    """The type of the resource's identity: the attributes it names."""
    own = attributes(resource.model)
    return Object({name: own[name].type for name in resource.identity})


def identity_schema(resource: type[Resource[Any, Any]]) -> pb.ResourceIdentitySchema:
    """The identity's schema; all of it is needed to import by identity."""
    own = attributes(resource.model)
    return pb.ResourceIdentitySchema(
        version=resource.identity_version,
        identity_attributes=[
            pb.ResourceIdentitySchema.IdentityAttribute(
                name=name,
                type=codec.type_bytes(own[name].type),
                required_for_import=True,
                description=own[name].doc,
            )
            for name in resource.identity
        ],
    )


def function(declared: Function) -> pb.Function:
    """The signature of a provider function."""
    message = pb.Function(
        parameters=[_parameter(p, declared) for p in declared.parameters],
        summary=declared.description.split("\n")[0],
        description=declared.description,
        description_kind=pb.MARKDOWN,
        deprecation_message=declared.deprecated,
    )
    getattr(message, "return").type = codec.type_bytes(declared.returns)
    if declared.variadic is not None:
        message.variadic_parameter.CopyFrom(_parameter(declared.variadic, declared))
    return message


def _parameter(parameter: Parameter, declared: Function) -> pb.Function.Parameter:
    return pb.Function.Parameter(
        name=parameter.name,
        type=codec.type_bytes(parameter.type),
        allow_null_value=parameter.nullable,
        allow_unknown_values=declared.unknowns,
        description=parameter.doc,
        description_kind=pb.MARKDOWN,
    )


def value(model: type[Model], tree: Fields | None) -> pb.DynamicValue:
    """An object as the protocol carries it; None is null."""
    return pb.DynamicValue(msgpack=codec.encode(object_type(model), tree))


def tree(model: type[Model], message: pb.DynamicValue) -> Fields | None:
    """The object in a message, or None when it is null."""
    if message.msgpack or not message.json:
        decoded: Fields | None = codec.decode(object_type(model), message.msgpack)
    else:
        decoded = codec.decode_json(object_type(model), message.json)
    return decoded


def fields(model: type[Model], message: pb.DynamicValue) -> Fields:
    """The object in a message that is never null."""
    return conform(object_type(model), tree(model, message) or {})  # type: ignore[no-any-return]


def identity(resource: type[Resource[Any, Any]], state: Fields) -> pb.ResourceIdentityData:
    """The identity of the object in a state."""
    type_ = identity_type(resource)
    data = codec.encode(type_, {name: state[name] for name in resource.identity})
    return pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=data))


def diagnostics(found: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Diagnostics as messages, each once."""
    return [
        pb.Diagnostic(
            severity=_SEVERITY[d.severity],
            summary=_encodable(d.summary),
            detail=_encodable(d.detail),
            attribute=attribute_path(d.path) if d.path else None,
        )
        for d in dict.fromkeys(found)
    ]


def _encodable(text: str) -> str:
    """The text without what UTF-8 cannot carry: an error may quote anything."""
    return text.encode(errors="replace").decode()


def failure(response_class: type[Any], found: Iterable[Diagnostic]) -> Any:
    """The answer that says what went wrong, in the place this kind of answer has for it."""
    told = diagnostics(found)
    if response_class is pb.CallFunction.Response:
        text = "; ".join(f"{d.summary}: {d.detail}" for d in told)
        return response_class(error=pb.FunctionError(text=text))
    if response_class is pb.InvokeAction.Event:
        return response_class(completed=response_class.Completed(diagnostics=told))
    if response_class is pb.ListResource.Event:
        return response_class(diagnostic=told)
    return response_class(diagnostics=told)


def attribute_path(path: Path) -> pb.AttributePath:
    """A path as a message."""
    return pb.AttributePath(steps=[_step(step) for step in path])


def _step(step: str | int) -> pb.AttributePath.Step:
    match step:
        case Key():
            return pb.AttributePath.Step(element_key_string=step)
        case int():
            return pb.AttributePath.Step(element_key_int=step)
    return pb.AttributePath.Step(attribute_name=step)

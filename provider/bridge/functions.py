"""Provider functions: a typed Python function is the whole declaration.

Protocol: Function, CallFunction.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from inspect import Parameter as Argument
from inspect import signature
from typing import Any, NamedTuple, get_type_hints

from provider.bridge.conform import conform
from provider.bridge.diagnostics import DiagnosticError, FunctionError
from provider.bridge.schema import terraform_type, without_none
from provider.bridge.trees import typed
from provider.bridge.values import Tree, Type


class Parameter(NamedTuple):
    """One argument a function takes."""

    name: str
    type: Type
    hint: Any
    doc: str
    nullable: bool


class Function:
    """A function callable as provider::name::function(…); pure, and never configured."""

    def __init__(
        self, call: Callable[..., Any], unknowns: bool, deprecated: str, docs: dict[str, str]
    ) -> None:
        self.call = call
        self.name = call.__name__
        self.description = (call.__doc__ or "").strip()
        self.unknowns = unknowns
        self.deprecated = deprecated
        self.docs = docs

    def __call__(self, *arguments: Any) -> Any:
        """The plain Python function's result."""
        return self.call(*arguments)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.call, vars(sys.modules[self.call.__module__]))

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The positional parameters in order."""
        return [self._parameter(a) for a in self._arguments() if a.kind is not a.VAR_POSITIONAL]

    @cached_property
    def variadic(self) -> Parameter | None:
        """The parameter that takes all further arguments, if there is one."""
        rest = [a for a in self._arguments() if a.kind is a.VAR_POSITIONAL]
        return self._parameter(rest[0]) if rest else None

    @cached_property
    def returns(self) -> Type:
        """The type of the result."""
        return terraform_type(self._hints["return"])

    def _arguments(self) -> Sequence[Argument]:
        return list(signature(self.call).parameters.values())

    def _parameter(self, argument: Argument) -> Parameter:
        hint = self._hints[argument.name]
        plain = without_none(hint)
        doc = self.docs[argument.name]
        return Parameter(argument.name, terraform_type(plain), plain, doc, plain is not hint)

    def parameter(self, position: int) -> Parameter:
        """The parameter that takes the argument at a position."""
        if position < len(self.parameters):
            return self.parameters[position]
        if self.variadic is None:
            raise FunctionError(f"{self.name} takes {len(self.parameters)} arguments.", position)
        return self.variadic

    def result(self, arguments: Sequence[Tree]) -> Tree:
        """The result for arguments decoded to trees; FunctionError points at a culprit."""
        values = []
        for i, tree in enumerate(arguments):
            try:
                values.append(typed(self.parameter(i).hint, tree))
            except DiagnosticError as error:
                raise FunctionError(error.detail, i) from error
        return conform(self.returns, self.call(*values))


def function(
    *, unknowns: bool = False, deprecated: str = "", **docs: str
) -> Callable[[Callable[..., Any]], Function]:
    """Make a typed function a provider function; `docs` describe its parameters by name."""
    return lambda call: Function(call, unknowns, deprecated, docs)

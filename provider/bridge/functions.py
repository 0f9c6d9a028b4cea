"""Provider functions: a typed Python function is the whole declaration.

Protocol: Function, CallFunction.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple, get_type_hints

from provider.bridge.attribute import Hint
from provider.bridge.diagnostics import DiagnosticError, FunctionError
from provider.bridge.schema import meaning, without_none
from provider.bridge.types import Type, conform
from provider.bridge.values import Tree

_VARIADIC: Final = 0x04  # the flag of a function that takes *arguments


class Parameter(NamedTuple):
    """One argument a function takes."""

    name: str
    type: Type
    hint: Hint
    doc: str
    nullable: bool


def unindented(doc: str) -> str:
    """A docstring without the margin of the code around it, as inspect.cleandoc has it."""
    first, *rest = doc.strip().split("\n")
    margin = min((len(line) - len(line.lstrip()) for line in rest if line.strip()), default=0)
    return "\n".join([first, *(line[margin:].rstrip() for line in rest)])


class Function:
    """A function callable as provider::name::function(…); pure, and never configured."""

    def __init__(
        self, call: Callable[..., Any], unknowns: bool, deprecated: str, docs: dict[str, str]
    ) -> None:
        self.call = call
        self.name = call.__name__
        self.description = unindented(call.__doc__ or "")
        self.unknowns = unknowns
        self.deprecated = deprecated
        self.docs = docs

    def __call__(self, *arguments: Any) -> Any:
        """The plain Python function's result."""
        return self.call(*arguments)

    @cached_property
    def _hints(self) -> dict[str, Any]:
        return get_type_hints(self.call)

    @cached_property
    def parameters(self) -> list[Parameter]:
        """The positional parameters in order."""
        code = self.call.__code__
        return [self._parameter(name) for name in code.co_varnames[: code.co_argcount]]

    @cached_property
    def variadic(self) -> Parameter | None:
        """The parameter that takes all further arguments, if there is one."""
        code = self.call.__code__
        takes_more = code.co_flags & _VARIADIC
        return self._parameter(code.co_varnames[code.co_argcount]) if takes_more else None

    @cached_property
    def returns(self) -> Type:
        """The type of the result."""
        return meaning(self._hints["return"]).type

    def _parameter(self, name: str) -> Parameter:
        annotation = self._hints[name]
        hint, nullable = meaning(annotation), without_none(annotation) is not annotation
        return Parameter(name, hint.type, hint, self.docs[name], nullable)

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
                values.append(self.parameter(i).hint.typed(tree))
            except DiagnosticError as error:
                raise FunctionError(error.detail, i) from error
        return conform(self.returns, self.call(*values))


def function(
    *, unknowns: bool = False, deprecated: str = "", **docs: str
) -> Callable[[Callable[..., Any]], Function]:
    """Make a typed function a provider function; `docs` describe its parameters by name."""
    return lambda call: Function(call, unknowns, deprecated, docs)

"""What the author of a resource writes it with; imported from `provider.bridge`."""

from provider.bridge.checks import (
    at_least,
    at_least_one_of,
    between,
    conflicts_with,
    each,
    each_key,
    exactly_one_of,
    is_uuid,
    length,
    matches,
    one_of,
    required_with,
)
from provider.bridge.diagnostics import DiagnosticError, FunctionError, Key, Stopped, TimedOut
from provider.bridge.functions import Function, function
from provider.bridge.log import Log
from provider.bridge.operation import Operation
from provider.bridge.resource import (
    Action,
    Context,
    DataSource,
    EphemeralResource,
    Provider,
    Resource,
)
from provider.bridge.schema import (
    Change,
    Model,
    Timeouts,
    block,
    computed,
    if_configured,
    optional,
    required,
    timeouts,
)
from provider.bridge.trees import configured, from_json, replaced
from provider.bridge.values import UNKNOWN, known

__all__ = [
    "UNKNOWN",
    "Action",
    "Change",
    "Context",
    "DataSource",
    "DiagnosticError",
    "EphemeralResource",
    "Function",
    "FunctionError",
    "Key",
    "Log",
    "Model",
    "Operation",
    "Provider",
    "Resource",
    "Stopped",
    "TimedOut",
    "Timeouts",
    "at_least",
    "at_least_one_of",
    "between",
    "block",
    "computed",
    "configured",
    "conflicts_with",
    "each",
    "each_key",
    "exactly_one_of",
    "from_json",
    "function",
    "if_configured",
    "is_uuid",
    "known",
    "length",
    "matches",
    "one_of",
    "optional",
    "replaced",
    "required",
    "required_with",
    "timeouts",
]

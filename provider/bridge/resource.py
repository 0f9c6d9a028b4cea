"""What an author implements (Provider, Resource, DataSource, …) and receives (Context)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, TypeAlias, TypeVar

from provider.bridge.checks import seconds
from provider.bridge.diagnostics import Deferred, Diagnostic, DiagnosticError, Path, told
from provider.bridge.functions import Function
from provider.bridge.log import Log
from provider.bridge.operation import Operation
from provider.bridge.schema import M, Model, attributes
from provider.bridge.trees import from_json
from provider.bridge.values import Fields

A = TypeVar("A")

_P = TypeVar("_P")
Parts: TypeAlias = Sequence[type[_P]] | Mapping[str, type[_P]]

USUAL_TIME: Final = "5m"  # for an operation that has no limit of its own


class Context(Generic[A, M]):
    """What one operation on one object can use, and where it leaves word of what it did."""

    def __init__(
        self,
        api: A,
        operation: Operation | None = None,
        log: Log | None = None,
        private: bytes = b"",
        provider_meta: Model | None = None,
    ) -> None:
        self.api = api
        self.operation = operation or Operation()
        self.log = log or Log("provider")
        self.provider_meta = provider_meta
        self.settings: Any = None  # the provider block, once Terraform has given it
        self.config: M | None = None
        self.saved: M | None = None
        self.warnings: list[Diagnostic] = []
        self.deferred: Deferred | None = None  # why a plan cannot be relied on yet
        self._before = private
        kept = kept_in(private)
        self.private: dict[str, Any] = kept.get("own", {})
        self.first_plan: dict[str, Any] = {}  # what the plan that is made again kept in private
        self.renew_after: float | None = None  # seconds, for ephemeral resources
        self.unfinished: bool = kept.get("unfinished", False)
        self.formerly_set: frozenset[str] = frozenset(kept.get("set", ()))

    def save(self, state: M) -> None:
        """Record what exists by now: it reaches Terraform even when a later step fails."""
        if not isinstance(state, Model):
            raise TypeError(f"{state!r:.200} was saved, which is no model")
        self.saved = state

    def warn(self, summary: str, detail: str, attribute: str | Path = ()) -> None:
        """Tell the practitioner something that does not stop the operation."""
        self.warnings.append(Diagnostic("warning", *told(summary, detail, attribute)))

    def pause(self, seconds: float) -> None:
        """Wait, unless Terraform asks to stop or the time is over."""
        self.operation.pause(seconds)

    def private_bytes(self) -> bytes:
        """What is kept beside the state for the next operation, invisible to practitioners."""
        every = {
            "own": self.private,
            "set": sorted(self.formerly_set),
            "unfinished": self.unfinished,
        }
        try:
            return _packed(every)
        except Exception as error:
            # The object exists by now: what is no JSON must not make its state get lost.
            self.log.error("private data cannot be kept", reason=repr(error))
            return _packed(every | {"own": kept_in(self._before).get("own")})


def _packed(private: Mapping[str, Any]) -> bytes:
    kept = {key: value for key, value in private.items() if value}
    return json.dumps(kept, default=str, skipkeys=True).encode() if kept else b""


def kept_in(private: bytes) -> dict[str, Any]:
    """What an earlier operation kept; bytes another provider wrote hold nothing for us."""
    try:
        kept = json.loads(private or b"{}")
    except ValueError:
        return {}
    return kept if isinstance(kept, dict) else {}


class Part(Generic[A, M]):
    """What a provider offers. The class docstring is its description in the docs."""

    name: ClassVar[str]
    model: type[M]
    deprecated: ClassVar[str] = ""

    def validate(self, config: M) -> None:
        """Refuse a configuration that is wrong in itself; using an unknown value puts it off."""


class Resource(Part[A, M]):
    """A managed resource."""

    version: ClassVar[int] = 0
    upgraders: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
    identity: ClassVar[tuple[str, ...]] = ()
    identity_version: ClassVar[int] = 0
    identity_upgraders: ClassVar[Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]]] = {}
    list_model: ClassVar[type[Model] | None] = None
    # Each is tried on create and update; one that meets an unknown value is put off.
    plan_checks: ClassVar[Sequence[Callable[[Any, Any, Any], None]]] = ()

    def create(self, ctx: Context[A, M], plan: M) -> M:
        """Make the object. Call ctx.save as soon as it exists."""
        raise NotImplementedError

    def read(self, ctx: Context[A, M], prior: M) -> M | None:
        """The object as it is, or None when it certainly is gone."""
        raise NotImplementedError

    def update(self, ctx: Context[A, M], prior: M, plan: M) -> M:
        """Make the object what is planned."""
        raise NotImplementedError

    def delete(self, ctx: Context[A, M], prior: M) -> None:
        """Make the object gone; one that is gone already is a success."""
        raise NotImplementedError

    def modify_plan(self, ctx: Context[A, M], plan: M) -> M:
        """The plan with computed values that follow from others, or from the provider block.

        `ctx.config` is the configuration. An object whose values follow otherwise than before
        is updated even when nothing else differs.
        """
        return plan

    def check_destroy(self, ctx: Context[A, M], prior: M, *, replacing: bool) -> None:
        """Refuse, or warn, when the object is planned to be destroyed, or to be replaced."""

    def import_state(self, ctx: Context[A, M], id_: str) -> M:
        """As much of the state as `read` needs, from what was given to terraform import."""
        if len(self.identity) != 1:
            raise DiagnosticError("Import is not supported", f"{self.name} cannot be imported.")
        return from_json(self.model, {self.identity[0]: id_})

    def check_import(self, ctx: Context[A, M], state: M) -> None:
        """Refuse to import the object that an identity names."""

    def move(self, source: str, type_name: str, state: dict[str, Any]) -> M | None:
        """The state of another provider's or type's object as one of this type, if it can be."""
        return None

    def list(self, ctx: Context[A, M], config: Any, limit: int) -> Iterable[M]:
        """The objects that exist, for `terraform query`."""
        raise NotImplementedError

    def display_name(self, state: M) -> str:
        """How a listed object is called for people."""
        return str(getattr(state, self.identity[0]))

    def generated_config(self, state: M) -> Mapping[str, Any]:
        """Values to put instead of the state's own into a generated configuration."""
        return {}


class DataSource(Part[A, M]):
    """Something to look up."""

    def read(self, ctx: Context[A, M], config: M) -> M:
        """The configuration with everything looked up filled in."""
        raise NotImplementedError


class EphemeralResource(Part[A, M]):
    """A value that lives during one command and is stored nowhere."""

    def open(self, ctx: Context[A, M], config: M) -> M:
        """The value. Set ctx.renew_after to be asked again in time."""
        raise NotImplementedError

    def renew(self, ctx: Context[A, M]) -> None:
        """Prolong what ctx.private names."""

    def close(self, ctx: Context[A, M]) -> None:
        """End what ctx.private names."""


class Action(Part[A, M]):
    """Something to do that leaves nothing in the state."""

    def plan(self, ctx: Context[A, M], config: M) -> None:
        """Refuse early what invoke would refuse; the configuration may hold unknowns."""

    def invoke(self, ctx: Context[A, M], config: M) -> Iterable[str]:
        """Do it, yielding a line for the practitioner at each step."""
        raise NotImplementedError


class Provider(Part[A, M]):
    """The provider block and what belongs to it.

    Parts in a mapping by name, instead of in a sequence, may be loaded when they are asked for.
    """

    version: ClassVar[str]
    meta_model: ClassVar[type[Model] | None] = None
    resources: Parts[Resource[A, Any]] = ()
    data_sources: Parts[DataSource[A, Any]] = ()
    ephemeral_resources: Parts[EphemeralResource[A, Any]] = ()
    actions: Parts[Action[A, Any]] = ()

    @property
    def functions(self) -> Sequence[Function]:
        """The functions, which are asked for all at once, if at all."""
        return ()

    def configure(self, config: M, log: Log) -> A | None:
        """What resources get as ctx.api, or None as long as a value it needs is unknown."""
        raise NotImplementedError

    def during(self, api: A, operation: Operation, log: Log) -> A:
        """The same for one operation, whose pauses and remaining time it may use."""
        return api

    def finished(self) -> None:
        """Terraform has every answer it wanted, and the process is about to leave."""

    def explain(self, error: Exception, subject: str, verb: str) -> Exception | None:
        """A failure below the resources in the practitioner's words, or None if not known."""
        return None


def allowed_time(model: type[Model], fields: Fields | None, operation: str) -> float:
    """Seconds the practitioner, or else the resource, allows for the operation."""
    for name, a in attributes(model).items():
        if a.durations is not None:
            asked = fields[name] if fields else None
            own = asked.get(operation) if isinstance(asked, dict) else None
            return seconds(own if isinstance(own, str) else a.durations.get(operation, USUAL_TIME))
    return seconds(USUAL_TIME)

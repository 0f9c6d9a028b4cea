"""A harness for tests: Terraform's side of the protocol, without Terraform and in memory.

Every call goes through the messages, the codec and the life cycle, and every answer is held
against Terraform's rules, so that each test of a resource is a test of its conformance, too.
Protocol: "Resource instance change lifecycle".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, NamedTuple

from provider.bridge import messages, service
from provider.bridge.attribute import Attribute
from provider.bridge.host import Host
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.resource import Provider, Resource
from provider.bridge.schema import M, Model, attributes, from_tree, object_type
from provider.bridge.trees import storable
from provider.bridge.types import conform
from provider.bridge.values import UNKNOWN, Dynamic, Fields, Tree, wholly_known

Ask = Callable[[str, Any], Any]
"""The answer to an RPC, by its name and request."""


class Refused(Exception):  # noqa: N818 - an answer, not a fault
    """The provider answered with errors."""

    def __init__(self, found: list[Any]) -> None:
        super().__init__("; ".join(f"{d.summary}: {d.detail}" for d in found))
        self.diagnostics = found


class BrokenRule(AssertionError):  # noqa: N818 - the rule is the message
    """The provider broke a rule of Terraform."""


def demand(held: bool, rule: str) -> None:
    """Raise BrokenRule unless the rule was held."""
    if not held:
        raise BrokenRule(rule)


def refuse_errors(response: Any) -> None:
    """Raise Refused when an answer holds errors."""
    found = getattr(response, "diagnostics", [])
    if any(d.severity == pb.Diagnostic.ERROR for d in found):
        raise Refused(found)


class Plan(NamedTuple):
    """A planned state, null for a destroy, and what comes with it."""

    state: Fields | None
    replacements: list[str]
    private: bytes
    warnings: list[str]


class Harness:
    """A provider at work; `ask` may lead to one in another process instead."""

    def __init__(self, provider: Provider[Any, Any], ask: Ask | None = None, **config: Any) -> None:
        self.provider = provider
        self.host = Host(provider)
        self._ask = ask or self._ask_in_memory
        if config:
            self.configure(**config)

    def configure(self, **config: Any) -> None:
        """Configure the provider, as each process that Terraform starts is."""
        wanted = encoded(self.provider.model, config)
        self.ask("ValidateProviderConfig", config=wanted)
        self.ask("ConfigureProvider", config=wanted)

    def resource(self, kind: type[Resource[Any, M]]) -> Managed[M]:
        """One instance of a resource, which does not exist yet."""
        return Managed(self, kind)

    def ask(self, rpc: str, **fields: Any) -> Any:
        """The answer to an RPC; Refused when it holds errors."""
        response = self.answer(rpc, **fields)
        refuse_errors(response)
        return response

    def answer(self, rpc: str, **fields: Any) -> Any:
        """The answer to an RPC, whatever it says."""
        response = self._ask(rpc, getattr(pb, rpc).Request(**fields))
        found = getattr(response, "diagnostics", [])
        demand(all(d.severity for d in found), "every diagnostic has a severity")
        return response

    def _ask_in_memory(self, rpc: str, request: Any) -> Any:
        kind = getattr(pb, rpc)
        sent = kind.Request.FromString(request.SerializeToString())
        answer = service.answer(self.host, rpc, sent)
        return kind.Response.FromString(answer.SerializeToString())


class Managed(Generic[M]):
    """One resource instance as Terraform keeps it: its state, private data and identity."""

    def __init__(self, harness: Harness, kind: type[Resource[Any, M]]) -> None:
        self.harness, self.model = harness, kind.model
        self.type_name = f"{harness.provider.name}_{kind.name}"
        self.tree: Fields | None = None
        self.private = b""
        self.identity = pb.ResourceIdentityData()
        self.tainted = False

    @property
    def state(self) -> M | None:
        """The state, typed."""
        return None if self.tree is None else from_tree(self.model, self.tree)

    def plan(self, **config: Any) -> Plan:
        """What Terraform would plan; nothing changes."""
        value = encoded(self.model, config)
        self._ask(
            "ValidateResourceConfig",
            config=value,
            client_capabilities={"write_only_attributes_allowed": True},
        )
        return self._planned(messages.tree(self.model, value), None if self.tainted else self.tree)

    def apply(self, **config: Any) -> M:
        """The state after plan and apply; Refused when either is, with what was achieved kept."""
        plan = self.plan(**config)
        if self.tree is not None and (plan.replacements or self.tainted):
            self.destroy()
            plan = self.plan(**config)
        wanted = messages.tree(self.model, encoded(self.model, config))
        again = self._planned(wanted, self.tree)
        demand(refines(plan.state, again.state), "the plan at apply keeps what was planned before")
        self._applied(again, wanted)
        demand(self.tree is not None, "an object exists after its apply")
        demand(refines(again.state, self.tree), "the state is the planned one")
        rest = self.plan(**config)
        demand(rest.state == self.tree, "a plan right after the apply is empty")
        return from_tree(self.model, self.tree or {})

    def refresh(self) -> M | None:
        """The state as it is read; None when the object is gone."""
        answer = self._ask(
            "ReadResource",
            current_state=messages.value(self.tree),
            private=self.private,
            current_identity=self.identity,
        )
        self._keep(answer.new_state, answer.private, answer.new_identity)
        return self.state

    def destroy(self) -> None:
        """Plan and apply the destruction."""
        self._applied(self._planned(None, self.tree), None)
        demand(self.tree is None, "no object is left after its destruction")

    def import_state(self, id_: str) -> M | None:
        """Become an object that exists, as `terraform import` does."""
        answer = self._ask("ImportResourceState", id=id_)
        (found,) = answer.imported_resources
        self._keep(found.state, found.private, found.identity)
        return self.refresh()

    def _planned(self, config: Fields | None, prior: Fields | None) -> Plan:
        asked = None if config is None else proposed(self.model, config, prior)
        answer = self._ask(
            "PlanResourceChange",
            prior_state=messages.value(prior),
            proposed_new_state=messages.value(asked),
            config=messages.value(config),
            prior_private=self.private,
            prior_identity=self.identity,
        )
        state = messages.tree(self.model, answer.planned_state)
        demand(
            (state is None) == (config is None), "a destroy, and nothing else, is planned as null"
        )
        if config is not None and state is not None:
            found = faults(self.model, config, prior, state)
            demand(not found, f"what is configured is planned: {found}")
        paths = [path.steps[0].attribute_name for path in answer.requires_replace]
        return Plan(state, paths, answer.planned_private, [d.summary for d in answer.diagnostics])

    def _applied(self, plan: Plan, config: Fields | None) -> None:
        request: dict[str, Any] = {
            "prior_state": messages.value(self.tree),
            "planned_state": messages.value(plan.state),
            "config": messages.value(config),
            "planned_private": plan.private,
        }
        creating = self.tree is None
        answer = self.harness.answer("ApplyResourceChange", type_name=self.type_name, **request)
        self._keep(answer.new_state, answer.private, answer.new_identity)
        self.tainted = creating and any(
            d.severity == pb.Diagnostic.ERROR for d in answer.diagnostics
        )
        refuse_errors(answer)

    def _keep(self, state: Any, private: bytes, identity: Any) -> None:
        self.tree, self.private, self.identity = messages.tree(self.model, state), private, identity
        demand(wholly_known(self.tree), "a stored state is wholly known")

    def _ask(self, rpc: str, **fields: Any) -> Any:
        return self.harness.ask(rpc, type_name=self.type_name, **fields)


def encoded(model: type[Model], config: dict[str, Any]) -> pb.DynamicValue:
    """A configuration as Terraform sends it: complete, and with what is write-only."""
    tree = conform(object_type(model), config)
    return messages.value(storable(model, tree, write_only=True))


def proposed(model: type[Model], config: Fields, prior: Fields | None) -> Fields:
    """Terraform's merge: what is configured, else what was, if the provider may set it."""
    before = prior or {}
    return {
        name: _proposed(a, config[name], before.get(name)) for name, a in attributes(model).items()
    }


def _proposed(a: Attribute, config: Tree, prior: Tree) -> Tree:
    if config is None:
        return prior if a.computed else None
    if a.nesting == "set" and config is not UNKNOWN:
        chosen = [next((p for p in prior or [] if _is_from(p, c)), c) for c in config]
        return a.assembled(dict(enumerate(chosen)))
    if a.model is None or config is UNKNOWN:
        return config
    before = a.elements(prior)
    return a.changed(config, lambda step, c: proposed(a.inner, c, before.get(step)))


def _is_from(prior: Tree, config: Tree) -> bool:
    """The element of a set is one that the configuration still describes."""
    match prior, config:
        case dict(), dict():
            return all(_is_from(prior.get(key), value) for key, value in config.items())
        case list(), list():
            nulls = [p is None for p in prior] == [c is None for c in config]
            return nulls and all(map(_is_from, prior, config))
    return config in (None, prior)


def refines(early: Tree, late: Tree) -> bool:
    """Whatever the early value knew is the same in the late one."""
    match early, late:
        case Dynamic(), Dynamic() if not wholly_known(early):
            return refines(early.value, late.value)
        case dict(), dict():
            keys = early.keys() == late.keys()
            return keys and all(refines(early[key], late[key]) for key in early)
        case list(), list() if wholly_known(early):
            return early == late
        case list(), list():
            return all(any(refines(e, one) for one in late) for e in early)
    return early is UNKNOWN or early == late


def faults(model: type[Model], config: Fields, prior: Fields | None, planned: Fields) -> list[str]:
    """The attributes planned otherwise than Terraform allows, without a look inside nested ones."""
    before = prior or {}
    return [
        name
        for name, a in attributes(model).items()
        if not _allowed(a, config[name], before.get(name), planned[name])
    ]


def _allowed(a: Attribute, config: Tree, prior: Tree, planned: Tree) -> bool:
    if a.write_only or (config is None and not a.computed):
        return planned is None
    return config is None or a.model is not None or planned in (config, prior)

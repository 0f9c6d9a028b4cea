"""The life of one managed object, free of messages: plan, apply, read.

Everything here takes and returns trees. Failures are raised; what exists in spite of them is
in the context. Protocol: "duties per RPC" of the resource life cycle.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from provider.bridge import rules
from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import Deferred, DiagnosticError, Stopped, raise_all
from provider.bridge.plan import Planned, planned_state
from provider.bridge.resource import Context, Resource
from provider.bridge.schema import Model, attributes, from_tree
from provider.bridge.trees import salvaged, to_tree
from provider.bridge.values import (
    UNKNOWN,
    Fields,
    Tree,
    UnknownUsedError,
    as_set,
    wholly_known,
    without_unknowns,
)


class Applied(NamedTuple):
    """The state after an apply, and why it is not all that was planned, if it is not."""

    state: Fields | None
    error: BaseException | None = None


class Instance:
    """One object of a resource, in one operation."""

    def __init__(
        self, resource: Resource[Any, Any], ctx: Context[Any, Any], config: Fields | None = None
    ) -> None:
        self.resource, self.ctx, self.config = resource, ctx, config or {}
        self.model: type[Model] = resource.model
        ctx.config = self._typed(config)

    def plan(self, prior: Fields | None, proposed: Fields | None) -> Planned:
        """The planned state, empty for a destroy, and what in it needs another object.

        An object whose last operation was interrupted is planned for an update even when nothing
        else differs, so that the next apply finishes it.
        """
        ctx, before = self.ctx, self._typed(prior)
        if proposed is None:
            self.resource.check_destroy(ctx, before, replacing=False)
            return Planned({}, [])
        planned = self._foreseen(prior, proposed)
        try:
            planned = self._modified(prior, proposed, planned)
            if prior is not None and ctx.unfinished and planned.state == prior:
                planned = Planned(self._reopened(prior), [])
            if planned.replacements:
                self.resource.check_destroy(ctx, before, replacing=True)
            self._check_plan(before, self._typed(planned.state))
        except Deferred as wish:
            ctx.deferred = wish
        rules.refuse(rules.plan_violations(self.model, self.config, prior, planned.state), "plan")
        ctx.formerly_set |= self._set_now()  # what is no longer set is removed by the apply
        return planned

    def _set_now(self) -> frozenset[str]:
        return frozenset(name for name, value in self.config.items() if value is not None)

    def _foreseen(self, prior: Fields | None, proposed: Fields) -> Planned:
        return planned_state(self.model, self.config, prior, proposed, self.ctx.formerly_set)

    def _modified(self, prior: Fields | None, proposed: Fields, planned: Planned) -> Planned:
        """The plan, made again with the values that the resource says follow from others."""
        before = self._typed(planned.state)
        after = self.resource.modify_plan(self.ctx, before)
        changed = [name for name, value in vars(after).items() if value != vars(before)[name]]
        if not changed:
            return planned
        tree = to_tree(after)
        follow = {name: tree[name] for name in changed}
        state, replacements = self._foreseen(prior, proposed | follow)
        return Planned(state | follow, replacements)

    def _reopened(self, prior: Fields) -> Fields:
        """The prior state with all that only the provider sets, and that may change, unknown."""
        return {
            name: UNKNOWN if a.computed and not a.optional and not a.stable else prior[name]
            for name, a in attributes(self.model).items()
        }

    def _check_plan(self, prior: Any, planned: Any) -> None:
        problems: list[DiagnosticError] = []
        for check in self.resource.plan_checks:
            try:
                check(self.ctx, prior, planned)
            except UnknownUsedError:
                continue  # Terraform plans again once the value is known
            except Deferred:
                raise
            except DiagnosticError as error:
                problems.append(error)
        raise_all(problems)

    def read(self, prior: Fields) -> Fields | None:
        """The object's state in the words of the prior state, or None when it is gone."""
        found = self.resource.read(self.ctx, self._typed(prior))
        if found is None:
            return None
        state = in_the_words_of(self.model, prior, self._tree(found))
        rules.refuse(rules.unknowns(state), "read")
        return state

    def apply(self, prior: Fields | None, planned: Fields | None) -> Applied:
        """Create, update or delete; what was achieved is in the answer, with the error if any."""
        ctx = self.ctx
        try:
            state = self._changed(prior, planned)
        except Stopped as stop:
            if prior is None and planned is not None and ctx.saved is not None:
                return _interrupted(ctx, planned, ctx.saved)
            return Applied(self._remains(prior), stop)
        except BaseException as error:
            # Terraform taints it. Once somebody has untainted it, the next apply finishes it.
            ctx.unfinished |= prior is None and ctx.saved is not None
            return Applied(self._remains(prior), error)
        ctx.unfinished, ctx.formerly_set = False, self._set_now()
        return Applied(state)

    def _changed(self, prior: Fields | None, planned: Fields | None) -> Fields | None:
        resource, ctx, before = self.resource, self.ctx, self._typed(prior)
        if planned is None:
            resource.delete(ctx, before)
            return None
        wanted = self._typed(planned)
        creating = prior is None
        made = resource.create(ctx, wanted) if creating else resource.update(ctx, before, wanted)
        if isinstance(made, self.model):
            ctx.saved = made
        state = in_the_words_of(self.model, planned, self._tree(made)) | self._promises(planned)
        rules.refuse(rules.apply_violations(self.model, planned, state), "apply")
        return state

    def _promises(self, planned: Fields) -> Fields:
        """The planned values that nobody configures and no operation changes, but the identity.

        Somebody else may have changed them since the plan; the next refresh shows that.
        """
        return {
            name: planned[name]
            for name, a in attributes(self.model).items()
            if a.stable
            and planned[name] is not UNKNOWN
            and self.config.get(name) is None
            and name not in self.resource.identity
        }

    def _remains(self, prior: Fields | None) -> Fields | None:
        """What Terraform has to know of after a failure: what was saved, else what was before."""
        return prior if self.ctx.saved is None else salvaged(self.ctx.saved)

    def _typed(self, tree: Fields | None) -> Any:
        return None if tree is None else from_tree(self.model, tree)

    def _tree(self, made: Any) -> Fields:
        if not isinstance(made, self.model):
            raise TypeError(f"{self.resource.name} returned {made!r:.200}, not its model")
        return to_tree(made)


def _interrupted(ctx: Context[Any, Any], planned: Fields, saved: Model) -> Applied:
    """A created object that Terraform did not wait for: kept, and to be finished next time."""
    ctx.unfinished = True
    ctx.warn(
        "Interrupted before it was ready",
        "The object exists and is kept in the state. The next apply waits for it and finishes it.",
    )
    return Applied(without_unknowns(planned, salvaged(saved)))


def in_the_words_of(model: type[Model], reference: Fields, state: Fields) -> Fields:
    """The state with values that only say the same otherwise spelled as in the reference."""
    if state == reference:
        return state
    return {
        name: _in_words(a, reference.get(name), state[name])
        for name, a in attributes(model).items()
    }


def _in_words(a: Attribute, reference: Tree, value: Tree) -> Tree:
    if reference is None or value is None or reference is UNKNOWN or value is UNKNOWN:
        return value
    if a.same is not None and wholly_known(reference):
        return reference if a.same(reference, value) else value
    if a.model is None:
        return value
    if a.nesting == "set":
        return as_set([_in_words_of_one(a.inner, reference, element) for element in value])
    before = {step: inner for step, _, inner in a.objects(reference, ())}
    # What was not there before is in its own words.
    return a.changed(value, lambda step, new: in_the_words_of(a.inner, before.get(step, new), new))


def _in_words_of_one(model: type[Model], references: list[Tree], element: Fields) -> Fields:
    """The element of a set as the reference spells it that says the same, if there is one."""
    spelled = (r for r in references if isinstance(r, dict))
    return next((r for r in spelled if in_the_words_of(model, r, element) == r), element)


def found(model: type[Model], config: Fields, answer: Model) -> Fields:
    """What was looked up, with the configured values as they are."""
    tree = to_tree(answer)
    state = {
        name: tree[name] if config[name] is None or a.model else config[name]
        for name, a in attributes(model).items()
    }
    broken = [*rules.plan_violations(model, config, None, state), *rules.unknowns(state)]
    rules.refuse(broken, "read")
    return state

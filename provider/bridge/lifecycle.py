"""The life of one managed object, free of messages: plan, apply, read.

Everything here takes and returns trees. Failures are raised; what exists in spite of them is
in the context. Protocol: "duties per RPC" of the resource life cycle.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import Deferred, DiagnosticError, Stopped, raise_all
from provider.bridge.plan import Planned, planned_state
from provider.bridge.resource import Context, Resource
from provider.bridge.rules import apply_violations, plan_violations, refuse_violations, unknowns
from provider.bridge.schema import Model, attributes, from_tree
from provider.bridge.trees import salvaged, to_tree
from provider.bridge.values import (
    UNKNOWN,
    Fields,
    Tree,
    UnknownUsedError,
    known,
    wholly_known,
    without_unknowns,
)

AnyResource = Resource[Any, Any]
AnyContext = Context[Any, Any]


class Applied(NamedTuple):
    """The state after an apply, and why it is not all that was planned, if it is not."""

    state: Fields | None
    error: BaseException | None = None


def plan(
    resource: AnyResource,
    ctx: AnyContext,
    config: Fields | None,
    prior: Fields | None,
    proposed: Fields | None,
) -> Planned:
    """The planned state, empty for a destroy, and what in it needs another object.

    An object whose last operation was interrupted is planned for an update even when nothing
    else differs, so that the next apply finishes it.
    """
    model = resource.model
    before = None if prior is None else from_tree(model, prior)
    if proposed is None or config is None:
        resource.check_destroy(ctx, before, replacing=False)
        return Planned({}, [])
    ctx.config = from_tree(model, config)

    def foreseen(proposed: Fields) -> Planned:
        return planned_state(model, config, prior, proposed, ctx.formerly_set)

    planned = foreseen(proposed)
    try:
        planned = _modified(resource, ctx, planned, lambda follow: foreseen(proposed | follow))
        if prior is not None and ctx.unfinished and planned.state == prior:
            planned = Planned(_reopened(model, prior), [])
        if planned.replacements:
            resource.check_destroy(ctx, before, replacing=True)
        _check_plan(resource, ctx, before, from_tree(model, planned.state))
    except Deferred as wish:
        ctx.deferred = wish
    refuse_violations(plan_violations(model, config, prior, planned.state), "plan")
    ctx.formerly_set = frozenset(n for n, v in config.items() if v is not None)
    return planned


def _modified(
    resource: AnyResource, ctx: AnyContext, planned: Planned, again: Callable[[Fields], Planned]
) -> Planned:
    """The plan, made again with the values that the resource says follow from others."""
    before = from_tree(resource.model, planned.state)
    after = resource.modify_plan(ctx, before)
    changed = [name for name, value in vars(after).items() if value != vars(before)[name]]
    if not changed:
        return planned
    tree = to_tree(after)
    follow = {name: tree[name] for name in changed}
    state, replacements = again(follow)
    return Planned(state | follow, replacements)


def _reopened(model: type[Model], prior: Fields) -> Fields:
    """The prior state with all that only the provider sets, and that may change, unknown."""
    return {
        name: UNKNOWN if a.computed and not a.optional and not a.stable else prior[name]
        for name, a in attributes(model).items()
    }


def _check_plan(resource: AnyResource, ctx: AnyContext, prior: Any, plan_: Any) -> None:
    problems: list[DiagnosticError] = []
    for check in resource.plan_checks:
        try:
            check(ctx, prior, plan_)
        except UnknownUsedError:
            continue  # Terraform plans again once the value is known
        except Deferred:
            raise
        except DiagnosticError as error:
            problems.append(error)
    raise_all(problems)


def read(resource: AnyResource, ctx: AnyContext, prior: Fields) -> Fields | None:
    """The object's state in the words of the prior state, or None when it is gone."""
    found = resource.read(ctx, from_tree(resource.model, prior))
    if found is None:
        return None
    state = in_the_words_of(resource.model, prior, _tree(resource, found))
    refuse_violations(unknowns(state), "read")
    return state


def apply(
    resource: AnyResource,
    ctx: AnyContext,
    prior: Fields | None,
    planned: Fields | None,
    config: Fields | None,
) -> Applied:
    """Create, update or delete; whatever was achieved is in the answer, with the error if any."""
    try:
        ctx.config = None if config is None else from_tree(resource.model, config)
        state = _changed(resource, ctx, prior, planned, config)
    except Stopped as stop:
        if prior is None and planned is not None and ctx.saved is not None:
            return _interrupted(ctx, planned, ctx.saved)
        return Applied(_remains(ctx, prior), stop)
    except BaseException as error:
        # Terraform taints it. Once somebody has untainted it, the next apply finishes it.
        ctx.unfinished |= prior is None and ctx.saved is not None
        return Applied(_remains(ctx, prior), error)
    ctx.unfinished = False
    return Applied(state)


def _changed(
    resource: AnyResource,
    ctx: AnyContext,
    prior: Fields | None,
    planned: Fields | None,
    config: Fields | None,
) -> Fields | None:
    model = resource.model
    before = None if prior is None else from_tree(model, prior)
    if planned is None:
        resource.delete(ctx, before)
        return None
    wanted = from_tree(model, planned)
    made = resource.create(ctx, wanted) if before is None else resource.update(ctx, before, wanted)
    if isinstance(made, model):
        ctx.saved = made
    state = in_the_words_of(model, planned, _tree(resource, made))
    state |= _promises(resource, config or {}, planned)
    refuse_violations(apply_violations(model, planned, state), "apply")
    return state


def _promises(resource: AnyResource, config: Fields, planned: Fields) -> Fields:
    """The planned values that nobody configures and no operation changes, except the identity.

    Somebody else may have changed them since the plan; the next refresh shows that.
    """
    return {
        name: planned[name]
        for name, a in attributes(resource.model).items()
        if a.stable
        and known(planned[name])
        and config.get(name) is None
        and name not in resource.identity
    }


def _remains(ctx: AnyContext, prior: Fields | None) -> Fields | None:
    """What Terraform has to know of after a failure: what was saved, else what was before."""
    return prior if ctx.saved is None else salvaged(ctx.saved)


def _tree(resource: AnyResource, made: Any) -> Fields:
    if not isinstance(made, resource.model):
        raise TypeError(f"{resource.name} returned {made!r:.200}, not its model")
    return to_tree(made)


def _interrupted(ctx: AnyContext, planned: Fields, saved: Model) -> Applied:
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
    if a.model is None or a.nesting == "set":
        return value
    before = a.elements(reference)

    def worded(step: Any, element: Fields) -> Fields:
        known_as = before.get(step)
        return (
            in_the_words_of(a.inner, known_as, element) if isinstance(known_as, dict) else element
        )

    return a.changed(value, worded)


def found(model: type[Model], config: Fields, answer: Model) -> Fields:
    """What was looked up, with the configured values as they are."""
    tree = to_tree(answer)
    state = {
        name: tree[name] if config[name] is None or a.model else config[name]
        for name, a in attributes(model).items()
    }
    refuse_violations([*plan_violations(model, config, None, state), *unknowns(state)], "read")
    return state

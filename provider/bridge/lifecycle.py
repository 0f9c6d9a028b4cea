"""The life of one managed object, free of messages: plan, apply, read.

Everything here takes and returns trees. Failures are raised; what exists in spite of them is
in the context. Protocol: "duties per RPC" of the resource life cycle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from provider.bridge.diagnostics import DiagnosticError, Stopped, raise_all, spelled
from provider.bridge.plan import Fields, Planned, planned_state
from provider.bridge.resource import Context, Resource
from provider.bridge.rules import Violation, apply_violations, plan_violations
from provider.bridge.schema import Attribute, Model, attributes
from provider.bridge.trees import each_element, elements, from_tree, salvaged, to_tree
from provider.bridge.values import (
    UNKNOWN,
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
    if proposed is None or config is None:
        resource.check_destroy(ctx, from_tree(model, prior or {}), replacing=False)
        return Planned({}, [])
    ctx.config = from_tree(model, config)
    planned = _planned(resource, ctx, config, prior, proposed)
    if prior is not None and ctx.unfinished and planned.state == prior:
        planned = Planned(_reopened(model, prior), [])
    before = None if prior is None else from_tree(model, prior)
    if before is not None and planned.replacements:
        resource.check_destroy(ctx, before, replacing=True)
    _check_plan(resource, ctx, before, from_tree(model, planned.state))
    refuse_violations(plan_violations(model, config, prior, planned.state), "plan")
    ctx.formerly_set = frozenset(n for n, v in config.items() if v is not None)
    return planned


def _planned(
    resource: AnyResource, ctx: AnyContext, config: Fields, prior: Fields | None, proposed: Fields
) -> Planned:
    """The planned state, with the values that the resource says follow from others."""
    model = resource.model
    planned = planned_state(model, config, prior, proposed, ctx.formerly_set)
    before = from_tree(model, planned.state)
    after = resource.modify_plan(ctx, before)
    changed = [name for name, value in vars(after).items() if value != vars(before)[name]]
    if not changed:
        return planned
    tree = to_tree(after)
    follow = {name: tree[name] for name in changed}
    again = planned_state(model, config, prior, proposed | follow, ctx.formerly_set)
    return Planned(again.state | follow, again.replacements)


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
        except DiagnosticError as error:
            problems.append(error)
    raise_all(problems)


def read(resource: AnyResource, ctx: AnyContext, prior: Fields) -> Fields | None:
    """The object's state in the words of the prior state, or None when it is gone."""
    found = resource.read(ctx, from_tree(resource.model, prior))
    if found is None:
        return None
    state = in_the_words_of(resource.model, prior, _tree(resource, found))
    refuse_violations(_unknowns(state), "read")
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
    if planned is None or state is None:
        return Applied(None)
    try:
        refuse_violations(apply_violations(resource.model, planned, state), "apply")
    except DiagnosticError as error:
        return Applied(without_unknowns(state), error)
    return Applied(state)


def _changed(
    resource: AnyResource,
    ctx: AnyContext,
    prior: Fields | None,
    planned: Fields | None,
    config: Fields | None,
) -> Fields | None:
    model = resource.model
    if planned is None:
        resource.delete(ctx, from_tree(model, prior or {}))
        return None
    plan_ = from_tree(model, planned)
    if prior is None:
        made = resource.create(ctx, plan_)
    else:
        made = resource.update(ctx, from_tree(model, prior), plan_)
    if isinstance(made, model):
        ctx.saved = made
    state = in_the_words_of(model, planned, _tree(resource, made))
    return state | _promises(resource, config, planned)


def _promises(resource: AnyResource, config: Fields | None, planned: Fields) -> Fields:
    """The planned values that nobody configures and no operation changes, except the identity.

    Somebody else may have changed them since the plan; the next refresh shows that.
    """
    return {
        name: planned[name]
        for name, a in attributes(resource.model).items()
        if a.stable
        and known(planned[name])
        and (config or {}).get(name) is None
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
    return Applied(without_unknowns(_filled(planned, salvaged(saved))))


def _filled(planned: Tree, saved: Tree) -> Tree:
    """The plan with what is unknown in it taken from what was saved."""
    if planned is UNKNOWN:
        return saved
    if isinstance(planned, dict) and isinstance(saved, dict):
        return {key: _filled(value, saved.get(key)) for key, value in planned.items()}
    return without_unknowns(planned)


def in_the_words_of(model: type[Model], reference: Fields, state: Fields) -> Fields:
    """The state with values that only say the same otherwise spelled as in the reference."""
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
    before, model = dict(elements(a, reference)), a.model

    def worded(step: Any, element: Fields) -> Fields:
        known_as = before.get(step)
        return in_the_words_of(model, known_as, element) if isinstance(known_as, dict) else element

    return each_element(a, value, worded)


def found(model: type[Model], config: Fields, answer: Fields) -> Fields:
    """What was looked up, with the configured values as they are."""
    state = {
        name: answer[name] if config[name] is None or a.model else config[name]
        for name, a in attributes(model).items()
    }
    refuse_violations([*plan_violations(model, config, None, state), *_unknowns(state)], "read")
    return state


def _unknowns(state: Fields) -> Iterator[Violation]:
    for name, value in state.items():
        if not wholly_known(value):
            yield (name,), "the value is unknown"


def refuse_violations(violations: Iterable[Violation], step: str) -> None:
    """Report broken rules of Terraform as what they are: faults of the provider."""
    found = [f"{spelled(path)}: {text}" for path, text in violations]
    if found:
        raise DiagnosticError(
            f"Provider broke a rule of Terraform in {step}",
            "This is always a fault of the provider; please report it. " + "; ".join(found),
        )

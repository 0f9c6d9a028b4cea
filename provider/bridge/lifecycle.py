"""The life of one managed object, free of messages: validate, plan, apply, read, import.

Everything here takes and returns trees. Failures are raised; what exists in spite of them is
in the context. Protocol: "duties per RPC" of the resource life cycle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from provider.bridge.conform import conform
from provider.bridge.diagnostics import DiagnosticError, Path, Stopped, raise_all, spelled
from provider.bridge.plan import Fields, Planned, planned_state
from provider.bridge.resource import Context, Resource
from provider.bridge.rules import Violation, apply_violations, plan_violations
from provider.bridge.schema import Attribute, Model, attributes, object_type
from provider.bridge.trees import elements, from_tree, to_tree, with_empty_blocks
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
    error: Exception | None = None


def validate(model: type[Model], config: Fields, at: Path = ()) -> None:
    """Refuse, all at once, the known values that break a rule of their attribute."""
    raise_all(list(_problems(model, config, at)))


def _problems(model: type[Model], config: Fields, at: Path) -> Iterator[DiagnosticError]:
    for name, a in attributes(model).items():
        value, path = config[name], (*at, name)
        yield from _across(a, config, path)
        if value is None or value is UNKNOWN:
            continue
        yield from _broken(a, value, path)
        if a.model is not None:
            for step, element in elements(a, value):
                if isinstance(element, dict):
                    inner = path if step is None or a.nesting == "set" else (*path, step)
                    yield from _problems(a.model, element, inner)


def _broken(a: Attribute, value: Tree, path: Path) -> Iterator[DiagnosticError]:
    for check in a.checks:
        if not check.holds(value):
            shown = "(sensitive)" if a.sensitive else f"{value!r:.200}"
            detail = f"`{a.name}` {check.rule}; it is {shown}."
            yield DiagnosticError(f"Invalid value of {a.name}", detail, path)
    counted = a.block and a.nesting in ("list", "set") and wholly_known(value)
    if counted and not a.min_items <= len(value) <= (a.max_items or len(value)):
        detail = f"`{a.name}` blocks: at least {a.min_items}, at most {a.max_items or 'any'}."
        yield DiagnosticError(f"Wrong number of {a.name} blocks", detail, path)


def _across(a: Attribute, config: Fields, path: Path) -> Iterator[DiagnosticError]:
    for rule in a.across:
        values = [config[a.name], *(config[other] for other in rule.others)]
        if all(map(known, values)):
            count = sum(value is not None for value in values)
            if not rule.holds(count, values[0] is not None):
                detail = f"`{a.name}` {rule.rule}."
                yield DiagnosticError("Attributes do not go together", detail, path)


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
    planned = planned_state(model, config, prior, proposed, ctx.formerly_set)
    if prior is not None and ctx.unfinished and planned.state == prior:
        planned = Planned(_reopened(model, prior), [])
    ctx.config = from_tree(model, config)
    before = None if prior is None else from_tree(model, prior)
    if before is not None and planned.replacements:
        resource.check_destroy(ctx, before, replacing=True)
    _check_plan(resource, ctx, before, from_tree(model, planned.state))
    refuse_violations(plan_violations(model, config, prior, planned.state), "plan")
    ctx.formerly_set = frozenset(n for n, v in config.items() if v is not None)
    return planned


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
    return None if found is None else in_the_words_of(resource.model, prior, to_tree(found))


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
    except Exception as error:
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
    ctx.saved = made
    state = in_the_words_of(model, planned, to_tree(made))
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
    return prior if ctx.saved is None else without_unknowns(to_tree(ctx.saved))


def _interrupted(ctx: AnyContext, planned: Fields, saved: Model) -> Applied:
    """A created object that Terraform did not wait for: kept, and to be finished next time."""
    ctx.unfinished = True
    ctx.warn(
        "Interrupted before it was ready",
        "The object exists and is kept in the state. The next apply waits for it and finishes it.",
    )
    return Applied(without_unknowns(_filled(planned, to_tree(saved))))


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
    if a.same is not None:
        return reference if a.same(reference, value) else value
    if a.model is None or a.nesting == "set":
        return value
    before = dict(elements(a, reference))
    after = {
        step: in_the_words_of(a.model, before[step], element)
        if isinstance(element, dict) and isinstance(before.get(step), dict)
        else element
        for step, element in elements(a, value)
    }
    if a.nesting == "single":
        return after[None]
    return after if a.nesting == "map" else list(after.values())


def refuse_violations(violations: Iterable[Violation], step: str) -> None:
    """Report broken rules of Terraform as what they are: faults of the provider."""
    found = [f"{spelled(path)}: {text}" for path, text in violations]
    if found:
        raise DiagnosticError(
            f"Provider broke a rule of Terraform in {step}",
            "This is always a fault of the provider; please report it. " + "; ".join(found),
        )


def upgraded(
    version: int,
    state: dict[str, Any],
    current: int,
    upgraders: Any,
) -> dict[str, Any]:
    """A stored state of an older schema version, brought to the current one step by step."""
    for step in range(version, current):
        upgrade: Callable[[dict[str, Any]], dict[str, Any]] | None = upgraders.get(step)
        if upgrade is None:
            raise DiagnosticError(
                "State cannot be upgraded",
                f"The state has schema version {version}; there is no way from {step} to "
                f"{step + 1}.",
            )
        state = upgrade(state)
    return state


def stored(model: type[Model], state: dict[str, Any]) -> Fields:
    """A stored state as a tree; attributes it lacks are null, ones it has too many dropped."""
    known_names = attributes(model).keys()
    kept = {name: value for name, value in state.items() if name in known_names}
    tree: Fields = conform(object_type(model), kept)
    return with_empty_blocks(model, tree)


def generated_config(resource: AnyResource, state: Fields) -> Fields:
    """The configuration that describes a state: what the practitioner can set of it."""
    own = resource.generated_config(from_tree(resource.model, state))
    config = {
        name: state[name] if (a.required or a.optional) and not a.deprecated else None
        for name, a in attributes(resource.model).items()
    }
    tree: Fields = conform(object_type(resource.model), config | dict(own))
    return with_empty_blocks(resource.model, tree)

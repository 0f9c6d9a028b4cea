"""Corners of planning, checking and storing, each on a small provider of its own."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from provider.bridge import (
    UNKNOWN,
    Action,
    Context,
    DiagnosticError,
    Dynamic,
    Model,
    Provider,
    Resource,
    between,
    block,
    computed,
    conflicts_with,
    each,
    if_configured,
    if_known,
    known,
    length,
    messages,
    optional,
    replaced,
    required,
    service,
)
from provider.bridge.attribute import Attribute
from provider.bridge.diagnostics import Stopped
from provider.bridge.pb import tfplugin6_pb2 as pb
from provider.bridge.schema import attributes, object_type
from provider.bridge.testing import Harness, Managed, Refused, encoded


class Disk(Model):
    slot: int = required("Where it is.", replace=True)
    label: str | None = optional("What is on it.", same=lambda a, b: a.lower() == b.lower())


class Secrets(Model):
    pin: str | None = optional("Four digits.", check=length(4))


class Thing(Model):
    id: str = computed("Its name.", stable=True)
    name: str | None = optional("A name.")
    zone: str | None = optional("Where.", computed=True, replace=if_configured)
    kind: str | None = optional("Which kind.", replace=if_known)
    ratio: float | None = optional("A number.")
    shares: list[Decimal] | None = optional("Numbers.", check=each(between(1, 5)))
    mode: str | None = optional("A word.", default="auto", same=lambda a, b: a.lower() == b.lower())
    uuid: str | None = optional("Instead of disks.", check=conflicts_with("disk"))
    color: str = required("What it looked like once.", create_only=True)
    secrets: Secrets | None = optional("Nobody sees them.", sensitive=True)
    any: Any = optional("A value of any type.")
    labels: frozenset[Disk] | None = optional("Disks in no order.")
    disk: list[Disk] = block("Disks in order.")
    boot: Disk | None = block("The first disk.", min_items=0)


class ThingResource(Resource[None, Thing]):
    """A thing, kept in the state alone."""

    name = "thing"
    model = Thing
    identity = ("id",)
    fault: BaseException | None = None
    spelling: Any = staticmethod(lambda thing: thing)

    def create(self, ctx: Context[None, Thing], plan: Thing) -> Thing:
        made = replaced(plan, id="1", zone=plan.zone if known(plan.zone) else "z")
        ctx.save(made)
        return self.spelling(self._behaved(ctx, made))

    def read(self, ctx: Context[None, Thing], prior: Thing) -> Thing | None:
        return self.spelling(prior)

    def update(self, ctx: Context[None, Thing], prior: Thing, plan: Thing) -> Thing:
        return self._behaved(ctx, replaced(plan, zone=plan.zone if known(plan.zone) else "z"))

    def delete(self, ctx: Context[None, Thing], prior: Thing) -> None:
        pass

    def import_state(self, ctx: Context[None, Thing], id_: str) -> Thing:
        return Thing(id=id_, mode="AUTO", color="red", zone="z", disk=[])

    def _behaved(self, ctx: Context[None, Thing], made: Thing) -> Thing:
        if self.fault is not None:
            raise self.fault
        match made.name:
            case "odd warning":
                ctx.warn("Careful", ValueError("odd"), ["name", 3.5])  # type: ignore[arg-type]
            case "odd error":
                raise DiagnosticError("Bad", KeyError("x"), ["name"])  # type: ignore[arg-type]
            case "circle":
                ctx.private["me"] = ctx.private
        return made


class Things(Provider[None, Model]):
    """Things."""

    name = "things"
    version = "1"
    model = Model
    resources = (ThingResource,)

    def configure(self, config: Model, log: Any) -> Any:
        return object()


@pytest.fixture
def thing() -> Managed[Thing]:
    harness = Harness(Things())
    harness.configure()
    return harness.resource(ThingResource)


def resource(thing: Managed[Thing]) -> Any:
    return thing.harness.host.parts["resources"]["things_thing"]


@pytest.mark.parametrize("name", ["odd warning", "odd error", "circle"])
def test_whatever_an_author_passes_the_object_is_kept(thing: Managed[Thing], name: str) -> None:
    try:
        thing.apply(name=name, color="red")
    except Refused as refusal:
        assert name == "odd error"
        assert "'x'" in refusal.diagnostics[0].detail

    assert thing.state is not None
    assert thing.state.id == "1"


def test_what_is_no_model_cannot_be_saved() -> None:
    with pytest.raises(TypeError, match="no model"):
        Context[None, Any](None).save({"id": "1"})


def test_a_value_nobody_configures_replaces_nothing(thing: Managed[Thing]) -> None:
    thing.apply(name="a", color="red")

    plan = thing.plan(name="b", color="red")

    assert plan.state is not None
    assert plan.state["zone"] is UNKNOWN
    assert plan.replacements == []
    assert thing.plan(zone=UNKNOWN, color="red").replacements == ["zone"]


def test_only_a_known_other_value_replaces_where_that_is_asked(thing: Managed[Thing]) -> None:
    thing.apply(kind="a", color="red")

    assert thing.plan(kind=UNKNOWN, color="red").replacements == []
    assert thing.plan(kind="b", color="red").replacements == ["kind"]


@pytest.mark.parametrize(
    "config", [{"disk": [{"slot": 1}, {"slot": 2}]}, {"boot": {"slot": 1}, "disk": [{"slot": 1}]}]
)
def test_a_nested_object_that_is_added_counts_as_a_change(
    thing: Managed[Thing], config: dict[str, Any]
) -> None:
    thing.apply(color="red", disk=[{"slot": 1}])

    assert thing.plan(color="red", **config).replacements == [
        "boot" if "boot" in config else "disk"
    ]
    assert thing.plan(color="red", disk=[]).replacements == []


def test_a_number_beyond_floats_is_kept_as_it_is_written(thing: Managed[Thing]) -> None:
    exact = Decimal(1) / Decimal(3)

    made = thing.apply(ratio=exact, color="red")

    assert made.ratio == 1 / 3
    assert thing.tree is not None
    assert thing.tree["ratio"] == exact
    thing.refresh()
    assert thing.plan(ratio=exact, color="red").state == thing.tree


def test_another_spelling_of_a_default_is_no_difference(thing: Managed[Thing]) -> None:
    thing.import_state("1")

    assert thing.plan(color="red").state == thing.tree


def test_another_spelling_inside_a_set_is_no_difference(thing: Managed[Thing]) -> None:
    resource(thing).spelling = lambda made: replaced(
        made, labels=frozenset(replaced(d, label=d.label.upper()) for d in made.labels)
    )
    labels = [{"slot": 1, "label": "a"}, {"slot": 2, "label": "b"}]

    thing.apply(color="red", labels=labels)
    thing.refresh()

    assert thing.plan(color="red", labels=labels).state == thing.tree


def test_a_required_value_may_count_at_creation_only(thing: Managed[Thing]) -> None:
    thing.apply(color="red")

    assert thing.plan(color="blue").state == thing.tree


def test_a_value_takes_in_others_of_any_type(thing: Managed[Thing]) -> None:
    resource(thing).spelling = lambda made: replaced(made, any=made.any)
    given = Dynamic(object_type(Disk), {"slot": 1, "label": None})

    made = thing.apply(color="red", any={"disk": given, "more": [given]})

    assert made.any.value == {"disk": given.value, "more": [given.value]}


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"shares": [Decimal("0.5")]}, "shares"),
        ({"uuid": "u", "disk": [{"slot": 1}]}, "uuid"),
        ({"secrets": {"pin": "no"}}, "secrets"),
    ],
)
def test_a_broken_rule_is_refused(
    thing: Managed[Thing], config: dict[str, Any], place: str
) -> None:
    with pytest.raises(Refused) as refusal:
        thing.plan(color="red", **config)

    (said,) = refusal.value.diagnostics
    assert said.attribute.steps[0].attribute_name == place
    assert "'no'" not in said.detail


@pytest.mark.parametrize("config", [{"shares": [1, Decimal("4.5"), UNKNOWN]}, {"uuid": "u"}])
def test_what_keeps_the_rules_is_not(thing: Managed[Thing], config: dict[str, Any]) -> None:
    thing.plan(color="red", **config)


def test_what_a_failed_apply_was_to_remove_is_removed_by_the_next(thing: Managed[Thing]) -> None:
    class Removing(Model):
        id: str = computed("Its name.", stable=True)
        tags: list[str] | None = optional("Tags.", when_removed=[])

    class RemovingResource(ThingResource):
        model = Removing  # type: ignore[assignment]

        def create(self, ctx: Any, plan: Any) -> Any:
            return replaced(plan, id="1", tags=plan.tags or [])

        def update(self, ctx: Any, prior: Any, plan: Any) -> Any:
            return self._behaved(ctx, replaced(plan, tags=plan.tags))

        def _behaved(self, ctx: Any, made: Any) -> Any:
            if self.fault is not None:
                raise self.fault
            return made

    class Removals(Things):
        resources = (RemovingResource,)  # type: ignore[assignment]

    harness = Harness(Removals())
    harness.configure()
    removing: Managed[Any] = harness.resource(RemovingResource)
    removing.apply(tags=["a"])
    resource(removing).fault = OSError("busy")
    with pytest.raises(Refused):
        removing.apply()
    resource(removing).fault = None

    assert removing.plan().state == {"id": "1", "tags": []}
    assert removing.apply().tags == []
    assert removing.plan().state == removing.tree


def test_an_object_that_is_gone_leaves_nothing_to_the_next(thing: Managed[Thing]) -> None:
    plan = thing.plan(name="a", color="red")
    kept = Context[None, Any](None)
    kept.private, kept.unfinished, kept.formerly_set = {"a": 1}, True, frozenset({"zone"})
    config = encoded(Thing, {"name": "a", "color": "red"})

    again = thing.harness.ask(
        "PlanResourceChange",
        type_name="things_thing",
        proposed_new_state=config,
        config=config,
        prior_private=kept.private_bytes(),
    )

    assert messages.tree(Thing, again.planned_state) == plan.state
    assert again.planned_private == plan.private


def test_an_interruption_is_known_to_the_operation_that_finishes(thing: Managed[Thing]) -> None:
    resource(thing).fault = Stopped()
    harness, config = thing.harness, {"name": "a", "color": "red"}
    plan = thing.plan(**config)
    answer = harness.answer(
        "ApplyResourceChange",
        type_name="things_thing",
        planned_state=messages.value(plan.state),
        config=encoded(Thing, config),
        planned_private=plan.private,
    )

    assert [d.severity for d in answer.diagnostics] == [pb.Diagnostic.WARNING]
    assert Context[None, Any](None, private=answer.private).unfinished


def test_a_provider_block_that_is_not_known_yet_is_no_fault() -> None:
    class Folder(Model):
        path: str = required("A folder.")

    class Careless(Provider[Path, Folder]):
        name = "careless"
        version = "1"
        model = Folder

        def configure(self, config: Folder, log: Any) -> Path:
            return Path(config.path)

    harness = Harness(Careless(), path="/tmp")
    assert harness.host.api == Path("/tmp")

    harness.ask("ConfigureProvider", config=encoded(Folder, {"path": UNKNOWN}))

    assert harness.host.api is None


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: required("It is.", default="x"),
        lambda: required("It is.", when_removed="x"),
        lambda: required("It is.", computed=True),
    ],
)
def test_a_required_attribute_has_no_other_value(wrong: Any) -> None:
    with pytest.raises(TypeError, match="required"):
        wrong()


class Inner(Model):
    tags: list[str] | None = optional("Tags.", when_removed=[])


@pytest.mark.parametrize(
    ("annotation", "word", "said"),
    [
        (dict[str, Disk], block("Disks.", min_items=1), "check=length"),
        (Inner, optional("Inside."), "when_removed"),
        (frozenset[list[str]], optional("Lists."), "no sets of lists"),
    ],
)
def test_what_cannot_be_is_refused_where_it_is_declared(
    annotation: Any, word: Attribute, said: str
) -> None:
    model = type("Wrong", (Model,), {"__annotations__": {"wrong": annotation}, "wrong": word})

    with pytest.raises(TypeError, match=said):
        attributes(model)


def test_a_single_block_that_has_to_be_there_is_there_once() -> None:
    class Needy(Model):
        boot: Disk = block("The first disk.", min_items=1)

    (told,) = messages.schema(Needy).block.block_types
    assert (told.min_items, told.max_items) == (1, 1)


def test_a_model_is_ready_for_all_who_use_it_first() -> None:
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    for _ in range(200):
        model: Any = type("Fresh", (Thing,), {"__annotations__": {}})
        seen: list[Any] = []
        begin = threading.Barrier(4)

        def use(model: Any = model, begin: Any = begin, seen: list[Any] = seen) -> None:
            begin.wait()
            try:
                object_type(model)
                seen.append(model._converted)
            except AttributeError as error:
                seen.append(error)

        threads = [threading.Thread(target=use) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not [s for s in seen if isinstance(s, AttributeError)]
    sys.setswitchinterval(usual)


def test_an_action_that_leaves_the_process_only_fails(thing: Managed[Thing]) -> None:
    class Leaving(Action[None, Model]):
        name = "leaving"
        model = Model

        def invoke(self, ctx: Context[None, Model], config: Model) -> Iterator[str]:
            yield "begun"
            raise SystemExit(3)

    class Leavers(Things):
        actions = (Leaving,)

    harness = Harness(Leavers())
    harness.configure()
    request = pb.InvokeAction.Request(action_type="things_leaving", config=encoded(Model, {}))

    *_, last = service.stream(harness.host, "InvokeAction", request, pb.InvokeAction.Event)

    (said,) = last.completed.diagnostics
    assert "SystemExit: 3" in said.detail

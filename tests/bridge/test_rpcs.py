"""Every RPC over a real gRPC channel, with messages that the bridge did not make."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import grpc
import msgpack
import pytest

from provider.bridge import service
from provider.bridge.pb import go_plugin_pb2, health_pb2
from provider.bridge.pb import tfplugin6_pb2 as pb
from tests.bridge.channel import UNKNOWN, Client, plain, told, value, wire
from tests.toy.others import joined
from tests.toy.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from provider.bridge.host import Host
    from provider.bridge.testing import Harness

RESOURCES = ["toy_form", "toy_memo", "toy_note", "toy_shape", "toy_trouble"]
ALL = sorted(pb.DESCRIPTOR.services_by_name["Provider"].methods_by_name)
STATE_STORES = [name for name in ALL if "State" in name and "Resource" not in name]
SERVED = [name for name in ALL if name not in STATE_STORES]
UNSET_NOTE: dict[str, Any] = dict.fromkeys(
    [
        "id",
        "title",
        "kind",
        "shelf",
        "rank",
        "color",
        "revision",
        "lines",
        "labels",
        "copied_from",
        "secret",
        "secret_version",
        "email",
        "phone",
        "label",
        "writer",
        "timeouts",
    ]
)


UNSET_SHAPE = [
    "id",
    "ratio",
    "speed",
    "anything",
    "matrix",
    "words",
    "pair",
    "center",
    "points",
    "spots",
    "named",
    "extent",
    "head",
]


def note(**attributes: Any) -> Any:
    return value(**UNSET_NOTE | attributes)


def raw(**attributes: Any) -> pb.RawState:
    return pb.RawState(json=json.dumps(attributes).encode())


def existing(folder: Path, id_: str = "n1", **content: Any) -> str:
    stored = {"title": "t", "kind": "plain", "color": "white", "revision": 1, "label": "default"}
    (folder / f"{id_}.json").write_text(json.dumps(stored | content))
    return id_


def test_the_schema_is_complete(client: Client) -> None:
    schema = client.ask("GetProviderSchema")

    assert not schema.diagnostics
    assert sorted(schema.resource_schemas) == RESOURCES
    assert list(schema.data_source_schemas) == ["toy_note"]
    assert list(schema.ephemeral_resource_schemas) == ["toy_ticket"]
    assert list(schema.list_resource_schemas) == ["toy_note"]
    assert list(schema.action_schemas) == ["toy_stamp"]
    assert sorted(schema.functions) == ["described", "divided", "joined", "lengths"]
    assert schema.provider_meta.block.attributes[0].name == "module"
    assert schema.server_capabilities.plan_destroy
    assert schema.resource_schemas["toy_note"].version == 2
    assert schema.resource_schemas["toy_note"].block.description == "A note.\n\nKept as a file."


def test_every_schema_has_a_block(client: Client) -> None:
    schema = client.ask("GetProviderSchema")

    maps = [schema.resource_schemas, schema.data_source_schemas, schema.list_resource_schemas]
    assert all(s.HasField("block") for found in maps for s in found.values())
    assert schema.provider.HasField("block")


def test_attributes_say_who_sets_them(client: Client) -> None:
    block = client.ask("GetProviderSchema").resource_schemas["toy_note"].block

    flags = {a.name: (a.required, a.optional, a.computed) for a in block.attributes}
    assert flags["title"] == (True, False, False)
    assert flags["shelf"] == (False, True, False)
    assert flags["color"] == (False, True, True)
    assert flags["revision"] == (False, False, True)
    secret = next(a for a in block.attributes if a.name == "secret")
    phone = next(a for a in block.attributes if a.name == "phone")
    assert (secret.write_only, secret.sensitive) == (True, True)
    assert (phone.deprecated, phone.deprecation_message) == (True, "Use email.")


def test_nested_attributes_and_blocks_have_their_nesting(client: Client) -> None:
    block = client.ask("GetProviderSchema").resource_schemas["toy_shape"].block

    nested = {a.name: a.nested_type.nesting for a in block.attributes if not a.type}
    blocks = {b.type_name: (b.nesting, b.max_items) for b in block.block_types}
    assert nested == {"center": 1, "points": 2, "spots": 3, "named": 4, "extent": 1}
    assert blocks == {"head": (1, 0), "corner": (2, 3), "hole": (3, 0), "side": (4, 0)}
    types = {a.name: json.loads(a.type) for a in block.attributes if a.type}
    assert types["pair"] == ["tuple", ["string", "number"]]
    assert types["matrix"] == ["list", ["list", "number"]]
    assert types["anything"] == "dynamic"


def test_the_metadata_names_what_the_schema_has(client: Client) -> None:
    metadata = client.ask("GetMetadata")

    assert [r.type_name for r in metadata.resources] == RESOURCES
    assert [a.type_name for a in metadata.actions] == ["toy_stamp"]
    assert [r.type_name for r in metadata.list_resources] == ["toy_note"]


def test_identity_schemas_are_told(client: Client) -> None:
    answer = client.ask("GetResourceIdentitySchemas")

    (attribute,) = answer.identity_schemas["toy_note"].identity_attributes
    assert (attribute.name, attribute.required_for_import) == ("id", True)
    assert sorted(answer.identity_schemas) == ["toy_memo", "toy_note"]


@pytest.mark.parametrize("rpc", STATE_STORES)
def test_what_is_not_served_says_so(client: Client, rpc: str) -> None:
    method = client.method("Provider", rpc) if rpc != "WriteStateBytes" else None
    if method is None:
        return

    with pytest.raises(grpc.RpcError) as error:
        answer = method(getattr(pb, REQUESTS.get(rpc, rpc)).Request())
        list(answer)

    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


REQUESTS = {"ValidateStateStoreConfig": "ValidateStateStore"}


@pytest.mark.parametrize("rpc", SERVED)
def test_an_empty_request_is_answered(client: Client, rpc: str) -> None:
    answer = client.ask(rpc)

    assert answer is not None


@pytest.mark.parametrize(
    "rpc", [r for r in SERVED if "type_name" in getattr(pb, r).Request.DESCRIPTOR.fields_by_name]
)
def test_an_unknown_type_is_an_error_and_no_failure_of_the_call(client: Client, rpc: str) -> None:
    answer = client.ask(rpc, type_name="toy_nothing")

    if isinstance(answer, list):
        assert [d.summary for event in answer for d in event.diagnostic] == ["Unknown type"]
    else:
        assert told(answer) == ["Unknown type"]


def test_an_unknown_action_is_completed_with_an_error(client: Client) -> None:
    (event,) = client.ask("InvokeAction", action_type="toy_nothing")

    assert [d.summary for d in event.completed.diagnostics] == ["Unknown type"]


def test_an_unknown_function_is_an_error(client: Client) -> None:
    assert "Unknown function" in client.ask("CallFunction", name="nothing").error.text


@pytest.mark.parametrize("data", [b"\xc1", b"\x81", b"\x01", b"\x91\x01", b"\x81\xd4\0\0\xc0"])
def test_bytes_that_are_no_value_are_an_error(configured: Client, data: bytes) -> None:
    message = pb.DynamicValue(msgpack=data)

    answer = configured.ask("ReadResource", type_name="toy_note", current_state=message)

    assert [d.severity for d in answer.diagnostics] == [pb.Diagnostic.ERROR]
    assert told(answer) != ["Unexpected error in the provider"]


def test_a_value_may_come_as_json(client: Client, tmp_path: Path) -> None:
    message = pb.DynamicValue(json=json.dumps({"folder": str(tmp_path)}).encode())

    assert not client.ask("ConfigureProvider", config=message).diagnostics


def test_the_harness_works_over_a_channel(remote: Harness) -> None:
    from tests.toy.note import NoteResource

    note = remote.resource(NoteResource)
    made = note.apply(title="a", lines=[{"text": "x"}])

    assert made.revision == 1


def test_a_relative_folder_is_refused_on_its_attribute(client: Client) -> None:
    answer = client.ask("ValidateProviderConfig", config=value(folder="here", label=None))

    assert told(answer) == ["Relative folder"]
    assert answer.diagnostics[0].attribute.steps[0].attribute_name == "folder"


def test_a_hook_that_meets_an_unknown_value_is_put_off(client: Client) -> None:
    answer = client.ask("ValidateProviderConfig", config=value(folder=UNKNOWN, label=None))

    assert not answer.diagnostics


@pytest.mark.parametrize(
    ("attributes", "summaries", "names"),
    [
        ({"title": ""}, ["Invalid value of title"], ["title"]),
        ({}, ["Missing required argument"], ["title"]),
        ({"title": "a", "id": "x"}, ["Read-only attribute is set"], ["id"]),
        (
            {"color": "blue", "title": ""},
            ["Invalid value of title", "Invalid value of color"],
            ["title", "color"],
        ),
        ({"color": UNKNOWN, "title": UNKNOWN}, [], []),
        ({"title": "a", "rank": "1.5"}, ["Value of the wrong type"], ["rank"]),
        ({"title": "a", "email": "a", "phone": "b"}, ["Attributes do not go together"], ["email"]),
        ({"title": "a", "email": "a", "phone": UNKNOWN}, [], []),
        ({"title": "a", "secret": "x"}, ["Attributes do not go together"], ["secret"]),
        ({"title": "a", "labels": ["a", "b", "c", "d"]}, ["Invalid value of labels"], ["labels"]),
        (
            {"title": "a", "timeouts": {"create": "soon", "update": None}},
            ["Invalid value of timeouts.create"],
            ["timeouts", "create"],
        ),
        (
            {"title": "a", "lines": [{"text": "a", "style": "odd", "number": None}]},
            ["Invalid value of lines[0].style"],
            ["lines", 0, "style"],
        ),
    ],
)
def test_what_is_wrong_by_itself_is_refused_in_its_place(
    client: Client, attributes: dict[str, Any], summaries: list[str], names: list[Any]
) -> None:
    answer = client.ask(
        "ValidateResourceConfig",
        type_name="toy_note",
        config=note(**attributes),
        client_capabilities={"write_only_attributes_allowed": True},
    )

    steps = [
        s.attribute_name or s.element_key_int for d in answer.diagnostics for s in d.attribute.steps
    ]
    assert (told(answer), steps) == (summaries, names)


def test_a_write_only_value_needs_a_terraform_that_knows_them(client: Client) -> None:
    config = note(title="a", secret="x", secret_version=1)

    answer = client.ask("ValidateResourceConfig", type_name="toy_note", config=config)

    assert told(answer) == ["Write-only attributes are not supported"]


def test_a_nested_write_only_value_needs_it_too(client: Client) -> None:
    point = {"name": "a", "x": None, "color": None, "hidden": "x", "distance": None}
    shape = dict.fromkeys(
        [
            "id",
            "ratio",
            "speed",
            "anything",
            "matrix",
            "words",
            "pair",
            "center",
            "spots",
            "named",
            "extent",
            "head",
        ]
    )
    config = value(**shape | {"points": [point]}, corner=[], hole=[], side={})

    answer = client.ask("ValidateResourceConfig", type_name="toy_shape", config=config)

    assert told(answer) == ["Write-only attributes are not supported"]
    assert [s.element_key_int for s in answer.diagnostics[0].attribute.steps][1] == 0


def test_a_rule_that_looks_into_an_unknown_value_is_put_off(client: Client) -> None:
    shape = dict.fromkeys(UNSET_SHAPE) | {"words": {"a": UNKNOWN}}
    config = value(**shape, corner=[], hole=[], side={})

    answer = client.ask("ValidateResourceConfig", type_name="toy_shape", config=config)

    assert not answer.diagnostics


def test_a_list_warns_at_its_end(configured: Client, tmp_path: Path) -> None:
    existing(tmp_path, title="DAMAGED")

    events = configured.ask("ListResource", type_name="toy_note", config=value(color=None))

    assert [d.summary for event in events for d in event.diagnostic] == ["Damaged note"]


def test_a_ticket_without_an_end_is_not_renewed(configured: Client) -> None:
    config = value(owner="forever", code=None)

    opened = configured.ask("OpenEphemeralResource", type_name="toy_ticket", config=config)

    assert not opened.HasField("renew_at")


def test_too_many_blocks_are_refused(client: Client) -> None:
    shape = dict.fromkeys(
        [
            "id",
            "ratio",
            "speed",
            "anything",
            "matrix",
            "words",
            "pair",
            "center",
            "points",
            "spots",
            "named",
            "extent",
            "head",
        ]
    )
    corner = {"name": "a", "size": None, "mark": []}
    config = value(**shape, corner=[corner] * 4, hole=[], side={})

    answer = client.ask("ValidateResourceConfig", type_name="toy_shape", config=config)

    assert told(answer) == ["Wrong number of corner blocks"]


def test_an_old_state_is_upgraded_step_by_step(client: Client) -> None:
    answer = client.ask(
        "UpgradeResourceState",
        type_name="toy_note",
        version=0,
        raw_state=raw(id="1", name="old", gone=1),
    )

    upgraded = plain(answer.upgraded_state)
    assert (upgraded["title"], upgraded["color"]) == ("old", "white")
    assert set(upgraded) == set(UNSET_NOTE)


@pytest.mark.parametrize(
    ("state", "summary"),
    [
        (pb.RawState(json=b"[]"), "Value could not be decoded"),
        (pb.RawState(json=b"{"), "Value could not be decoded"),
        (pb.RawState(json=b'{"title": 1}'), "Value of the wrong type"),
        (pb.RawState(json=b'{"rank": NaN}'), "Value could not be decoded"),
        (pb.RawState(flatmap={"a": "b"}), "State is too old"),
    ],
)
def test_a_state_that_is_none_is_refused(client: Client, state: Any, summary: str) -> None:
    answer = client.ask("UpgradeResourceState", type_name="toy_note", version=2, raw_state=state)

    assert told(answer) == [summary]


def test_a_state_without_a_way_up_is_refused(client: Client) -> None:
    answer = client.ask(
        "UpgradeResourceState", type_name="toy_note", version=-1, raw_state=raw(id="1")
    )

    assert told(answer) == ["State cannot be upgraded"]


def test_a_stored_dynamic_value_keeps_its_type(client: Client) -> None:
    stored = raw(id="shape", anything={"type": ["list", "string"], "value": ["a"]})

    answer = client.ask("UpgradeResourceState", type_name="toy_shape", version=0, raw_state=stored)

    assert plain(answer.upgraded_state)["anything"] == [b'["list","string"]', ["a"]]


def test_an_old_identity_is_upgraded(client: Client) -> None:
    answer = client.ask(
        "UpgradeResourceIdentity", type_name="toy_note", version=0, raw_identity=raw(name="1")
    )

    assert plain(answer.upgraded_identity.identity_data) == {"id": "1"}


def test_an_object_is_imported_by_identity(configured: Client, tmp_path: Path) -> None:
    existing(tmp_path)
    identity = pb.ResourceIdentityData(identity_data=value(id="n1"))

    answer = configured.ask("ImportResourceState", type_name="toy_note", identity=identity)

    (imported,) = answer.imported_resources
    assert plain(imported.state)["id"] == "n1"
    assert plain(imported.identity.identity_data) == {"id": "n1"}


def test_the_identity_is_told_with_every_state(configured: Client, tmp_path: Path) -> None:
    existing(tmp_path)
    state = note(id="n1", title="t", kind="plain", color="white", revision=1, labels=[])
    config = note(title="t")
    change = {"type_name": "toy_note", "prior_state": state, "config": config}

    read = configured.ask("ReadResource", type_name="toy_note", current_state=state)
    plan = configured.ask("PlanResourceChange", **change, proposed_new_state=state)
    applied = configured.ask("ApplyResourceChange", **change, planned_state=plan.planned_state)

    told = (read.new_identity, plan.planned_identity, applied.new_identity)
    assert [plain(identity.identity_data) for identity in told] == [{"id": "n1"}] * 3


def test_an_import_of_nothing_is_refused(configured: Client) -> None:
    identity = pb.ResourceIdentityData(identity_data=value(id="n1"))

    answer = configured.ask("ImportResourceState", type_name="toy_note", identity=identity)

    assert told(answer) == ["No such note"]


def test_a_resource_without_identity_is_not_imported(configured: Client) -> None:
    answer = configured.ask("ImportResourceState", type_name="toy_shape", id="x")

    assert told(answer) == ["Import is not supported"]


def test_an_object_of_another_type_moves_in(client: Client) -> None:
    answer = client.ask(
        "MoveResourceState",
        source_type_name="toy_memo",
        target_type_name="toy_note",
        source_state=raw(id="7", text="memo"),
        source_private=b"{}",
    )

    assert plain(answer.target_state)["title"] == "memo"
    assert plain(answer.target_identity.identity_data) == {"id": "7"}
    assert answer.target_private == b"{}"


@pytest.mark.parametrize("target", ["toy_note", "toy_shape"])
def test_an_object_that_fits_nowhere_does_not_move(client: Client, target: str) -> None:
    answer = client.ask(
        "MoveResourceState", source_type_name="x", target_type_name=target, source_state=raw(id="7")
    )

    assert told(answer) == ["Resource cannot be moved"]


def test_a_generated_configuration_has_what_can_be_set(client: Client) -> None:
    line = {"text": "a", "style": "bold", "number": 3}
    state = note(id="1", title="a", kind="plain", phone="1", revision=2, lines=[line])

    answer = client.ask("GenerateResourceConfig", type_name="toy_note", state=state)

    config = plain(answer.config)
    assert {k: v for k, v in config.items() if v is not None} == {
        "title": "a",
        "lines": [line | {"number": None}],
    }


def test_a_data_source_keeps_what_is_configured(configured: Client, tmp_path: Path) -> None:
    existing(tmp_path, title="found")

    answer = configured.ask(
        "ReadDataSource", type_name="toy_note", config=value(id="n1", title=None, color=None)
    )

    assert plain(answer.state) == {"id": "n1", "title": "found", "color": "white"}
    assert told(answer) == ["Looked up"]


def test_a_data_source_that_finds_nothing_is_an_error(configured: Client) -> None:
    answer = configured.ask(
        "ReadDataSource", type_name="toy_note", config=value(id="n1", title=None, color=None)
    )

    assert told(answer) == ["No such note"]


def call(client: Client, name: str, *arguments: Any) -> Any:
    return client.ask("CallFunction", name=name, arguments=[wire(a) for a in arguments])


def test_functions_describe_themselves(client: Client) -> None:
    functions = client.ask("GetFunctions").functions

    joined = functions["joined"]
    assert joined.summary == "The words, joined."
    assert joined.parameters[0].allow_null_value
    assert joined.variadic_parameter.name == "words"
    assert joined.deprecation_message == "Use the function join."
    assert functions["described"].parameters[0].allow_unknown_values
    assert json.loads(getattr(functions["lengths"], "return").type) == ["map", "number"]


@pytest.mark.parametrize(
    ("name", "arguments", "result"),
    [
        ("joined", ["-", "a", None, "b"], "a-b"),
        ("joined", [None], ""),
        ("divided", ["0.3", 3], "0.1"),
        ("divided", [6, 3], 2),
        ("lengths", [["a", "bb"]], {"a": 1, "bb": 2}),
        ("described", [[b'"string"', "x"]], "str"),
        ("described", [UNKNOWN], "not known yet"),
        ("described", [[b'["list","string"]', [UNKNOWN]]], "list"),
    ],
)
def test_functions_are_called(client: Client, name: str, arguments: list[Any], result: Any) -> None:
    answer = call(client, name, *arguments)

    assert not answer.HasField("error")
    assert plain(answer.result) == result


@pytest.mark.parametrize(
    ("name", "arguments", "argument"),
    [
        ("divided", [1, 0], 1),
        ("divided", [1, "1.5"], 1),
        ("divided", [1, 2, 3], 2),
        ("divided", ["x", 1], None),
        ("lengths", [["bug"]], None),
        ("lengths", [["key"]], None),
    ],
)
def test_a_function_refuses_arguments(
    client: Client, name: str, arguments: list[Any], argument: int | None
) -> None:
    error = call(client, name, *arguments).error

    assert error.text
    assert (error.function_argument if error.HasField("function_argument") else None) == argument


def test_an_ephemeral_resource_is_opened_renewed_and_closed(
    configured: Client, tmp_path: Path
) -> None:
    config = value(owner="me", code=None)
    opened = configured.ask("OpenEphemeralResource", type_name="toy_ticket", config=config)
    renewed = configured.ask(
        "RenewEphemeralResource", type_name="toy_ticket", private=opened.private
    )
    closed = configured.ask(
        "CloseEphemeralResource", type_name="toy_ticket", private=renewed.private
    )

    assert plain(opened.result) == {"owner": "me", "code": "me-code"}
    assert opened.HasField("renew_at")
    assert renewed.renew_at.seconds > opened.renew_at.seconds
    assert not closed.diagnostics
    assert list(tmp_path.iterdir()) == []


def test_objects_are_listed(configured: Client, tmp_path: Path) -> None:
    for id_, color in (("a", "red"), ("b", "white"), ("c", "white")):
        existing(tmp_path, id_, color=color, title=id_.upper())

    events = configured.ask("ListResource", type_name="toy_note", config=value(color="white"))

    assert [e.display_name for e in events] == ["B", "C"]
    assert [plain(e.identity.identity_data) for e in events] == [{"id": "b"}, {"id": "c"}]
    assert not events[0].HasField("resource_object")


def test_a_list_ends_at_its_limit(configured: Client, tmp_path: Path) -> None:
    for id_ in "abc":
        existing(tmp_path, id_)

    events = configured.ask(
        "ListResource",
        type_name="toy_note",
        config=value(color=None),
        limit=2,
        include_resource_object=True,
    )

    assert [plain(e.resource_object)["id"] for e in events] == ["a", "b"]


def test_a_list_that_nobody_reads_ends(configured: Client, tmp_path: Path, host: Host) -> None:
    for number in range(1000):
        existing(tmp_path, f"{number:04}")
    request = pb.ListResource.Request(type_name="toy_note", config=value(color=None))

    events = configured.method("Provider", "ListResource")(request)
    next(events)
    events.cancel()

    assert not configured.ask("GetMetadata").diagnostics


def test_a_wrong_list_filter_is_refused_inside_config(client: Client) -> None:
    answer = client.ask(
        "ValidateListResourceConfig", type_name="toy_note", config=value(color="blue")
    )

    assert [s.attribute_name for s in answer.diagnostics[0].attribute.steps] == ["config", "color"]


def test_an_action_reports_its_progress_and_completes(configured: Client) -> None:
    config = value(text="paid", times=2)

    plan = configured.ask("PlanAction", action_type="toy_stamp", config=config)
    events = configured.ask("InvokeAction", action_type="toy_stamp", config=config)

    assert told(plan) == ["Stamping"]
    assert [e.progress.message for e in events[:-1]] == ["stamped 1", "stamped 2"]
    assert events[-1].WhichOneof("type") == "completed"


def test_a_failing_action_completes_once_with_its_error(configured: Client) -> None:
    config = value(text="broken", times=None)

    (event,) = configured.ask("InvokeAction", action_type="toy_stamp", config=config)

    assert [d.summary for d in event.completed.diagnostics] == ["Stamp broke"]


def test_an_action_can_be_planned_before_its_values_are_known(configured: Client) -> None:
    config = value(text=UNKNOWN, times=UNKNOWN)

    assert told(configured.ask("PlanAction", action_type="toy_stamp", config=config)) == [
        "Stamping"
    ]


def test_what_a_module_says_of_itself_reaches_the_resource(configured: Client) -> None:
    answer = configured.ask(
        "ApplyResourceChange",
        type_name="toy_note",
        prior_state=wire(None),
        planned_state=note(title="a", color="white", revision=UNKNOWN, writer=UNKNOWN),
        config=note(title="a"),
        provider_meta=value(module="mine"),
    )

    assert plain(answer.new_state)["writer"] == "mine"


class TestBeforeTheConfigurationIsKnown:
    """What is answered while the provider block depends on values that are not known yet."""

    @pytest.fixture
    def unconfigured(self, client: Client) -> Client:
        answer = client.ask("ConfigureProvider", config=value(folder=UNKNOWN, label=None))
        assert not answer.diagnostics
        return client

    def test_a_read_says_what_to_do(self, unconfigured: Client) -> None:
        answer = unconfigured.ask("ReadResource", type_name="toy_note", current_state=note(id="1"))

        assert told(answer) == ["Provider configuration not known yet"]

    @pytest.mark.parametrize(
        ("rpc", "fields", "answered"),
        [
            ("ReadResource", {"type_name": "toy_note", "current_state": note(id="1")}, "new_state"),
            (
                "ReadDataSource",
                {"type_name": "toy_note", "config": value(id="1", title=None, color=None)},
                "state",
            ),
            (
                "OpenEphemeralResource",
                {"type_name": "toy_ticket", "config": value(owner="a", code=None)},
                "result",
            ),
        ],
    )
    def test_an_answer_is_put_off_where_terraform_allows_it(
        self, unconfigured: Client, rpc: str, fields: dict[str, Any], answered: str
    ) -> None:
        answer = unconfigured.ask(rpc, **fields, client_capabilities={"deferral_allowed": True})

        assert not answer.diagnostics
        assert answer.deferred.reason == pb.Deferred.PROVIDER_CONFIG_UNKNOWN
        assert plain(getattr(answer, answered))

    @pytest.mark.parametrize("allowed", [False, True])
    def test_a_plan_is_made_and_put_off_only_if_allowed(
        self, unconfigured: Client, allowed: bool
    ) -> None:
        answer = unconfigured.ask(
            "PlanResourceChange",
            type_name="toy_note",
            prior_state=wire(None),
            config=note(title="a"),
            proposed_new_state=note(title="a"),
            client_capabilities={"deferral_allowed": allowed},
        )

        assert not answer.diagnostics
        assert answer.HasField("deferred") is allowed

    def test_an_apply_is_never_put_off(self, unconfigured: Client) -> None:
        answer = unconfigured.ask(
            "ApplyResourceChange",
            type_name="toy_note",
            prior_state=wire(None),
            planned_state=note(title="a"),
            config=note(title="a"),
        )

        assert told(answer) == ["Provider configuration not known yet"]


def test_a_refined_unknown_value_is_unknown(client: Client) -> None:
    refined = msgpack.ExtType(12, msgpack.packb({1: False, 2: "n"}))

    answer = client.ask(
        "ValidateResourceConfig", type_name="toy_note", config=note(title=refined, color=refined)
    )

    assert not answer.diagnostics


def test_the_services_of_a_go_plugin_answer(client: Client) -> None:
    health = client.method("Health", "Check")(health_pb2.HealthCheckRequest(service="plugin"))
    watched = list(client.method("Health", "Watch")(health_pb2.HealthCheckRequest()))
    broker = list(client.method("GRPCBroker", "StartStream")(iter([go_plugin_pb2.ConnInfo()])))

    assert health.status == watched[0].status == health_pb2.HealthCheckResponse.SERVING
    assert broker == []


def test_a_message_of_more_than_64_mib_passes(client: Client) -> None:
    big = "x" * (65 << 20)

    answer = call(client, "joined", None, big)

    assert len(plain(answer.result)) == len(big)


def test_a_list_ends_when_nobody_listens(host: Host, tmp_path: Path) -> None:
    existing(tmp_path)
    host.api = Store(tmp_path, "")
    request = pb.ListResource.Request(type_name="toy_note", config=value(color=None))

    events = service.stream(host, "ListResource", request, lambda: False)

    assert list(events) == []


def test_a_function_is_still_a_function() -> None:
    assert joined("-", "a", "b") == "a-b"

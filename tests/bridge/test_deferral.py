"""Answers that are put off, where Terraform allows it, and errors where it does not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from provider.bridge.pb import tfplugin6_pb2 as pb
from tests.bridge.channel import UNKNOWN, plain, told, value, wire

if TYPE_CHECKING:
    from tests.bridge.channel import Client

IDENTITY = pb.ResourceIdentityData(identity_data=value(id="later"))
FOUND: dict[str, Any] = {"id": "later", "title": None, "color": None}
WISHES: list[tuple[str, dict[str, Any], str, Any]] = [
    (
        "ReadResource",
        {"type_name": "toy_memo", "current_state": value(id="later", text="x")},
        "new_state",
        {"id": "later", "text": "x"},
    ),
    ("ReadDataSource", {"type_name": "toy_note", "config": value(**FOUND)}, "state", FOUND),
    (
        "OpenEphemeralResource",
        {"type_name": "toy_ticket", "config": value(owner="later", code=None)},
        "result",
        {"owner": "later", "code": None},
    ),
    (
        "PlanResourceChange",
        {
            "type_name": "toy_memo",
            "prior_state": wire(None),
            "proposed_new_state": value(id=None, text="later"),
            "config": value(id=None, text="later"),
        },
        "planned_state",
        {"id": UNKNOWN, "text": "later"},
    ),
]
IMPORT: dict[str, Any] = {"type_name": "toy_memo", "identity": IDENTITY}
each_wish = pytest.mark.parametrize(
    ("rpc", "fields", "answered", "meanwhile"), WISHES, ids=[wish[0] for wish in WISHES]
)


@each_wish
def test_a_part_puts_its_answer_off(
    configured: Client, rpc: str, fields: dict[str, Any], answered: str, meanwhile: Any
) -> None:
    answer = configured.ask(rpc, **fields, client_capabilities={"deferral_allowed": True})

    assert not answer.diagnostics
    assert answer.deferred.reason == pb.Deferred.ABSENT_PREREQ
    assert plain(getattr(answer, answered)) == meanwhile


@each_wish
@pytest.mark.parametrize("capabilities", [None, {"deferral_allowed": False}])
def test_a_terraform_that_cannot_wait_is_told_why(
    configured: Client,
    rpc: str,
    fields: dict[str, Any],
    answered: str,
    meanwhile: Any,
    capabilities: Any,
) -> None:
    answer = configured.ask(rpc, **fields, client_capabilities=capabilities)

    assert told(answer) == ["Not yet"]
    assert not answer.HasField("deferred")


def test_an_import_is_put_off(configured: Client) -> None:
    answer = configured.ask(
        "ImportResourceState", **IMPORT, client_capabilities={"deferral_allowed": True}
    )

    assert answer.deferred.reason == pb.Deferred.ABSENT_PREREQ
    assert not answer.imported_resources
    assert told(configured.ask("ImportResourceState", **IMPORT)) == ["Not yet"]


def test_an_action_waits_for_the_provider_block_alone(configured: Client) -> None:
    answer = configured.ask(
        "PlanAction",
        action_type="toy_stamp",
        config=value(text="paid", times=3),
        client_capabilities={"deferral_allowed": True},
    )

    assert told(answer) == ["Not yet"]
    assert not answer.HasField("deferred")


@pytest.mark.parametrize("allowed", [False, True])
def test_an_action_is_put_off_while_the_provider_block_is_unknown(
    client: Client, allowed: bool
) -> None:
    client.ask("ConfigureProvider", config=value(folder=UNKNOWN, label=None))

    answer = client.ask(
        "PlanAction",
        action_type="toy_stamp",
        config=value(text="paid", times=1),
        client_capabilities={"deferral_allowed": allowed},
    )

    assert answer.HasField("deferred") is allowed
    assert told(answer) == ["Stamping"]

"""The client sends what the drives API document shows, and reads what it shows as an answer."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from provider.api.drives import definition
from tests.contract.scripted import answer, http

EXAMPLES = Path(__file__).parents[1] / "data" / "examples"
NOT_SHOWN = {"uuid": "u", "status": "creating"}


def example(number):
    (file,) = EXAMPLES.glob(f"{number:02}-*.json")
    return json.loads(file.read_text())


def uuid_of(shown):
    return shown["request"]["path"].split("/")[4]


def reply(shown):
    response = shown["response"] or {"status": 201, "body": {"objects": [NOT_SHOWN]}}
    if response["body"] is None:
        return http(response["status"], Content_Type="text/html; charset=utf-8")
    return answer(response["status"], response["body"])


def lists(client, shown):
    fields = shown["request"]["query"].get("fields")
    collection = client.collection(shown["request"]["path"].split("/")[3])
    detail = shown["request"]["path"].endswith("/detail/")
    return collection.list(fields=fields and fields.split(","), detail=detail)


def gets(client, shown):
    return client.collection(shown["request"]["path"].split("/")[3]).find(uuid_of(shown))


def creates(client, shown):
    collection = client.collection(shown["request"]["path"].split("/")[3])
    return collection.create(shown["request"]["body"])


def edits(client, shown):
    collection = client.collection(shown["request"]["path"].split("/")[3])
    return collection.edit(uuid_of(shown), shown["request"]["body"])


def deletes(client, shown):
    return client.collection(shown["request"]["path"].split("/")[3]).delete(uuid_of(shown))


def resizes(client, shown):
    return client.collection("drives").action(uuid_of(shown), "resize", shown["request"]["body"])


def clones(client, shown):
    return client.drives.clone(uuid_of(shown), shown["request"]["body"])


CALLS = {
    1: lists,
    2: lists,
    3: lists,
    4: gets,
    5: creates,
    6: creates,
    7: creates,
    8: creates,
    9: edits,
    10: resizes,
    11: deletes,
    13: clones,
    14: creates,
    15: clones,
    16: clones,
    17: lists,
    18: gets,
    19: creates,
    20: edits,
    21: deletes,
}


@pytest.mark.parametrize(("number", "call"), CALLS.items())
def test_a_call_is_the_documented_exchange(server, client, number, call):
    shown = example(number)
    server.replies(reply(shown))

    result = call(client, shown)

    sent = server.received[0]
    target = urlsplit(sent.target)
    assert (sent.method, target.path) == (shown["request"]["method"], shown["request"]["path"])
    assert dict(parse_qsl(target.query)) == shown["request"]["query"]
    assert (sent.json if sent.body else None) == shown["request"]["body"]
    assert result == unwrapped(shown)


def unwrapped(shown):
    """What the documented answer amounts to once it is unwrapped, without keys that are null."""
    if shown["response"] is None:
        return NOT_SHOWN
    body = shown["response"]["body"]
    if body is None:
        return None
    records = [
        {key: value for key, value in record.items() if value is not None}
        for record in body.get("objects", [body])
    ]
    return records if {"objects", "meta"} <= body.keys() else records[0]


@pytest.mark.parametrize("number", [3, 4, 6, 7, 9, 10, 13, 14, 15, 16])
def test_every_documented_drive_has_a_definition_to_send_back(server, client, number):
    body = example(number)["response"]["body"]
    drive = body.get("objects", [body])[0]
    server.replies(answer(200, drive))

    sent = definition(client.drives.find(drive["uuid"]))

    assert sent.keys() >= {"name", "media", "size", "meta", "tags", "storage_type"}
    assert sent["tags"] == [ref["uuid"] for ref in drive["tags"]]


def test_a_change_sends_the_whole_definition(server, client):
    before = example(4)["response"]["body"] | {"tags": [{"uuid": "t", "resource_uri": "/x/"}]}
    server.replies(answer(200, before), answer(200, before))

    client.drives.edit(before["uuid"], {"name": "renamed"})

    assert server.received[1].json == {
        "affinities": before["affinities"],
        "allow_multimount": before["allow_multimount"],
        "media": before["media"],
        "meta": before["meta"],
        "name": "renamed",
        "size": before["size"],
        "storage_type": before["storage_type"],
        "tags": ["t"],
    }

"""Which drives share a storage host: two shapes of answer, and none that is neither."""

from __future__ import annotations

import pytest

from provider.api.client import Client
from provider.api.errors import Malformed
from tests.contract.scripted import ScriptedServer, answer, refusal

WEB, DATA, OTHER = "web", "data", "other"


def test_all_groups_are_lists_of_uuids(client: Client, server: ScriptedServer) -> None:
    server.replies(answer(200, [[WEB, DATA], [OTHER]]))

    assert client.drives.availability_groups() == [[WEB, DATA], [OTHER]]


def test_the_group_of_a_drive_is_one_list(client: Client, server: ScriptedServer) -> None:
    server.replies(answer(200, [WEB, DATA]))

    assert client.drives.availability_group(WEB) == [WEB, DATA]


def test_a_drive_that_does_not_exist_has_no_group(client: Client, server: ScriptedServer) -> None:
    server.replies(refusal(404, "notexist"))

    assert client.drives.availability_group(WEB) is None


@pytest.mark.parametrize("body", [{"objects": []}, "web", [WEB], None])
def test_an_answer_without_groups_is_malformed(
    client: Client, server: ScriptedServer, body: object
) -> None:
    server.replies(*[answer(200, body)] * 6)

    with pytest.raises(Malformed, match="holds no groups of drives"):
        client.drives.availability_groups()

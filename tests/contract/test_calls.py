"""The client's calls: what they send, what they make of answers, and what they repeat."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from provider.adoption import token_of
from provider.api import errors
from provider.api.client import Client
from provider.api.drives import definition
from tests.contract.scripted import Recorder, Stopped, answer, cut, http, refusal, reset

LOST = cut()
ABSENT = {"meta": {"total_count": 0}, "objects": []}


def sent(server):
    return [(request.method, request.target) for request in server.received]


def posts(server):
    return [request for request in server.received if request.method == "POST"]


@pytest.fixture
def tags(client):
    return client.collection("tags")


@pytest.mark.parametrize("body", [{"uuid": "U1"}, {"objects": [{"uuid": "U1"}]}])
def test_an_object_is_found_wrapped_or_bare(server, tags, body):
    server.replies(answer(200, body))

    assert tags.find("u1") == {"uuid": "U1"}
    assert sent(server) == [("GET", "/api/2.0/tags/u1/")]


def test_absence_is_what_the_api_says(server, tags):
    server.replies(refusal(404, "notexist"))

    assert tags.find("u1") is None


@pytest.mark.parametrize("reply", [http(404, b"<h1>Not here</h1>"), answer(404, {"detail": "?"})])
def test_a_404_of_something_else_is_an_error_at_once(server, tags, reply):
    server.replies(reply)

    with pytest.raises(errors.Malformed):
        tags.find("u1")


@pytest.mark.parametrize(
    "body", [None, [], "text", {"objects": []}, {"objects": 7}, {"objects": [1]}]
)
def test_an_answer_without_an_object_is_malformed(server, client, body):
    server.replies(*[answer(200, body)] * 6)

    with pytest.raises(errors.Malformed, match="holds no object"):
        client.get("profile/")


def test_an_answer_about_another_object_is_malformed(server, tags):
    server.replies(*[answer(200, {"uuid": "other"})] * 6)

    with pytest.raises(errors.Malformed, match="another object"):
        tags.find("u1")


def test_a_hostile_name_stays_one_segment(server, tags):
    server.replies(refusal(404, "notexist"))

    assert tags.find("../../x?y") is None
    assert sent(server) == [("GET", "/api/2.0/tags/..%2F..%2Fx%3Fy/")]


@pytest.mark.parametrize(
    ("arguments", "target"),
    [
        ({}, "/api/2.0/tags/detail/?limit=0"),
        ({"detail": False}, "/api/2.0/tags/?limit=0"),
        ({"fields": ["uuid", "status"]}, "/api/2.0/tags/?limit=0&fields=uuid,status"),
        ({"name": "a,b"}, "/api/2.0/tags/detail/?limit=0&name=a%5C,b"),
        ({"uuid": ["a", "b"], "tag": "t"}, "/api/2.0/tags/detail/?limit=0&uuid=a,b&tag=t"),
    ],
)
def test_a_list_asks_for_everything_at_once(server, tags, arguments, target):
    server.replies(answer(200, {"meta": {"total_count": 1}, "objects": [{"uuid": "a"}]}))

    assert tags.list(**arguments) == [{"uuid": "a"}]
    assert sent(server) == [("GET", target)]


def pages(total, *pages):
    """The answers to a list that comes in pages of objects with these UUIDs."""
    bodies = [[{"uuid": uuid} for uuid in page] for page in pages]
    return [answer(200, {"meta": {"total_count": total}, "objects": body}) for body in bodies]


def test_a_list_is_read_page_after_page_where_the_server_insists(server, tags):
    server.replies(*pages(4, "ab", "c", "d"))

    assert [record["uuid"] for record in tags.list()] == ["a", "b", "c", "d"]
    assert [target.partition("&")[2] for _, target in sent(server)] == ["", "offset=2", "offset=3"]


def test_what_two_pages_hold_is_listed_once(server, tags):
    server.replies(*pages(3, "ab", "Bc"))

    assert [record["uuid"] for record in tags.list()] == ["a", "B", "c"]


@pytest.mark.parametrize(
    "second", ["", "ab", "b"], ids=["empty", "the first again", "a part of the first"]
)
def test_a_list_whose_rest_does_not_come_is_malformed(server, tags, second):
    server.replies(*pages(9, "ab", *[second] * 6))

    with pytest.raises(errors.Malformed, match="nothing new"):
        tags.list()


def test_a_list_without_uuids_is_read_page_after_page_too(server, client):
    bodies = [{"meta": {"total_count": 2}, "objects": [{"name": name}]} for name in "ab"]
    server.replies(*[answer(200, body) for body in bodies])

    assert client.collection("licenses").list() == [{"name": "a"}, {"name": "b"}]


def test_a_stop_ends_a_list_between_its_pages(server, client):
    server.replies(*pages(10**9, "a", "b", "c"))

    with pytest.raises(Stopped):
        client.during(Recorder(stop_at=1)).collection("tags").list()

    assert len(server.received) == 2


def test_a_list_ends_with_the_time_for_it(server, client):
    server.replies(*pages(10**9, "a", "b"))

    with pytest.raises(errors.AnswerLost, match="not complete"):
        client.during(Recorder(time=0.0)).collection("tags").list()

    assert len(server.received) == 1


def test_a_creation_is_not_sent_again_after_half_a_look(server, tags):
    server.replies(LOST, *pages(2, "a", *[""] * 6))

    with pytest.raises(errors.AnswerLost):
        tags.create({}, look=lambda: next(iter(tags.list()), None))

    assert len(posts(server)) == 1


@pytest.mark.parametrize("meta", [{}, {"meta": None}, {"meta": {"total_count": None}}])
def test_a_list_without_a_count_is_complete(server, tags, meta):
    server.replies(answer(200, {**meta, "objects": [{"uuid": "a"}]}))

    assert tags.list() == [{"uuid": "a"}]


@pytest.mark.parametrize("count", ["many", "50", 2.0, True, [1]], ids=str)
def test_a_count_that_is_none_is_malformed(server, tags, count):
    server.replies(*[answer(200, {"meta": {"total_count": count}, "objects": []})] * 6)

    with pytest.raises(errors.Malformed, match="how many"):
        tags.list()


@pytest.mark.parametrize("body", [None, [], {}, {"objects": None}, {"objects": [1]}])
def test_a_list_of_something_else_is_malformed(server, tags, body):
    server.replies(*[answer(200, body)] * 6)

    with pytest.raises(errors.Malformed, match="holds no list"):
        tags.list()


def test_a_created_object_is_unwrapped(server, tags):
    server.replies(answer(201, {"objects": [{"uuid": "u"}]}))

    assert tags.create({"name": "x"}, query={"avoid": "a,b"}) == {"uuid": "u"}
    assert sent(server) == [("POST", "/api/2.0/tags/?avoid=a,b")]
    assert server.received[0].json == {"name": "x"}


def test_an_edit_puts_its_body(server, tags):
    server.replies(answer(200, {"uuid": "u"}))

    assert tags.edit("u", {"name": "y"}) == {"uuid": "u"}
    assert sent(server) == [("PUT", "/api/2.0/tags/u/")]
    assert server.received[0].json == {"name": "y"}


@pytest.mark.parametrize("reply", [http(204), answer(200, {}), refusal(404, "notexist")])
def test_a_deletion_succeeds_also_when_there_is_nothing_to_delete(server, tags, reply):
    server.replies(reply)

    tags.delete("u")

    assert sent(server) == [("DELETE", "/api/2.0/tags/u/")]


def test_a_deletion_is_repeated_when_its_answer_is_lost(server, tags):
    server.replies(reset, refusal(404, "notexist"))

    tags.delete("u")

    assert len(server.received) == 2


def test_a_refused_deletion_is_an_error(server, tags):
    server.replies(refusal(403, "permission", "The drive is in use"))

    with pytest.raises(errors.PermissionDenied, match="The drive is in use"):
        tags.delete("u")


def test_an_action_never_has_an_empty_body(server, client):
    server.replies(answer(202, {"action": "stop", "uuid": "s"}))

    client.collection("servers").action("s", "stop", query={"avoid": "x"})

    assert sent(server) == [("POST", "/api/2.0/servers/s/action/?do=stop&avoid=x")]
    assert server.received[0].json == {}


def test_repeats_are_counted_and_spaced(server, tags, operation):
    server.replies(*[http(502, b"<h1>Bad Gateway</h1>")] * 6)

    with pytest.raises(errors.ServerFault, match="Bad Gateway"):
        tags.find("u")

    assert len(server.received) == 6
    assert operation.pauses == [0.5, 1, 2, 4, 8]


def test_a_lost_answer_is_asked_for_again_at_once(server, tags, operation):
    server.replies(reset, LOST, answer(200, {"uuid": "u"}))

    assert tags.find("u")
    assert operation.pauses == [0, 1]


def test_a_waiting_time_given_by_the_server_is_kept(server, tags, operation):
    server.replies(
        refusal(429, "concurrency", Retry_After="7"),
        refusal(503, "concurrency", Retry_After="2"),
        answer(201, {"objects": [{"uuid": "u"}]}),
    )

    assert tags.create({})
    assert operation.pauses == [7.5, 3]


def test_concurrency_is_waited_out_even_by_a_post(server, tags, operation):
    server.replies(*[refusal(503, "concurrency")] * 20, answer(201, {"uuid": "u"}))

    assert tags.create({})
    assert max(operation.pauses) == 15


def test_failures_are_counted_by_kind(server, tags):
    busy, broken = refusal(503, "concurrency"), http(502)
    server.replies(*[busy] * 8, broken, *[busy] * 8, broken, answer(200, {"uuid": "u"}))

    assert tags.find("u")


def test_a_lack_of_capacity_is_shown_after_a_few_tries(server, tags):
    server.replies(*[refusal(503, "backend", "We currently cannot provide enough")] * 4)

    with pytest.raises(errors.OutOfCapacity, match="We currently cannot provide enough"):
        tags.create({})

    assert len(server.received) == 4


@pytest.mark.parametrize("status", [400, 401, 402, 403, 405, 406])
def test_a_refusal_is_final(server, tags, status):
    server.replies(refusal(status, "unknown"))

    with pytest.raises(errors.ApiError):
        tags.find("u")

    assert len(server.received) == 1


def test_an_unreachable_server_is_tried_again(server, client, operation):
    server.close()

    with pytest.raises(errors.Unreachable):
        client.get("profile/")

    assert len(operation.pauses) == 5


def test_no_repeat_crosses_the_deadline(server, transport):
    operation = Recorder(time=2.0)
    server.replies(*[http(502)] * 3)

    with pytest.raises(errors.ServerFault):
        Client(transport, random=lambda: 0.5).during(operation).get("profile/")

    assert operation.pauses == [0.5, 1]


def test_a_stop_ends_the_repeats(server, transport):
    operation = Recorder(stop_at=1)
    server.replies(http(502), http(502))

    with pytest.raises(Stopped):
        Client(transport).during(operation).get("profile/")

    assert len(server.received) == 2


UNCERTAIN = {
    "lost": LOST,
    "reset": reset,
    "bad gateway": http(502, b"<h1>Bad Gateway</h1>"),
    "fault": refusal(500, "backend"),
    "timeout": http(504),
    "unavailable": http(503, b"<h1>Maintenance</h1>"),
    "truncated": http(201, b'{"objects": [{"uu'),
    "half a head": cut(b"HTTP/1.1 201 Created\r\nContent-Ty"),
    "empty": http(201),
    "nothing inside": answer(201, {"objects": []}),
}


@pytest.mark.parametrize("reply", UNCERTAIN.values(), ids=UNCERTAIN)
def test_an_uncertain_creation_is_looked_for_before_any_pause(server, tags, operation, reply):
    server.replies(reply, answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}
    assert len(posts(server)) == 1
    assert operation.pauses == []


@pytest.mark.parametrize("reply", UNCERTAIN.values(), ids=UNCERTAIN)
def test_an_uncertain_creation_that_had_no_effect_is_sent_again(server, tags, operation, reply):
    absent = refusal(404, "notexist")
    server.replies(reply, absent, absent, answer(201, {"objects": [{"uuid": "u"}]}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}
    assert len(posts(server)) == 2
    assert operation.pauses == [1.5]


def test_a_creation_that_shows_late_is_found_by_the_second_look(server, tags):
    server.replies(LOST, refusal(404, "notexist"), answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}
    assert len(posts(server)) == 1


@pytest.mark.parametrize("reply", UNCERTAIN.values(), ids=UNCERTAIN)
def test_an_uncertain_creation_that_cannot_be_looked_for_fails(server, tags, reply):
    server.replies(reply)

    with pytest.raises((errors.AnswerLost, errors.Malformed, errors.ServerFault)):
        tags.create({})

    assert len(server.received) == 1


def test_an_uncertain_creation_whose_look_fails_is_not_sent_again(server, tags):
    server.replies(LOST, refusal(403, "permission"))

    with pytest.raises(errors.AnswerLost) as caught:
        tags.create({}, look=lambda: tags.find("u"))

    assert isinstance(caught.value.__cause__, errors.PermissionDenied)
    assert len(posts(server)) == 1


def test_an_uncertain_creation_is_looked_for_even_after_the_deadline(server, transport):
    tags = Client(transport).during(Recorder(time=0.0)).collection("tags")
    server.replies(LOST, answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}


REFUSED = {
    "busy": refusal(429, "concurrency", Retry_After="3"),
    "conflict": refusal(503, "concurrency"),
    "full": refusal(503, "backend"),
}


@pytest.mark.parametrize("second", REFUSED.values(), ids=REFUSED)
def test_a_creation_that_was_uncertain_once_is_looked_for_after_a_sure_failure(
    server, tags, second
):
    absent = refusal(404, "notexist")
    server.replies(LOST, absent, absent, second, absent, answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}
    assert len(posts(server)) == 2


@pytest.mark.parametrize("second", REFUSED.values(), ids=REFUSED)
def test_a_creation_that_surely_failed_is_not_looked_for(server, tags, second):
    server.replies(second, answer(201, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}
    assert len(server.received) == 2


def test_a_creation_that_was_uncertain_once_is_looked_for_before_it_fails(server, tags):
    absent, broke = refusal(404, "notexist"), refusal(402, "billing")
    server.replies(LOST, absent, absent, broke, answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}


@pytest.mark.parametrize(("first", "unsure"), [([LOST], True), ([], False)], ids=["lost", "sure"])
def test_a_failure_says_whether_an_earlier_attempt_may_have_acted(server, tags, first, unsure):
    absent = refusal(404, "notexist")
    server.replies(*[r for lost in first for r in (lost, absent, absent)], refusal(402, "billing"))
    server.replies(absent)

    with pytest.raises(errors.BillingFailed) as caught:
        tags.create({}, look=lambda: tags.find("u"))

    assert caught.value.unsure is unsure


def test_an_edit_is_repeated_without_a_look(server, tags):
    server.replies(LOST, answer(200, {"uuid": "u"}))

    assert tags.edit("u", {})


def test_capabilities_are_asked_once_by_however_many_threads(server, client):
    server.replies(answer(200, {"drives": {}}))

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: client.during(Recorder()).capabilities(), range(8)))

    assert found == [{"drives": {}}] * 8
    assert len(server.received) == 1


def test_capabilities_that_failed_are_asked_again(server, client):
    server.replies(refusal(403, "permission"), answer(200, {"drives": {}}))

    with pytest.raises(errors.PermissionDenied):
        client.capabilities()

    assert client.capabilities() == {"drives": {}}


def test_capabilities_that_fail_fail_for_all_who_wait(server, client):
    asked, waiting = threading.Event(), threading.Barrier(5)

    def refused(connection):
        asked.set()
        waiting.wait(10)
        refusal(403, "permission")(connection)

    class Waiting(Recorder):
        """An operation that is seen to wait for its turn."""

        def pause(self, seconds):
            if not self.pauses:
                waiting.wait(10)
            super().pause(seconds)

    server.replies(refused, *[answer(200, {"drives": {}})] * 5)
    with ThreadPoolExecutor(5) as pool:
        first = pool.submit(client.capabilities)
        asked.wait(10)
        others = [pool.submit(client.during(Waiting()).capabilities) for _ in range(4)]

    assert all(isinstance(f.exception(), errors.PermissionDenied) for f in (first, *others))
    assert len(server.received) == 1
    assert client.capabilities() == {"drives": {}}


@pytest.fixture
def held(client):
    """The name of a lock that another thread holds until the test is over."""
    taken, done = threading.Event(), threading.Event()

    def hold():
        with client.alone("drives/u/"):
            taken.set()
            done.wait()

    with ThreadPoolExecutor(1) as pool:
        pool.submit(hold)
        taken.wait()
        yield "drives/u/"
        done.set()


BROKEN_DRIVES = {
    "holds no uuid": {"status": "unmounted"},
    "holds no status": {"uuid": "u", "status": None},
    "whose uuid cannot": {"uuid": 7, "status": "unmounted"},
    "whose size cannot": {"uuid": "u", "status": "unmounted", "size": "big"},
    "whose iops cannot": {"uuid": "u", "status": "unmounted", "iops": True},
    "whose allow_multimount cannot": {"uuid": "u", "status": "unmounted", "allow_multimount": 1},
    "whose meta cannot": {"uuid": "u", "status": "unmounted", "meta": []},
    "whose tags cannot": {"uuid": "u", "status": "unmounted", "tags": [{"name": "t"}]},
    "whose mounted_on cannot": {"uuid": "u", "status": "unmounted", "mounted_on": ["u"]},
}


@pytest.mark.parametrize(("reason", "body"), BROKEN_DRIVES.items(), ids=BROKEN_DRIVES)
def test_a_drive_with_impossible_values_is_malformed(server, client, reason, body):
    server.replies(*[answer(200, body)] * 6)

    with pytest.raises(errors.Malformed, match=reason):
        client.drives.find("u")


def test_a_list_with_an_impossible_drive_is_malformed(server, client):
    whole = {"uuid": "u", "status": "unmounted"}
    server.replies(*[answer(200, {"objects": [whole, {**whole, "size": []}]})] * 6)

    with pytest.raises(errors.Malformed, match="whose size cannot"):
        client.drives.list()


def test_a_list_with_half_a_drive_is_malformed(server, client):
    server.replies(*[answer(200, {"objects": [{"uuid": "u", "status": None}]})] * 6)

    with pytest.raises(errors.Malformed, match="holds no status"):
        client.drives.list()


BROKEN_TAGS = {
    "holds no uuid": {"name": "t"},
    "whose uuid cannot": {"uuid": 7, "name": "t"},
    "whose name cannot": {"uuid": "u", "name": ["t"]},
    "whose meta cannot": {"uuid": "u", "name": "t", "meta": []},
    "whose resources cannot": {"uuid": "u", "name": "t", "resources": 7},
}


@pytest.mark.parametrize(("reason", "body"), BROKEN_TAGS.items(), ids=BROKEN_TAGS)
def test_a_tag_with_impossible_values_is_malformed(server, tags, reason, body):
    server.replies(answer(201, {"objects": [body]}), *[answer(200, {"objects": [body]})] * 6)

    with pytest.raises(errors.Malformed, match=reason):
        tags.create({})
    with pytest.raises(errors.Malformed, match=reason):
        tags.list()


@pytest.mark.parametrize("uuid", [None, ""])
def test_a_created_tag_without_a_uuid_is_looked_for(server, tags, uuid):
    server.replies(answer(201, {"uuid": uuid, "name": "t"}), answer(200, {"uuid": "u"}))

    assert tags.create({}, look=lambda: tags.find("u")) == {"uuid": "u"}


def test_a_drive_may_lack_all_that_is_optional(server, client):
    bare = {"uuid": "u", "status": "mounted", "new_key": [1]}
    server.replies(answer(200, bare))

    found = client.drives.find("u")

    assert found == bare
    assert definition(found) == {}
    assert client.drives.servers_of(found) == []


NULLS = dict.fromkeys(("name", "meta", "tags", "jobs", "mounted_on", "size", "owner", "runtime"))


def test_a_key_that_is_null_is_absent(server, client):
    drive = {"uuid": "u", "status": "unmounted"}
    server.replies(answer(200, {**drive, **NULLS}), answer(200, {"objects": [{**drive, **NULLS}]}))

    assert client.drives.find("u") == drive
    assert client.drives.list() == [drive]
    assert token_of(drive) is None


def test_waiting_for_another_change_ends_at_the_deadline(client, held):
    with (
        pytest.raises(errors.WaitTimeout, match="another change"),
        client.during(Recorder(time=0.0)).alone(held),
    ):
        pass


def test_waiting_for_another_change_can_be_stopped(client, held):
    with pytest.raises(Stopped), client.during(Recorder(stop_at=0)).alone(held):
        pass


def test_changes_to_other_objects_do_not_wait(client, held):
    with client.alone("drives/other/"):
        pass

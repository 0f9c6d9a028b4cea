"""The rules of drives and their neighbors that the checklist does not reach."""

from __future__ import annotations

from typing import Any

import pytest

from simulator import Settings, Switches, listing
from simulator.records import Drive, Server
from simulator.world import World

GIB = 2**30
DRIVE = {"name": "a", "media": "disk", "size": GIB}
SERVER = {"name": "web", "cpu": 1000, "mem": GIB, "vnc_password": "secret"}


def made(api: Any, collection: str, body: Any) -> dict[str, Any]:
    answer = api.post(collection, body)
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()["objects"][0]
    return found


def refused(answer: Any) -> tuple[int, str, str | None]:
    problem = answer.json()[0]
    return answer.status_code, problem["error_type"], problem["error_point"]


def disk(uuid: str) -> dict[str, Any]:
    return {"drive": uuid, "dev_channel": "0:0", "device": "virtio", "boot_order": 1}


# drives


@pytest.mark.parametrize("size", [1073741825, 1073741824 + 16384, 1073758208])
def test_sizes_grow_to_the_next_multiple_of_16_kib(api: Any, size: int) -> None:
    assert made(api, "drives/", {**DRIVE, "size": size})["size"] == 1073758208


def test_a_drive_does_not_shrink(api: Any) -> None:
    uuid = api.seeded(size=2 * GIB)

    by_put = api.put(f"drives/{uuid}/", DRIVE)
    by_resize = api.post(f"drives/{uuid}/action/?do=resize", DRIVE)

    assert {refused(by_put), refused(by_resize)} == {(400, "validation", "size")}


def test_a_drive_below_the_limits_keeps_its_size(api: Any) -> None:
    uuid = api.seeded(size=100 * 2**20)

    renamed = api.put(f"drives/{uuid}/", {**DRIVE, "name": "b", "size": 100 * 2**20})
    grown = api.put(f"drives/{uuid}/", {**DRIVE, "size": 200 * 2**20})

    assert (renamed.status_code, grown.status_code) == (200, 400)


def test_a_drive_may_be_resized_on_a_stopped_server(api: Any) -> None:
    uuid = api.seeded()
    api.mounted(uuid, "stopped")

    api.put(f"drives/{uuid}/", {**DRIVE, "size": 2 * GIB})

    drive = api.settled(uuid)
    assert (drive["size"], drive["status"]) == (2 * GIB, "mounted")


def test_the_resize_action_accepts_what_a_running_server_allows(api: Any) -> None:
    uuid = api.seeded()
    api.mounted(uuid)

    answer = api.post(f"drives/{uuid}/action/?do=resize", {**DRIVE, "name": "b"})

    drive = answer.json()["objects"][0]
    assert (answer.status_code, drive["name"], drive["status"]) == (202, "b", "mounted")


def test_a_smaller_size_is_dropped_silently_on_a_running_server(api: Any) -> None:
    uuid = api.seeded(size=2 * GIB)
    api.mounted(uuid)

    assert api.put(f"drives/{uuid}/", DRIVE).json()["size"] == 2 * GIB


def test_a_drive_on_a_running_server_is_not_deleted(api: Any) -> None:
    uuid = api.seeded()
    api.mounted(uuid)

    assert refused(api.delete(f"drives/{uuid}/")) == (403, "permission", None)


def test_a_bulk_delete_deletes_all_or_nothing(api: Any) -> None:
    good, bad = api.seeded(), api.seeded()
    api.mounted(bad)

    answer = api.delete("drives/", {"objects": [{"uuid": good}, {"uuid": bad}]})

    assert (answer.status_code, api.drive(good)["status"]) == (403, "unmounted")


@pytest.mark.parametrize("body", [{}, {"objects": []}, [], {"objects": [{"id": "x"}]}])
def test_a_collection_is_not_deleted_without_names(api: Any, body: Any) -> None:
    uuid = api.seeded()

    assert api.delete("drives/", body).status_code == 400
    assert api.drive(uuid)["status"] == "unmounted"


def test_a_deleted_drive_answers_404_to_a_second_delete(api: Any) -> None:
    uuid = api.seeded()
    api.delete(f"drives/{uuid}/")

    assert refused(api.delete(f"drives/{uuid}/")) == (404, "notexist", None)


def test_a_deleted_drive_leaves_its_server_tags_record_and_snapshots(api: Any) -> None:
    uuid = api.seeded()
    server = api.mounted(uuid, "stopped")
    tag = api.tag(resources=(uuid,))
    api.post("driveusers/", {"drive": uuid, "amount": 1})
    snapshot = made(api, "snapshots/", {"drive": uuid})["uuid"]

    api.delete(f"drives/{uuid}/")
    api.get(f"drives/{uuid}/")

    assert api.get(f"servers/{server}/").json()["drives"] == []
    assert api.get(f"tags/{tag}/").json()["resources"] == []
    assert api.get(f"driveusers/{uuid}/").status_code == 404
    assert api.get(f"snapshots/{snapshot}/").status_code == 404


def test_a_busy_drive_refuses_everything_but_reading(api: Any) -> None:
    uuid = made(api, "drives/", DRIVE)["uuid"]

    answers = [
        api.put(f"drives/{uuid}/", DRIVE),
        api.post(f"drives/{uuid}/action/?do=resize", DRIVE),
        api.post(f"drives/{uuid}/action/?do=clone", {}),
        api.delete(f"drives/{uuid}/"),
    ]

    assert {refused(answer) for answer in answers} == {(503, "concurrency", None)}


def test_an_unknown_action_is_refused(api: Any) -> None:
    uuid = api.seeded()

    answers = [api.post(f"drives/{uuid}/action/{do}", {}) for do in ("", "?do=explode")]

    assert {refused(answer) for answer in answers} == {(400, "validation", "do")}


def test_somebody_elses_drive_allows_what_was_granted(api: Any) -> None:
    uuid = api.seeded(owner="other", permissions=["LIST", "CLONE"])
    hidden = api.seeded(owner="other")

    listed = [drive["uuid"] for drive in api.get("drives/").json()["objects"]]
    edited = api.put(f"drives/{uuid}/", DRIVE)
    cloned = api.post(f"drives/{uuid}/action/?do=clone", {})
    forbidden = api.post(f"drives/{hidden}/action/?do=clone", {})

    assert (listed, cloned.status_code) == ([uuid], 202)
    assert {refused(edited), refused(forbidden)} == {(403, "permission", None)}


@pytest.mark.parametrize("clock", ["immediate", "reads:3", "seconds:0.02~0.01"])
def test_every_clock_shows_the_work_under_way_and_ends_it(start: Any, clock: str) -> None:
    api = start(clock=clock)
    drive = made(api, "drives/", DRIVE)
    seen = [drive["status"]]

    while seen[-1] != "unmounted":
        seen.append(api.drive(drive["uuid"])["status"])

    assert set(seen) == {"creating", "unmounted"}
    assert clock != "immediate" or len(seen) == 2
    assert clock != "reads:3" or len(seen) == 5


@pytest.mark.parametrize("clock", ["later", "reads:", "seconds:-1", "reads:1.5"])
def test_a_clock_nobody_knows_is_refused(api: Any, clock: str) -> None:
    with pytest.raises(ValueError, match="no clock"):
        api.control("clock", {"clock": clock})


def test_the_clock_can_be_changed_while_it_runs(api: Any) -> None:
    assert api.control("clock", {"clock": "seconds:2~1"}) == {"clock": "seconds:2~1"}
    assert api.control("clock", {"clock": "immediate"}) == {"clock": "immediate"}

    uuid = made(api, "drives/", DRIVE)["uuid"]

    assert api.drive(uuid)["status"] == "unmounted"


def test_a_list_counts_as_a_read_of_what_it_shows(api: Any) -> None:
    uuid = made(api, "drives/", DRIVE)["uuid"]

    api.get("drives/?limit=0&fields=uuid")

    assert api.drive(uuid)["status"] == "unmounted"


# clones


def test_the_job_of_a_clone_tells_its_progress(start: Any) -> None:
    api = start(clock="reads:4")
    source = api.seeded()
    clone = api.post(f"drives/{source}/action/?do=clone", {}).json()["objects"][0]
    address = f"jobs/{clone['jobs'][0]['uuid']}/"

    jobs = [api.get(address).json() for _ in range(5)]

    assert [job["data"]["progress"] for job in jobs] == [0, 25, 50, 75, 100]
    assert [job["state"] for job in jobs] == ["started"] * 4 + ["success"]
    assert jobs[4]["operation"] == "drive_clone"
    assert api.get("jobs/?state=success").json()["meta"]["total_count"] == 1


def test_progress_follows_the_seconds_too(start: Any) -> None:
    api = start(clock="seconds:1000")
    source = api.seeded()
    clone = api.post(f"drives/{source}/action/?do=clone", {}).json()["objects"][0]

    job = api.get(f"jobs/{clone['jobs'][0]['uuid']}/").json()

    assert (job["state"], job["data"]["progress"]) == ("started", 0)


def test_a_source_is_released_after_its_last_clone(api: Any) -> None:
    source = api.seeded()
    first, second = (
        api.post(f"drives/{source}/action/?do=clone", {}).json()["objects"][0]["uuid"]
        for _ in range(2)
    )

    api.drive(first)
    between = api.get(f"drives/?fields=status&uuid={second}").json()["objects"]
    api.drive(second)

    assert between == [{"status": "cloning_dst"}]
    assert api.drive(source)["status"] == "unmounted"


def test_the_job_of_a_clone_that_vanished_has_failed(api: Any) -> None:
    source = api.seeded()
    clone = api.post(f"drives/{source}/action/?do=clone", {}).json()["objects"][0]
    api.control(f"drives/{clone['uuid']}", {"status": "gone"})

    api.drive(source)

    assert api.get(f"jobs/{clone['jobs'][0]['uuid']}/").json()["state"] == "failed"
    assert api.drive(source)["status"] == "unmounted"


def test_a_library_image_is_read_two_ways_and_cloned_with_its_description(api: Any) -> None:
    image = api.get("libdrives/?name__icontains=debian&image_type=preinst").json()["objects"][0]
    uuid = image["uuid"]

    as_drive = api.drive(uuid)
    edited = api.put(f"drives/{uuid}/", DRIVE)
    clone = api.post(f"drives/{uuid}/action/?do=clone", {}).json()["objects"][0]

    assert (image["owner"], image["storage_type"], image["resource_uri"]) == (
        None,
        None,
        f"/api/2.0/libdrives/{uuid}/",
    )
    assert (as_drive["owner"], as_drive["storage_type"]) == (None, "dssd")
    assert refused(edited) == (403, "permission", None)
    assert clone["meta"]["distribution"] == "debian"
    assert clone["owner"] is not None
    assert api.get("drives/").json()["meta"]["total_count"] == 1


def test_a_clone_of_no_capacity_or_unknown_type_is_refused(start: Any) -> None:
    api = start(location="crk")
    source = api.seeded()

    answers = [
        refused(api.post(f"drives/{source}/action/?do=clone", {"storage_type": kind}))
        for kind in ("nvme", "tape")
    ]

    assert answers == [(503, "backend", None), (400, "validation", "storage_type")]
    assert api.drive(source)["status"] == "unmounted"


# servers


def test_a_server_mounts_and_unmounts_drives_by_put(api: Any) -> None:
    first, second = api.seeded(), api.seeded()
    server = made(api, "servers/", {**SERVER, "drives": [disk(first)]})

    shown = api.put(f"servers/{server['uuid']}/", {**SERVER, "drives": [disk(second)]}).json()

    assert [entry["drive"]["uuid"] for entry in shown["drives"]] == [second]
    assert api.drive(first)["status"] == "unmounted"
    assert [s["uuid"] for s in api.drive(second)["mounted_on"]] == [server["uuid"]]


def test_a_server_starts_stops_and_is_deleted(api: Any) -> None:
    uuid = made(api, "servers/", SERVER)["uuid"]
    seen = []

    for action in ("start", "shutdown", "start", "stop"):
        answer = api.post(f"servers/{uuid}/action/?do={action}", {})
        assert answer.json() == {"action": action, "result": "success", "uuid": uuid}
        seen += [api.get(f"servers/{uuid}/").json()["status"] for _ in range(2)]

    assert seen == ["starting", "running", "stopping", "stopped"] * 2
    assert api.delete(f"servers/{uuid}/").status_code == 204
    assert api.get(f"servers/{uuid}/").status_code == 404


def test_a_running_server_keeps_its_drives_and_is_not_deleted(api: Any) -> None:
    drive = api.seeded()
    uuid = api.mounted(drive)

    changed = api.put(f"servers/{uuid}/", {**SERVER, "name": "db", "drives": []}).json()

    assert (changed["name"], len(changed["drives"])) == ("db", 1)
    assert refused(api.delete(f"servers/{uuid}/")) == (403, "permission", None)
    assert refused(api.post(f"servers/{uuid}/action/?do=start", {}))[0] == 403


@pytest.mark.parametrize(
    ("recurse", "left"),
    [("", {"disk", "cdrom"}), ("?recurse=disks", {"cdrom"}), ("?recurse=all_drives", set())],
)
def test_deleting_a_server_can_delete_its_drives(api: Any, recurse: str, left: set[str]) -> None:
    entries = [
        {**disk(api.seeded(media=media)), "dev_channel": f"0:{unit}"}
        for unit, media in enumerate(("disk", "cdrom"))
    ]
    uuid = made(api, "servers/", {**SERVER, "drives": entries})["uuid"]

    assert api.delete(f"servers/{uuid}/{recurse}").status_code == 204

    api.get("drives/")
    drives = api.get("drives/detail/").json()["objects"]
    assert {drive["media"] for drive in drives} == left
    assert {drive["status"] for drive in drives} <= {"unmounted"}


def test_recurse_knows_three_values(api: Any) -> None:
    uuid = made(api, "servers/", SERVER)["uuid"]

    assert refused(api.delete(f"servers/{uuid}/?recurse=all")) == (400, "validation", "recurse")


def test_a_second_server_needs_multimount(api: Any) -> None:
    alone, shared = api.seeded(), api.seeded(allow_multimount=True)
    for drive in (alone, shared):
        api.mounted(drive, "stopped")

    answers = [
        api.post("servers/", {**SERVER, "drives": [disk(drive)]}) for drive in (alone, shared)
    ]

    assert [answer.status_code for answer in answers] == [403, 201]
    assert len(api.drive(shared)["mounted_on"]) == 2


def test_two_servers_of_one_request_do_not_share_a_drive_either(api: Any) -> None:
    server = {**SERVER, "drives": [disk(api.seeded())]}

    answer = api.post("servers/", [server, server])

    assert refused(answer) == (403, "permission", None)
    assert api.get("servers/").json()["meta"]["total_count"] == 0


def test_a_library_disk_is_not_attached_and_a_cdrom_is(api: Any) -> None:
    images = api.get("libdrives/").json()["objects"]
    by_media = {image["media"]: image["uuid"] for image in images}

    answers = {
        media: api.post("servers/", {**SERVER, "drives": [disk(uuid)]}).status_code
        for media, uuid in by_media.items()
    }

    assert answers == {"disk": 403, "cdrom": 201}


def test_a_server_takes_neither_foreign_nor_lost_drives_nor_unknown_tags(api: Any) -> None:
    foreign, lost = api.seeded(owner="other"), api.seeded(status="unavailable")

    answers = [
        api.post("servers/", {**SERVER, "drives": [disk(foreign)]}),
        api.post("servers/", {**SERVER, "drives": [disk(lost)]}),
        api.post("servers/", {**SERVER, "tags": ["nobody"]}),
    ]

    assert [refused(answer) for answer in answers] == [
        (403, "permission", None),
        (403, "permission", None),
        (400, "validation", "tags"),
    ]


@pytest.mark.parametrize(
    "entries",
    [
        "x",
        [{"drive": "nobody", "dev_channel": "0:0", "device": "virtio"}],
        [{"drive": "nobody"}],
        [{"drive": "x", "dev_channel": "0:0", "device": "virtio"}] * 2,
    ],
)
def test_impossible_attachments_are_refused(api: Any, entries: Any) -> None:
    answer = api.post("servers/", {**SERVER, "drives": entries})

    assert refused(answer) == (400, "validation", "drives")


def test_a_server_with_a_busy_drive_does_not_start(api: Any) -> None:
    drive = made(api, "drives/", DRIVE)["uuid"]
    server = made(api, "servers/", {**SERVER, "drives": [disk(drive)]})["uuid"]

    busy = api.post(f"servers/{server}/action/?do=start", {})
    api.settled(drive)
    ready = api.post(f"servers/{server}/action/?do=start", {})

    assert (busy.status_code, ready.status_code) == (403, 202)
    assert api.drive(drive)["status"] == "mounted"


def test_running_servers_are_grouped_by_host(api: Any) -> None:
    running, stopped = api.mounted(api.seeded()), api.mounted(api.seeded(), "stopped")

    assert api.get("servers/availability_groups/").json() == [[running]]
    assert api.get(f"servers/availability_groups/{running}/").json() == [running]
    assert api.get(f"servers/availability_groups/{stopped}/").json() == []


# tags


def test_tags_agree_seen_from_the_drive_and_from_the_tag(api: Any) -> None:
    first, second = api.seeded(), api.seeded()
    tag = api.tag(resources=(first,))

    api.put(f"drives/{second}/", {**DRIVE, "tags": [{"uuid": tag}]})
    api.put(f"tags/{tag}/", {"name": "renamed"})

    shown = api.get(f"tags/{tag}/").json()
    assert (shown["name"], [r["uuid"] for r in shown["resources"]]) == ("renamed", [first, second])
    assert [t["uuid"] for t in api.drive(first)["tags"]] == [tag]
    tagged = api.get(f"tags/{tag}/drives/").json()["objects"]
    assert [drive["uuid"] for drive in tagged] == [first, second]
    assert api.get("drives/?tag__name=renamed").json()["meta"]["total_count"] == 2


def test_a_tag_replaces_its_resources_and_takes_servers(api: Any) -> None:
    drive = api.seeded()
    server = api.mounted(drive)
    tag = api.tag(resources=(drive,))

    api.put(f"tags/{tag}/", {"name": "tag", "resources": [server]})

    assert api.drive(drive)["tags"] == []
    assert api.get(f"tags/{tag}/").json()["resources"][0]["res_type"] == "servers"
    assert api.get(f"tags/{tag}/servers/").json()["meta"]["total_count"] == 1


def test_a_deleted_tag_vanishes_from_its_drives(api: Any) -> None:
    drive = api.seeded()
    tag = api.tag(resources=(drive,))

    assert api.delete(f"tags/{tag}/").status_code == 204

    assert api.drive(drive)["tags"] == []
    assert refused(api.post("tags/", {"name": "x", "resources": ["nobody"]}))[2] == "resources"


# snapshots


def test_a_snapshot_belongs_to_its_drive_and_becomes_available(api: Any) -> None:
    drive = api.seeded()
    snapshot = made(api, "snapshots/", {"objects": [{"drive": drive}]})

    listed = api.get(f"snapshots/detail/?drive={drive}").json()["objects"][0]

    assert (snapshot["status"], listed["status"]) == ("creating", "creating")
    assert api.get(f"snapshots/{snapshot['uuid']}/").json()["status"] == "available"
    assert snapshot["name"].startswith(f"{drive}__")
    shown = api.drive(drive)
    assert [s["uuid"] for s in shown["snapshots"]] == [snapshot["uuid"]]
    assert shown["runtime"]["snapshots_allocated_size"] == GIB
    assert api.get("capabilities/").json()["snapshots"]["current"] == 1


def test_a_snapshot_is_edited_cloned_and_deleted(api: Any) -> None:
    drive = api.seeded()
    uuid = made(api, "snapshots/", {"drive": drive, "name": "before"})["uuid"]

    edited = api.put(f"snapshots/{uuid}/", {"drive": drive, "name": "after"}).json()
    answer = api.post(f"snapshots/{uuid}/action/?do=clone", {})
    moved = api.put(f"snapshots/{uuid}/", {"drive": "other"})

    clone = answer.json()
    assert (edited["name"], answer.status_code, clone["name"]) == ("after", 202, "after")
    assert clone["resource_uri"]["uuid"] == clone["uuid"]
    assert refused(moved)[2] == "drive"
    assert api.delete("snapshots/", {"objects": [{"uuid": uuid}]}).status_code == 204
    assert api.drive(drive)["snapshots"] == []
    assert api.settled(clone["uuid"])["status"] == "unmounted"


def test_a_snapshot_needs_a_drive_that_is_ready(api: Any) -> None:
    busy = made(api, "drives/", DRIVE)["uuid"]

    assert refused(api.post("snapshots/", {"drive": busy})) == (503, "concurrency", None)
    assert refused(api.post("snapshots/", {"drive": "nobody"}))[2] == "drive"


# records


@pytest.mark.parametrize(
    ("body", "point"),
    [
        ({"drive": "nobody", "amount": 1}, "drive"),
        ({"drive": "{drive}", "amount": 0}, "amount"),
        ({"drive": "{drive}", "amount": "many"}, "amount"),
        ({"drive": "{drive}"}, "amount"),
        ({"amount": 1}, "drive"),
        ({"drive": "{taken}", "amount": 1}, "drive"),
    ],
)
def test_an_impossible_record_is_refused(api: Any, body: dict[str, Any], point: str) -> None:
    known = {"{drive}": api.seeded(), "{taken}": api.seeded()}
    api.post("driveusers/", {"drive": known["{taken}"], "amount": 1})

    filled = {key: known.get(str(value), value) for key, value in body.items()}

    assert refused(api.post("driveusers/", filled)) == (400, "validation", point)


def test_a_record_needs_a_drive_of_ones_own(api: Any) -> None:
    theirs = api.seeded(owner="other", permissions=["LIST"])

    assert refused(api.post("driveusers/", {"drive": theirs, "amount": 1}))[0] == 403
    assert api.put("driveusers/nobody/", {"amount": 1}).status_code == 404


# profile and lists


def test_the_profile_is_read_and_edited(api: Any) -> None:
    profile = api.get("profile/").json()

    edited = api.put("profile/", {**profile, "clone_naming": "COUNTER"}).json()

    assert (profile["clone_naming"], edited["clone_naming"]) == ("NONE", "COUNTER")
    assert refused(api.put("profile/", {"clone_naming": "RANDOM"}))[2] == "clone_naming"
    assert refused(api.put("profile/", {}))[2] == "clone_naming"


def test_locations_are_listed_and_paged(api: Any) -> None:
    everywhere = api.get("locations/?limit=0").json()["objects"]
    last = api.get("locations/?limit=1&offset=15").json()["objects"]

    assert "https://zrh.cloudsigma.com/api/2.0/" in {o["api_endpoint"] for o in everywhere}
    assert last == everywhere[15:]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        (r"name\,long\\,name2", ["name,long\\", "name2"]),
        (r"a\b", [r"a\b"]),
        (r"a\\b", [r"a\\b"]),
        (r"\\\,", ["\\,"]),
        (",", ["", ""]),
        ("a\\", ["a\\"]),
    ],
)
def test_commas_separate_alternatives_unless_escaped(value: str, expected: list[str]) -> None:
    assert listing.alternatives(value) == expected


def test_filters_are_alternatives_inside_and_conditions_between(api: Any) -> None:
    tag = api.tag()
    for name in ("a", "b"):
        api.seeded(name=name)
    api.seeded(name="b", tags=[tag])

    counts = [
        api.get(f"drives/?{query}").json()["meta"]["total_count"]
        for query in ("name=a,b", f"name=a,b&tag={tag}", "name=a&name=b", "name=A")
    ]

    assert counts == [3, 1, 0, 0]


# switches: both positions


def test_a_strict_put_resets_what_it_omits(start: Any) -> None:
    shown = []
    for strict in (False, True):
        api = start(switches=Switches(strict_put=strict))
        uuid = api.seeded(meta={"k": "v"}, allow_multimount=True)
        drive = api.put(f"drives/{uuid}/", DRIVE).json()
        shown.append((drive["meta"], drive["allow_multimount"]))

    assert shown == [({"k": "v"}, True), ({}, False)]


def test_the_windows_check_is_off_unless_switched_on(api: Any) -> None:
    image = api.get("libdrives/?os=windows").json()["objects"][0]["uuid"]
    clone = api.post(f"libdrives/{image}/action/?do=clone", {}).json()["objects"][0]["uuid"]
    plain, named = api.seeded(), api.seeded(meta={"os": "windows"})
    api.control("switches", {"windows_check": True})

    answers = [
        api.post("driveusers/", {"drive": uuid, "amount": 1}).status_code
        for uuid in (plain, named, clone)
    ]

    assert answers == [400, 201, 201]


def test_keys_can_be_newer_or_missing(api: Any) -> None:
    uuid = api.seeded()
    base = set(api.drive(uuid))
    newer = ["backup_scheduler", "iops", "remote_snapshots", "is_downloadable", "is_ephemeral"]

    api.control("switches", {"extra_keys": newer, "missing_keys": ["grantees", "permissions"]})

    drive = api.drive(uuid)
    assert set(drive) - base == {"backup_scheduler", "iops", "remote_snapshots"}
    assert base - set(drive) == {"grantees", "permissions"}
    assert set(drive["runtime"]) >= {"is_downloadable", "is_ephemeral"}


def test_the_server_may_add_meta_and_choose_the_page_size(api: Any) -> None:
    api.control("switches", {"server_meta": True, "page_size": 1})

    made(api, "drives/", [DRIVE, DRIVE])

    listed = api.get("drives/detail/").json()
    assert [drive["meta"] for drive in listed["objects"]] == [{"description": ""}]


@pytest.mark.parametrize("change", [{"color": 1}, {"strict_put": 1}, {"page_size": True}])
def test_a_switch_that_does_not_exist_is_refused(api: Any, change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no switch"):
        api.control("switches", change)


# the control surface


def test_reset_starts_over(api: Any) -> None:
    api.seeded()
    api.control("clock", {"clock": "reads:9"})
    api.control("faults", {"fault": "500", "times": None})
    api.control("switches", {"page_size": 7})

    api.control("reset", {})

    assert api.get("drives/").json()["meta"] == {"limit": 20, "offset": 0, "total_count": 0}
    assert api.control("state")["clock"] == "reads:1"


def test_a_drive_can_be_given_any_status(api: Any) -> None:
    uuid = api.seeded()

    api.control(f"drives/{uuid}", {"status": "quiescing"})

    assert api.drive(uuid)["status"] == "quiescing"
    assert refused(api.delete(f"drives/{uuid}/")) == (503, "concurrency", None)
    assert refused(api.put(f"drives/{uuid}/", DRIVE)) == (403, "permission", None)
    with pytest.raises(ValueError, match="color"):
        api.control(f"drives/{uuid}", {"color": "red"})
    with pytest.raises(ValueError, match="mounted_on"):
        api.control(f"drives/{uuid}", {"mounted_on": []})
    with pytest.raises(ValueError, match="does not exist"):
        api.control("drives/nobody", {"status": "mounted"})
    with pytest.raises(ValueError, match="AttributeError"):
        api.control(f"drives/{uuid}", [])


def test_drives_seeded_together_share_nothing(api: Any) -> None:
    first, second = api.control("drives", {"count": 2, "meta": {"k": "v"}, "jobs": []})["uuids"]

    api.post(f"drives/{first}/action/?do=clone", {})

    assert (len(api.drive(first)["jobs"]), api.drive(second)["jobs"]) == (1, [])


def test_an_outage_ends_the_work_on_a_drive(start: Any) -> None:
    api = start(clock="reads:5")
    uuid = api.seeded()
    grown = {**DRIVE, "size": 2 * GIB}
    api.put(f"drives/{uuid}/", grown)
    api.control("faults", {"fault": "unavailable", "reads": 1})

    seen = [api.drive(uuid) for _ in range(7)]

    assert [drive["status"] for drive in seen] == ["unavailable"] + ["unmounted"] * 6
    assert seen[-1]["size"] == GIB


def test_a_step_that_is_not_declared_is_an_error_of_the_simulator() -> None:
    world = World(Settings())
    drive = Drive("a", "disk", GIB, "dssd", world.owner, "unmounted")
    server = Server("a", 1, 1, "p", world.owner)

    with pytest.raises(AssertionError, match="undeclared"):
        world.move(drive, "creating")
    with pytest.raises(AssertionError, match="undeclared"):
        world.move_server(server, "running")


def test_a_server_in_another_status_is_not_made(api: Any) -> None:
    with pytest.raises(ValueError, match="running or stopped"):
        api.control("servers", {"status": "paused"})


def test_several_simulators_share_nothing(start: Any) -> None:
    one, other = start(), start(user="b@example.com", password="b", token="b")

    one.seeded()

    assert one.simulator.url != other.simulator.url
    assert other.get("drives/").json()["meta"]["total_count"] == 0

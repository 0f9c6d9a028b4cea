"""The checklist of the drives API document: one test for each row.

The number in a test's name is the row's.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

GIB = 2**30
BASE_KEYS = {
    *("affinities", "allow_multimount", "grantees", "jobs", "licenses", "media", "meta"),
    *("mounted_on", "name", "owner", "permissions", "resource_uri", "runtime", "size"),
    *("snapshots", "status", "storage_type", "tags", "uuid"),
}
DRIVE = {"name": "a", "media": "disk", "size": GIB}


def created(api: Any, body: Any = DRIVE) -> dict[str, Any]:
    drive: dict[str, Any] = api.post("drives/", body).json()["objects"][0]
    return drive


def cloned(api: Any, uuid: str, body: Any) -> dict[str, Any]:
    answer = api.post(f"drives/{uuid}/action/?do=clone", body)
    assert answer.status_code == 202, answer.text
    drive: dict[str, Any] = answer.json()["objects"][0]
    return drive


def test_row_01_the_documented_verbs_work_and_others_get_405(api: Any) -> None:
    uuid = api.seeded()

    statuses = [
        api.send(verb, path, body).status_code
        for verb, path, body in (
            ("GET", "drives/", None),
            ("POST", "drives/", DRIVE),
            ("PUT", f"drives/{uuid}/", DRIVE),
            ("DELETE", f"drives/{uuid}/", None),
            ("PATCH", "drives/", DRIVE),
            ("POST", f"drives/{uuid}/", DRIVE),
            ("PUT", "drives/", DRIVE),
        )
    ]

    assert statuses == [200, 201, 200, 204, 405, 405, 405]


def test_row_02_the_list_has_short_objects(api: Any) -> None:
    api.seeded()

    objects = api.get("drives/").json()["objects"]

    assert [set(drive) for drive in objects] == [{"owner", "resource_uri", "status", "uuid"}]


def test_row_03_limit_0_lists_everything_and_is_echoed(api: Any) -> None:
    api.control("drives", {"count": 25})

    page, everything = api.get("drives/").json(), api.get("drives/?limit=0").json()

    assert page["meta"] == {"limit": 20, "offset": 0, "total_count": 25}
    assert len(page["objects"]) == 20
    assert everything["meta"] == {"limit": 0, "offset": 0, "total_count": 25}
    assert len(everything["objects"]) == 25


def test_row_04_fields_chooses_the_keys(api: Any) -> None:
    api.seeded(name="x")

    objects = api.get("drives/?fields=uuid,status,name").json()["objects"]

    assert [set(drive) for drive in objects] == [{"uuid", "status", "name"}]


def test_row_05_the_detailed_list_has_full_objects_with_all_their_jobs(api: Any) -> None:
    source = api.seeded()
    for _ in range(30):
        cloned(api, source, {})

    objects = api.get("drives/detail/?limit=0").json()["objects"]

    assert {frozenset(drive) for drive in objects} == {frozenset(BASE_KEYS)}
    assert [len(d["jobs"]) for d in objects if d["uuid"] == source] == [30]


def test_row_06_one_drive_is_bare_and_an_unknown_one_is_404(api: Any) -> None:
    uuid = api.seeded()

    drive, missing = api.drive(uuid), api.get("drives/nowhere/")

    assert set(drive) == BASE_KEYS
    assert missing.status_code == 404
    assert missing.json() == [
        {
            "error_type": "notexist",
            "error_message": "Object with uuid nowhere does not exist",
            "error_point": None,
        }
    ]


def test_row_07_a_bare_object_creates_a_drive_with_defaults(api: Any) -> None:
    drive = created(api)

    shown = {key: drive[key] for key in ("storage_type", "meta", "tags", "allow_multimount")}
    assert shown == {"storage_type": "dssd", "meta": {}, "tags": [], "allow_multimount": False}


def test_row_08_the_objects_form_takes_a_storage_type(api: Any) -> None:
    drive = created(api, {"objects": [{**DRIVE, "storage_type": "nvme"}]})

    assert (drive["storage_type"], drive["runtime"]["storage_type"]) == ("nvme", "nvme")


def test_row_09_a_location_without_nvme_says_so(start: Any) -> None:
    api = start(location="crk")

    answer = api.post("drives/", {**DRIVE, "storage_type": "nvme"})

    assert answer.status_code == 503
    assert answer.json()[0]["error_message"] == (
        "We currently cannot provide enough resources to create a nvme drive"
    )


def test_row_10_five_objects_create_five_drives(api: Any) -> None:
    wanted = [{**DRIVE, "name": f"d{n}"} for n in range(5)]

    made = api.post("drives/", {"objects": wanted}).json()["objects"]

    assert [drive["name"] for drive in made] == ["d0", "d1", "d2", "d3", "d4"]


def test_row_11_a_bare_list_creates_several_drives(api: Any) -> None:
    made = api.post("drives/", [DRIVE, {**DRIVE, "name": "b"}]).json()["objects"]

    assert [drive["name"] for drive in made] == ["a", "b"]


def test_row_12_a_created_drive_is_creating_and_then_ready(api: Any) -> None:
    answer = api.post("drives/", DRIVE)

    drive = answer.json()["objects"][0]
    assert (answer.status_code, drive["status"]) == (201, "creating")
    assert answer.headers["Location"] == drive["resource_uri"]
    assert [api.drive(drive["uuid"])["status"] for _ in range(2)] == ["creating", "unmounted"]


def test_row_13_a_free_drive_takes_name_media_and_size(api: Any) -> None:
    uuid = api.seeded()

    answer = api.put(f"drives/{uuid}/", {"name": "b", "media": "cdrom", "size": GIB})

    assert (answer.status_code, answer.json()["name"]) == (200, "b")
    assert answer.json()["media"] == "cdrom"


def test_row_14_a_drive_on_a_running_server_drops_the_rest_silently(api: Any) -> None:
    uuid = api.seeded()
    api.mounted(uuid)
    tag = api.tag()
    wanted = {"name": "b", "meta": {"k": "v"}, "tags": [tag], "allow_multimount": True}

    answer = api.put(f"drives/{uuid}/", {**wanted, "media": "cdrom", "size": 2 * GIB})

    drive = answer.json()
    assert answer.status_code == 200
    assert (drive["media"], drive["size"], drive["status"]) == ("disk", GIB, "mounted")
    shown = {key: drive[key] for key in wanted}
    assert shown == {**wanted, "tags": [{"resource_uri": f"/api/2.0/tags/{tag}/", "uuid": tag}]}


def test_row_15_another_size_takes_time_and_the_drive_is_unusable_meanwhile(api: Any) -> None:
    uuid = api.seeded()
    wanted = {**DRIVE, "size": 2 * GIB}

    answer = api.put(f"drives/{uuid}/", wanted)
    refused = api.put(f"drives/{uuid}/", wanted)

    assert (answer.status_code, answer.json()["status"]) == (200, "resizing")
    assert answer.json()["size"] == GIB
    assert refused.status_code == 503
    assert refused.json()[0]["error_type"] == "concurrency"
    assert api.settled(uuid)["size"] == 2 * GIB


def test_row_16_the_resize_action_takes_a_full_definition(api: Any) -> None:
    uuid = api.seeded()
    body = {**api.drive(uuid), "size": 2 * GIB}

    answer = api.post(f"drives/{uuid}/action/?do=resize", body)

    drive = answer.json()["objects"][0]
    assert (answer.status_code, drive["status"], drive["size"]) == (202, "resizing", GIB)
    assert api.settled(uuid)["size"] == 2 * GIB


def test_row_17_the_resize_action_fails_when_it_cannot_apply_everything(api: Any) -> None:
    uuid = api.seeded()
    api.mounted(uuid)

    answer = api.post(
        f"drives/{uuid}/action/?do=resize", {"name": "b", "media": "disk", "size": 2 * GIB}
    )

    problem = answer.json()[0]
    assert (answer.status_code, problem["error_point"]) == (403, "size")
    assert api.drive(uuid)["name"] == "seed"


def test_row_18_the_resize_action_also_changes_name_and_meta(api: Any) -> None:
    uuid = api.seeded()

    api.post(
        f"drives/{uuid}/action/?do=resize",
        {"name": "b", "media": "disk", "size": 2 * GIB, "meta": {"k": "v"}},
    )

    drive = api.settled(uuid)
    assert (drive["name"], drive["meta"], drive["size"]) == ("b", {"k": "v"}, 2 * GIB)


@pytest.mark.parametrize("meta", [{"k" * 33: "v"}, {"k": 1}, "text", [1]])
def test_row_19_meta_has_short_keys_and_strings(api: Any, meta: Any) -> None:
    answer = api.post("drives/", {**DRIVE, "meta": meta})

    assert (answer.status_code, answer.json()[0]["error_point"]) == (400, "meta")


def test_row_19_meta_is_replaced_as_a_whole(api: Any) -> None:
    uuid = api.seeded(meta={"a": "1", "b": "2"})

    drive = api.put(f"drives/{uuid}/", {**DRIVE, "meta": {"k" * 32: "v"}}).json()

    assert drive["meta"] == {"k" * 32: "v"}


@pytest.mark.parametrize("server", [None, "stopped"])
def test_row_20_a_drive_is_deleted_and_then_gone(api: Any, server: str | None) -> None:
    uuid = api.seeded()
    if server:
        api.mounted(uuid, server)

    answer = api.delete(f"drives/{uuid}/")

    assert (answer.status_code, answer.content) == (204, b"")
    assert [api.get(f"drives/{uuid}/").status_code for _ in range(2)] == [200, 404]


def test_row_21_several_drives_are_deleted_by_uuid(api: Any) -> None:
    uuids = [api.seeded() for _ in range(3)]

    answer = api.delete("drives/", {"objects": [{"uuid": uuid} for uuid in uuids[:2]]})

    api.get("drives/")
    left = [drive["uuid"] for drive in api.get("drives/").json()["objects"]]
    assert (answer.status_code, left) == (204, uuids[2:])


def test_row_22_a_clone_has_a_uuid_and_one_job_of_its_own(api: Any) -> None:
    source = api.seeded()

    clone = cloned(api, source, {})

    assert clone["status"] == "cloning_dst"
    assert clone["uuid"] != source
    assert clone["jobs"] == api.drive(source)["jobs"]
    assert len(clone["jobs"]) == 1


def test_row_23_a_clone_takes_part_of_a_definition(api: Any) -> None:
    wanted = {"name": "b", "media": "cdrom", "affinities": ["ssd"]}

    clone = cloned(api, api.seeded(), {**wanted, "size": 2 * GIB, "storage_type": "zadara"})

    assert {key: clone[key] for key in wanted} == wanted
    assert (clone["size"], clone["storage_type"]) == (2 * GIB, "zadara")


def test_row_24_a_clone_may_be_bigger_and_not_smaller(api: Any) -> None:
    source = api.seeded()

    bigger = cloned(api, source, {"size": 1207959631})
    smaller = api.post(f"drives/{source}/action/?do=clone", {"size": GIB - 1})

    assert bigger["size"] == 1207975936
    assert (smaller.status_code, smaller.json()[0]["error_point"]) == (400, "size")


@pytest.mark.parametrize(
    ("rule", "source", "pattern"),
    [
        ("NONE", "x", "x"),
        ("COUNTER", "x", "x_1"),
        ("COUNTER", "x_9", "x_10"),
        ("DATE", "x", r"x-\d{4}-\d\d-\d\d"),
        ("DATE", "x-2014-06-05", r"x-(?!2014-06-05)\d{4}-\d\d-\d\d"),
        ("TIMESTAMP", "x", r"x-\d{4}-\d\d-\d\d \d\d:\d\d:\d\d"),
    ],
)
def test_row_25_a_nameless_clone_is_named_by_the_profile(
    api: Any, rule: str, source: str, pattern: str
) -> None:
    api.put("profile/", {**api.get("profile/").json(), "clone_naming": rule})

    clone = cloned(api, api.seeded(name=source), {})

    assert re.fullmatch(pattern, clone["name"])


def test_row_25_a_current_date_gets_a_counter(api: Any) -> None:
    api.put("profile/", {"clone_naming": "DATE"})
    first = cloned(api, api.seeded(name="x"), {})
    api.settled(first["uuid"])

    assert cloned(api, first["uuid"], {})["name"] == first["name"] + "_1"


def test_row_26_a_clone_request_has_name_media_and_affinities(api: Any) -> None:
    answer = api.post(f"drives/{api.seeded()}/action/?do=clone", {"color": "red"})

    assert (answer.status_code, answer.json()[0]["error_point"]) == (400, "color")


def test_row_27_drives_on_one_host_are_in_one_group(api: Any) -> None:
    uuids = [created(api)["uuid"] for _ in range(4)]

    groups = api.get("drives/availability_groups/").json()
    mine = api.get(f"drives/availability_groups/{uuids[0]}/").json()

    assert sorted(uuid for group in groups for uuid in group) == sorted(uuids)
    assert mine in groups
    assert uuids[0] in mine


def test_row_28_avoid_keeps_drives_apart_as_far_as_it_goes(api: Any) -> None:
    first, second, third = (created(api)["uuid"] for _ in range(3))

    kept = api.post(f"drives/?avoid={first},{second},{third}", DRIVE).json()["objects"][0]
    unknown = api.post("drives/?avoid=nobody", DRIVE)

    assert api.get(f"drives/availability_groups/{kept['uuid']}/").json() == [third, kept["uuid"]]
    assert (unknown.status_code, unknown.json()[0]["error_point"]) == (400, "avoid")


def test_row_28_a_clone_avoids_the_drives_of_a_server(api: Any) -> None:
    source = created(api)["uuid"]
    api.settled(source)
    server = api.mounted(source, "stopped")

    answer = api.post(f"drives/{source}/action/?do=clone&avoid={server}", {})

    clone = answer.json()["objects"][0]["uuid"]
    assert api.get(f"drives/availability_groups/{clone}/").json() == [clone]


def test_row_29_licenses_come_with_library_images(api: Any) -> None:
    image = api.get("libdrives/?os=windows").json()["objects"][0]

    clone = api.post(f"libdrives/{image['uuid']}/action/?do=clone", {}).json()["objects"][0]

    assert clone["licenses"] == image["licenses"]
    assert clone["licenses"][0]["license"] in api.get("licenses/").json()["objects"]


def test_row_30_the_storage_type_is_fixed_after_creation(api: Any) -> None:
    uuid = api.seeded(storage_type="zadara")

    same = api.put(f"drives/{uuid}/", {**DRIVE, "storage_type": "zadara"})
    other = api.put(f"drives/{uuid}/", {**DRIVE, "storage_type": "dssd"})

    assert same.status_code == 200
    assert (other.status_code, other.json()[0]["error_point"]) == (400, "storage_type")


def test_row_31_capabilities_name_types_and_limits(api: Any) -> None:
    limits = api.get("capabilities/").json()["drives"]["zadara"]["size"]

    too_small = api.post(
        "drives/", {**DRIVE, "storage_type": "zadara", "size": int(limits["min"]) - 1}
    )
    too_big = api.post("drives/", {**DRIVE, "storage_type": "zadara", "size": limits["max"] + 1})
    biggest = created(api, {**DRIVE, "storage_type": "zadara", "size": limits["max"]})

    assert [too_small.status_code, too_big.status_code] == [400, 400]
    assert limits["max"] - 16384 < biggest["size"] <= limits["max"]


@pytest.mark.parametrize(("row", "kind"), [(32, "dssd"), (33, "zadara"), (34, "nvme")])
def test_rows_32_33_34_each_storage_type_is_usable(api: Any, row: int, kind: str) -> None:
    drive = created(api, {**DRIVE, "storage_type": kind})

    assert api.settled(drive["uuid"])["storage_type"] == kind


def test_row_35_a_zadara_drive_is_created(api: Any) -> None:
    drive = created(api, {"objects": [{**DRIVE, "storage_type": "zadara"}]})

    assert (drive["storage_type"], drive["status"]) == ("zadara", "creating")


def test_row_36_an_empty_clone_keeps_name_and_type(api: Any) -> None:
    clone = cloned(api, api.seeded(name="x", storage_type="zadara"), {})

    assert (clone["name"], clone["storage_type"]) == ("x", "zadara")


def test_row_37_a_clone_goes_to_another_type(api: Any) -> None:
    clone = cloned(api, api.seeded(), {"storage_type": "zadara"})

    assert clone["storage_type"] == "zadara"


def test_row_38_rds_records_are_listed(api: Any) -> None:
    uuid = api.seeded()
    api.post("driveusers/", {"drive": uuid, "amount": 2})

    listed = api.get("driveusers/?limit=0").json()

    ref = {"resource_uri": f"/api/2.0/drives/{uuid}/", "uuid": uuid}
    assert listed["objects"] == [{"amount": 2, "drive": ref}]


def test_row_39_one_rds_record_is_bare(api: Any) -> None:
    uuid = api.seeded()
    api.post("driveusers/", {"drive": uuid, "amount": 2})

    assert api.get(f"driveusers/{uuid}/").json()["amount"] == 2


def test_row_40_an_rds_record_is_created_wrapped(api: Any) -> None:
    uuid = api.seeded()

    answer = api.post("driveusers/", {"drive": uuid, "amount": 5})

    assert (answer.status_code, answer.json()["objects"][0]["amount"]) == (201, 5)


def test_row_41_an_rds_record_is_edited_wrapped(api: Any) -> None:
    uuid = api.seeded()
    api.post("driveusers/", {"drive": uuid, "amount": 5})

    answer = api.put(f"driveusers/{uuid}/", {"amount": 7})

    assert (answer.status_code, answer.json()["objects"][0]["amount"]) == (200, 7)


@pytest.mark.parametrize(("server", "status"), [(None, 204), ("stopped", 403), ("running", 403)])
def test_row_42_an_rds_record_stays_while_its_drive_is_mounted(
    api: Any, server: str | None, status: int
) -> None:
    uuid = api.seeded()
    api.post("driveusers/", {"drive": uuid, "amount": 5})
    if server:
        api.mounted(uuid, server)

    assert api.delete(f"driveusers/{uuid}/").status_code == status


def test_row_43_the_states_of_the_diagram_follow_each_other(api: Any) -> None:
    uuid = api.seeded()
    seen = [api.drive(uuid)["status"]]

    cloned(api, uuid, {})
    seen += [api.drive(uuid)["status"], api.drive(uuid)["status"]]
    server = api.mounted(uuid, "stopped")
    seen.append(api.drive(uuid)["status"])
    api.control("faults", {"fault": "unavailable", "path": "drives/*", "reads": 1})
    seen += [api.drive(uuid)["status"], api.drive(uuid)["status"]]
    api.delete(f"servers/{server}/")
    seen.append(api.drive(uuid)["status"])
    api.control("faults", {"fault": "unavailable", "path": "drives/*", "reads": 1})
    seen += [api.drive(uuid)["status"], api.drive(uuid)["status"]]

    assert seen == [
        *("unmounted", "cloning_src", "unmounted", "mounted", "unavailable", "mounted"),
        *("unmounted", "unavailable", "unmounted"),
    ]


def test_row_44_the_schema_names_verbs_and_page_size(api: Any) -> None:
    schema = api.get("drives/schema/").json()

    assert schema["allowed_detail_http_methods"] == ["get", "put", "delete"]
    assert schema["default_limit"] == 20


def test_row_45_the_schema_has_every_field_of_a_drive(api: Any) -> None:
    described = api.get("drives/schema/").json()["fields"]

    assert set(described) == BASE_KEYS
    assert {key for key in described if described[key]["required"]} >= {"name", "media", "size"}


def test_row_46_the_schema_describes_licenses(api: Any) -> None:
    inner = api.get("drives/schema/").json()["fields"]["licenses"]["fields"]

    assert {key: inner[key]["default"] for key in ("amount", "user")} == {"amount": 1, "user": None}
    assert inner["license"]["required"]


def test_row_47_the_schema_describes_runtime(api: Any) -> None:
    inner = api.get("drives/schema/").json()["fields"]["runtime"]["fields"]

    assert set(inner) == {"is_snapshotable", "snapshots_allocated_size", "storage_type"}


def test_row_48_the_filters_of_the_schema_work(api: Any) -> None:
    tag = api.tag()
    wanted = api.seeded(name="Web-Root", tags=[tag])
    api.seeded(name="other")
    filters = {
        "name": "Web-Root",
        "name__contains": "web",
        "tag": tag,
        "uuid": wanted,
    }

    assert set(api.get("drives/schema/").json()["filtering"]) == set(filters)
    for key, value in filters.items():
        found = api.get(f"drives/?{key}={value}").json()["objects"]
        assert [drive["uuid"] for drive in found] == [wanted], key


def test_every_row_has_its_test() -> None:
    names = " ".join(name for name in globals() if name.startswith("test_row"))

    rows = {int(number) for number in re.findall(r"(?<=_)(\d\d)(?=_)", names)}

    assert rows == set(range(1, 49))

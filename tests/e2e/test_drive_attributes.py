"""Every attribute of a drive: set, read back, changed, taken away; nobody else's work is lost."""

from __future__ import annotations

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]


def test_tags_are_set_changed_and_taken_away(workspace: Project, cloud: Cloud) -> None:
    red, blue = cloud.tag("red"), cloud.tag("blue")

    def tagged(*tags: str) -> set[str]:
        listed = ", ".join(f'"{tag}"' for tag in tags)
        workspace.write(drive(tags=f"[{listed}]" if tags else None))
        workspace.apply()
        assert workspace.plan_is_empty()
        return {tag["uuid"] for tag in cloud.drives()[0]["tags"]}

    assert tagged(red) == {red}
    assert tagged(blue, red) == {red, blue}
    assert tagged(blue) == {blue}
    assert tagged() == set()


def test_tags_somebody_else_set_are_left_when_none_are_configured(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    theirs = cloud.tag("theirs")
    cloud.edit(uuid, tags=[theirs])
    assert workspace.plan_is_empty()
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    assert [tag["uuid"] for tag in cloud.drive(uuid)["tags"]] == [theirs]


def test_a_tag_somebody_else_added_beside_ours_is_planned_away(
    workspace: Project, cloud: Cloud
) -> None:
    ours, theirs = cloud.tag("ours"), cloud.tag("theirs")
    workspace.write(drive(tags=f'["{ours}"]'))
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.edit(uuid, tags=[ours, theirs])

    assert workspace.actions() == {ADDRESS: ["update"]}


def test_an_empty_list_of_tags_removes_them(workspace: Project, cloud: Cloud) -> None:
    tag = cloud.tag("red")
    workspace.write(drive(tags=f'["{tag}"]'))
    workspace.apply()
    workspace.write(drive(tags="[]"))

    workspace.apply()

    assert cloud.drives()[0]["tags"] == []
    assert workspace.plan_is_empty()


def test_meta_keys_of_others_are_neither_drift_nor_lost(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(meta='{ mine = "1", old = "x" }'))
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.edit(uuid, meta=cloud.drive(uuid)["meta"] | {"description": "theirs"})
    assert workspace.plan_is_empty()
    workspace.write(drive(meta='{ mine = "2" }'))

    workspace.apply()

    meta = cloud.drive(uuid)["meta"]
    assert meta["mine"] == "2"
    assert meta["description"] == "theirs"
    assert "old" not in meta
    assert workspace.state()[ADDRESS]["meta"] == {"mine": "2"}
    assert workspace.plan_is_empty()


def test_meta_that_is_not_configured_any_more_is_removed(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(meta='{ mine = "1" }'))
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.edit(uuid, meta=cloud.drive(uuid)["meta"] | {"description": "theirs"})
    workspace.write(drive())

    workspace.apply()

    meta = cloud.drive(uuid)["meta"]
    assert "mine" not in meta
    assert meta["description"] == "theirs"
    assert workspace.plan_is_empty()


def test_a_meta_value_somebody_else_changed_is_planned_back(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(meta='{ mine = "1" }'))
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.edit(uuid, meta=cloud.drive(uuid)["meta"] | {"mine": "theirs"})

    assert workspace.actions() == {ADDRESS: ["update"]}
    workspace.apply()

    assert cloud.drive(uuid)["meta"]["mine"] == "1"


def test_multimount_is_switched_in_place(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(allow_multimount="true"))
    workspace.apply()
    assert cloud.drives()[0]["allow_multimount"] is True
    workspace.write(drive(allow_multimount="false"))

    workspace.apply()

    assert cloud.drives()[0]["allow_multimount"] is False
    assert workspace.plan_is_empty()


def test_media_is_changed_in_place_by_the_resize_action(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    workspace.write(drive(media='"cdrom"'))

    workspace.apply()

    assert cloud.drive(uuid)["media"] == "cdrom"
    assert cloud.sent("POST")[-1].endswith("?do=resize")


def test_affinities_are_set(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive(affinities='["ssd"]'))

    workspace.apply()

    assert cloud.drives()[0]["affinities"] == ["ssd"]
    assert workspace.plan_is_empty()


def test_a_drive_keeps_away_from_others_when_it_is_created(
    workspace: Project, cloud: Cloud
) -> None:
    other = cloud.make_drive(name="other")
    workspace.write(drive(avoid=f'["{other}"]'))

    workspace.apply()

    assert f"avoid={other}" in cloud.sent("POST")[-1]
    assert workspace.state()[ADDRESS]["avoid"] == [other]
    workspace.write(drive())
    assert workspace.plan_is_empty()


def test_read_only_values_come_from_the_api(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (made,) = cloud.drives()
    server = cloud.server(made["uuid"], running=False)

    workspace.succeeds("apply", "-refresh-only", "-auto-approve")

    state = workspace.state()[ADDRESS]
    assert state["owner"]["uuid"] == made["owner"]["uuid"]
    assert state["runtime"]["storage_type"] == made["storage_type"]
    assert state["runtime"]["snapshots_allocated_size"] == 0
    assert state["status"] == "mounted"
    assert [s["uuid"] for s in state["mounted_on"]] == [server]
    assert state["resource_uri"] == made["resource_uri"]
    assert workspace.plan_is_empty()


def test_the_state_keeps_the_newest_few_jobs(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    for _ in range(7):
        cloud.call("POST", f"drives/{uuid}/action/?do=clone", {})

    workspace.succeeds("apply", "-refresh-only", "-auto-approve")

    jobs = cloud.drive(uuid)["jobs"]
    assert len(jobs) == 7
    assert [j["uuid"] for j in workspace.state()[ADDRESS]["jobs"]] == [j["uuid"] for j in jobs[-5:]]


def test_the_licenses_of_a_cloned_image_are_shown(workspace: Project, cloud: Cloud) -> None:
    images = cloud.call("GET", "libdrives/?limit=0")["objects"]
    windows = next(image for image in images if image["licenses"])
    workspace.write(drive(clone_drive_id=f'"{windows["uuid"]}"', size=None))

    workspace.apply()

    (license_,) = workspace.state()[ADDRESS]["licenses"]
    assert license_["amount"] == 1
    assert license_["license"]["long_name"] == windows["licenses"][0]["license"]["long_name"]
    assert license_["user"] is None
    assert workspace.plan_is_empty()


def test_the_library_metadata_of_a_clone_is_neither_drift_nor_lost(
    workspace: Project, cloud: Cloud
) -> None:
    image = cloud.call("GET", "libdrives/?limit=0")["objects"][0]["uuid"]
    workspace.write(drive(clone_drive_id=f'"{image}"', size=None, meta='{ mine = "1" }'))

    workspace.apply()

    made = cloud.drive(workspace.state()[ADDRESS]["uuid"])
    assert made["meta"]["mine"] == "1"
    assert "os" in made["meta"]
    assert workspace.state()[ADDRESS]["meta"] == {"mine": "1"}
    assert workspace.plan_is_empty()


def test_combined_changes_are_one_action(workspace: Project, cloud: Cloud) -> None:
    tag = cloud.tag("red")
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.forget_requests()
    workspace.write(drive(size=2 * GIB, name='"both"', tags=f'["{tag}"]', meta='{ a = "b" }'))

    workspace.apply()

    changing = [r for r in cloud.requests() if r["method"] in ("POST", "PUT")]
    assert [r["path"] for r in changing] == [f"/api/2.0/drives/{uuid}/action/?do=resize"]
    made = cloud.drive(uuid)
    assert (made["size"], made["name"], made["meta"]["a"]) == (2 * GIB, "both", "b")
    assert [t["uuid"] for t in made["tags"]] == [tag]


def test_only_the_timeouts_changed_touches_nothing(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.forget_requests()
    block = '\n  timeouts {\n    create = "5m"\n    delete = "90s"\n  }\n}\n'
    workspace.write(drive().rstrip("}\n") + block)

    workspace.apply()

    assert cloud.sent("POST") + cloud.sent("PUT") == []
    assert workspace.state()[ADDRESS]["timeouts"] == {
        "create": "5m",
        "update": None,
        "delete": "90s",
    }


@pytest.mark.parametrize(
    ("meta", "words"),
    [
        (f'{{ {"k" * 33} = "v" }}', "must have 1 to 32 in length"),
        ('{ a = ["not", "text"] }', "string required"),
    ],
)
def test_bad_meta_is_refused(workspace: Project, meta: str, words: str) -> None:
    workspace.write(drive(meta=meta))

    assert words in workspace.fails("plan")


def test_a_timeout_that_is_no_duration_is_refused(workspace: Project) -> None:
    block = '\n  timeouts {\n    create = "soon"\n  }\n}\n'
    workspace.write(drive().rstrip("}\n") + block)

    said = workspace.fails("validate")

    assert "`create` must be a duration" in said


def test_iops_are_set_where_the_api_answers_with_them(workspace: Project, cloud: Cloud) -> None:
    cloud.call("POST", "_control/switches", {"extra_keys": ["iops"]})
    workspace.write(drive(iops=2000))
    workspace.apply()
    assert cloud.drives()[0]["iops"] == 2000
    workspace.write(drive(iops=3000))

    workspace.apply()

    assert workspace.state()[ADDRESS]["iops"] == 3000
    assert workspace.plan_is_empty()


def test_iops_outside_the_limits_are_refused_while_planning(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(iops=10_000_000))

    assert "Drive IOPS cannot be had" in workspace.fails("plan")
    assert cloud.drives() == []


def test_what_a_failed_apply_was_to_remove_is_removed_by_the_next(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(meta='{ a = "1" }'))
    workspace.apply()
    workspace.write(drive())
    cloud.faults({"fault": "403", "method": "PUT"})
    workspace.fails("apply", "-auto-approve")
    cloud.faults()

    workspace.apply()

    assert "a" not in cloud.drives()[0]["meta"]
    assert workspace.plan_is_empty()

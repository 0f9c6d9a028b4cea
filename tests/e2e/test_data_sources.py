"""What is looked up with the real Terraform: everything the API tells, none, and several."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

NOBODY = "00000000-0000-4000-8000-000000000000"


class Scene:
    """A cloud with something of everything."""

    def __init__(self, cloud: Cloud) -> None:
        self.red = cloud.tag("red")
        cloud.tag("blue")
        self.archive = cloud.make_drive(name="archive", size=2 * GIB, tags=[self.red])
        self.web = cloud.make_drive(name="web", storage_type="nvme")
        self.backups = sorted(cloud.make_drive(name=f"backup-{letter}") for letter in "ab")
        self.twins = [cloud.make_drive(name="twin"), cloud.make_drive(name="twin")]
        self.server = cloud.server(self.web, running=True)
        cloud.call("POST", "driveusers/", {"drive": self.archive, "amount": 5})
        cloud.call("POST", "driveusers/", {"drive": self.web, "amount": 7})


@pytest.fixture
def scene(cloud: Cloud) -> Scene:
    return Scene(cloud)


def looked_up(**expressions: tuple[str, str]) -> str:
    """A configuration with one data source, of a type with a body, for each name."""
    data = (
        f'data "cloudsigma_{kind}" "{name}" {{\n{body}\n}}\n'
        for name, (kind, body) in expressions.items()
    )
    values = (
        f"    {name} = data.cloudsigma_{kind}.{name}\n" for name, (kind, _) in expressions.items()
    )
    return "".join(data) + f'output "found" {{\n  value = {{\n{"".join(values)}  }}\n}}\n'


def found(workspace: Project) -> dict[str, Any]:
    values: dict[str, Any] = workspace.json("output", "-json")["found"]["value"]
    return values


def names(drives: dict[str, Any]) -> list[str]:
    return [drive["name"] for drive in drives["drives"]]


def test_one_drive_is_found_by_uuid_name_tag_and_the_old_filter(
    workspace: Project, scene: Scene
) -> None:
    workspace.write(
        looked_up(
            uuid=("drive", f'uuid = "{scene.web}"'),
            name=("drive", 'name = "archive"'),
            tag=("drive", f'tag = "{scene.red}"'),
            old=(
                "drive",
                'filter {\n  name = "name"\n  values = ["web", "x"]\n}\n'
                'filter {\n  name = "storage_type"\n  values = ["nvme"]\n}',
            ),
        )
    )

    run = workspace.apply()

    drives = found(workspace)
    assert "Filter block is deprecated" in run.stdout
    assert drives["uuid"] | {"filter": []} == drives["old"] | {"filter": []}
    assert drives["name"] == drives["tag"] | {"tag": None}
    assert {
        "id": scene.archive,
        "uuid": scene.archive,
        "name": "archive",
        "size": 2 * GIB,
        "status": "unmounted",
        "storage_type": "dssd",
        "media": "disk",
        "tags": [scene.red],
    }.items() <= drives["name"].items()
    assert [server["uuid"] for server in drives["uuid"]["mounted_on"]] == [scene.server]


def test_many_drives_are_found_by_every_filter(
    workspace: Project, cloud: Cloud, scene: Scene
) -> None:
    workspace.write(
        looked_up(
            all=("drives", ""),
            contains=("drives", 'name_contains = "BACK"'),
            regex=("drives", 'name_regex = "^(web|arch)"'),
            named=("drives", 'name = "twin"'),
            tagged=("drives", f'tag = "{scene.red}"'),
            listed=("drives", f'uuids = ["{scene.web}", "{NOBODY}"]'),
            mounted=("drives", 'mounted = true\nstatus = "mounted"'),
            fast=("drives", 'storage_type = "nvme"\nfields = ["size"]'),
            none=("drives", 'name = "nobody"'),
        )
    )

    workspace.apply()

    drives = found(workspace)
    assert names(drives["all"]) == ["archive", "backup-a", "backup-b", "twin", "twin", "web"]
    assert sorted(drive["uuid"] for drive in drives["contains"]["drives"]) == scene.backups
    assert names(drives["regex"]) == ["archive", "web"]
    assert [drive["uuid"] for drive in drives["named"]["drives"]] == sorted(scene.twins)
    assert [names(drives[key]) for key in ("tagged", "listed", "mounted")] == [
        ["archive"],
        ["web"],
        ["web"],
    ]
    assert names(drives["none"]) == []
    (fast,) = drives["fast"]["drives"]
    assert (fast["name"], fast["size"], fast["media"], fast["tags"]) == ("web", GIB, None, None)
    assert "/api/2.0/drives/?limit=0&fields=name,size,storage_type,uuid" in cloud.sent("GET")


def test_everything_around_the_drive_is_found(workspace: Project, scene: Scene) -> None:
    workspace.write(
        looked_up(
            users=("rds_drive", f'drive = "{scene.archive}"'),
            all_users=("rds_drives", ""),
            newest=("library_drive", 'os = "linux"\nimage_type = "preinst"\nmost_recent = true'),
            contains=("library_drive", 'name_contains = "windows"\narch = "64"'),
            storage=("storage_types", ""),
            groups=("drive_availability_groups", ""),
            group=("drive_availability_groups", f'drive = "{scene.archive}"'),
            licenses=("licenses", ""),
            tag=("tag", 'name = "red"'),
            same=("tag", f'uuid = "{scene.red}"'),
            locations=("locations", ""),
            profile=("profile", ""),
        )
    )

    workspace.apply()

    got = found(workspace)
    assert (got["users"]["amount"], got["users"]["id"]) == (5, scene.archive)
    records = {record["drive"]: record["amount"] for record in got["all_users"]["rds_drives"]}
    assert records == {scene.archive: 5, scene.web: 7}
    assert list(records) == sorted(records)
    assert (got["newest"]["name"], got["newest"]["version"]) == ("Debian 13", "13")
    assert got["contains"]["licenses"][0]["license"]["long_name"] == "Windows Server"
    assert got["storage"]["default"] == "dssd"
    assert got["storage"]["names"] == ["dssd", "nvme", "zadara"]
    assert got["storage"]["storage_types"][2]["size_min"] == GIB
    assert got["group"]["groups"][0] in got["groups"]["groups"]
    assert scene.archive in got["group"]["groups"][0]
    assert [one["type"] for one in got["licenses"]["licenses"]] == ["instance", "stub"]
    assert got["tag"] == got["same"]
    assert [one["uuid"] for one in got["tag"]["resources"]] == [scene.archive]
    codes = [place["id"] for place in got["locations"]["locations"]]
    assert (codes, "ZRH" in codes) == (sorted(codes), True)
    assert got["profile"]["email"] == "demo@example.com"


def test_none_and_several_say_so(workspace: Project, cloud: Cloud, scene: Scene) -> None:
    expected = {
        "a": ("drive", 'name = "nobody"', 'There is no drive with name "nobody"'),
        "b": ("drive", f'uuid = "{NOBODY}"', f'There is no drive with uuid "{NOBODY}"'),
        "c": ("drive", f'uuid = "{scene.web}"\nname = "archive"', "with uuid"),
        "d": ("drive", 'name = "twin"', '2 drives fit name "twin": '),
        "e": (
            "drive",
            'filter {\n  name = "color"\n  values = ["red"]\n}',
            'Drives have no attribute "color"',
        ),
        "f": ("rds_drive", f'drive = "{NOBODY}"', "No RDS drive record found"),
        "g": ("library_drive", 'os = "linux"', '2 library drives fit os "linux"'),
        "h": ("library_drive", 'os = "beos"', 'There is no library drive with os "beos"'),
        "i": ("drive_availability_groups", f'drive = "{NOBODY}"', "Drive does not exist"),
        "j": ("tag", 'name = "green"', 'There is no tag with name "green"'),
        "k": ("licenses", "", "Licenses could not be read"),
    }
    cloud.faults({"path": "licenses/", "fault": "403", "times": None})
    workspace.write(looked_up(**{k: (kind, body) for k, (kind, body, _) in expected.items()}))

    said = workspace.fails("plan")

    assert [words for _, _, words in expected.values() if words not in said] == []
    assert all(uuid in said for uuid in scene.twins)


def test_bad_input_is_an_error_on_the_attribute(workspace: Project) -> None:
    expected = {
        "a": ("drive", "", 'The attribute "name" or "uuid" must be defined.'),
        "b": ("drive", 'uuid = "web"', '`uuid` must be a UUID; it is "web"'),
        "c": ("drive", 'name = ""', "`name` must not be empty"),
        "d": ("drives", 'name_regex = "("', "`name_regex` must be a regular expression"),
        "e": ("drives", 'fields = ["color"]', "`fields` must have elements each of which must be"),
        "f": ("drives", 'mounted = "often"', "a bool is required"),
        "g": ("rds_drive", "", 'The argument "drive" is required'),
        "h": ("rds_drive", 'drive = ""', '`drive` must be a UUID; it is ""'),
        "i": ("library_drive", f'uuid = "{NOBODY}"\nos = "linux"', "cannot be set together with"),
        "j": ("tag", "", '`uuid` or at least one of "name" must be set'),
        "k": ("storage_types", 'default = "nvme"', "`default` is decided by the provider"),
        "l": ("licenses", 'name = "x"', "Unsupported argument"),
    }
    workspace.write(looked_up(**{k: (kind, body) for k, (kind, body, _) in expected.items()}))

    said = workspace.fails("validate")

    assert [words for _, _, words in expected.values() if words not in said] == []

"""Resize or fail, waits, conflicts: what an apply does when the API is not at its best."""

from __future__ import annotations

import time

import pytest

from tests.e2e.cloud import GIB, Cloud
from tests.e2e.terraform import Project, said
from tests.e2e.test_drive_lifecycle import ADDRESS, drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

RESIZE = "drives/*/action/"


@pytest.mark.parametrize("growth", [GIB, 32 * 1024])
def test_a_growth_the_api_accepts_and_does_not_make_is_an_error(
    workspace: Project, cloud: Cloud, growth: int
) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.call("POST", "_control/clock", {"clock": "seconds:60"})
    workspace.write(drive(size=GIB + growth))
    applying = workspace.start("apply", "-auto-approve")
    while not any("do=resize" in path for path in cloud.sent("POST")):
        assert applying.poll() is None
    cloud.force(uuid, size=GIB, status="unmounted")

    run = workspace.finish(applying)

    words = said(run)
    assert run.exit == 1
    assert "Drive is not as it was asked for" in words
    assert f"`size`: asked {GIB + growth}, has {GIB}" in words
    assert workspace.state()[ADDRESS]["size"] == GIB


def test_resizing_is_waited_for(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.call("POST", "_control/clock", {"clock": "reads:3"})
    workspace.write(drive(size=2 * GIB))

    workspace.apply()

    state = workspace.state()[ADDRESS]
    assert (state["size"], state["status"]) == (2 * GIB, "unmounted")
    assert workspace.plan_is_empty()


def test_a_resize_that_takes_longer_than_allowed_is_an_error_that_names_the_status(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    cloud.call("POST", "_control/clock", {"clock": "seconds:60"})
    block = '\n  timeouts {\n    update = "2s"\n  }\n}\n'
    workspace.write(drive(size=2 * GIB).rstrip("}\n") + block)

    words = workspace.fails("apply", "-auto-approve")

    assert 'the last status was "resizing"' in words
    assert "`timeouts` block" in words
    assert workspace.state()[ADDRESS]["size"] == GIB


def test_a_create_that_takes_longer_than_allowed_stays_in_the_state(
    workspace: Project, cloud: Cloud
) -> None:
    cloud.call("POST", "_control/clock", {"clock": "seconds:60"})
    block = '\n  timeouts {\n    create = "2s"\n  }\n}\n'
    workspace.write(drive().rstrip("}\n") + block)

    words = workspace.fails("apply", "-auto-approve")

    assert 'the last status was "creating"' in words
    assert "still exists" in words
    assert {workspace.state()[ADDRESS]["uuid"]} == cloud.uuids()


def test_a_conflicting_change_is_tried_again(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.faults({"method": "PUT", "fault": "503_concurrency", "times": 2})
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    assert cloud.drive(uuid)["name"] == "renamed"
    assert len(cloud.sent("PUT")) == 3


def test_a_lack_of_capacity_is_told_in_the_apis_words(workspace: Project, cloud: Cloud) -> None:
    cloud.faults({"method": "POST", "path": "drives/", "fault": "503_capacity", "times": None})
    workspace.write(
        'provider "cloudsigma" {\n  max_retries = 1\n}\n' + drive(storage_type='"nvme"')
    )

    words = workspace.fails("apply", "-auto-approve")

    assert "We currently cannot provide enough resources" in words
    assert cloud.drives() == []


def test_unavailable_comes_and_goes_during_a_wait(workspace: Project, cloud: Cloud) -> None:
    cloud.faults({"method": "GET", "path": "drives/*", "fault": "unavailable", "times": 2})
    workspace.write(drive())

    workspace.apply()

    assert workspace.state()[ADDRESS]["status"] == "unmounted"


def test_a_status_nobody_documented_is_waited_out(workspace: Project, cloud: Cloud) -> None:
    cloud.faults({"method": "GET", "path": "drives/*", "fault": "unknown_status", "times": 2})
    workspace.write(drive())

    workspace.apply()

    assert workspace.state()[ADDRESS]["status"] == "unmounted"


def test_a_refusal_is_placed_on_the_attribute_the_api_names(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(avoid='["11111111-2222-3333-4444-555555555555"]'))

    words = workspace.fails("apply", "-auto-approve")

    assert "Drive could not be created" in words
    assert "status 400, error_type validation" in words
    assert "on main.tf line 5" in words
    assert cloud.drives() == []


def test_an_html_error_page_does_not_hide_what_failed(workspace: Project, cloud: Cloud) -> None:
    cloud.faults({"method": "POST", "path": "drives/", "fault": "502", "times": None})
    workspace.write('provider "cloudsigma" {\n  max_retries = 0\n}\n' + drive())

    words = workspace.fails("apply", "-auto-approve")

    assert "status 502" in words
    assert "Drive could not be created" in words


@pytest.mark.parametrize(
    "fault", ["403", "500", "502", "truncate", "html", "empty", "reset_before"]
)
def test_a_failing_refresh_removes_nothing_from_the_state(
    workspace: Project, cloud: Cloud, fault: str
) -> None:
    workspace.write('provider "cloudsigma" {\n  max_retries = 0\n}\n' + drive())
    workspace.apply()
    before = workspace.state()
    cloud.faults({"method": "GET", "path": "drives/*", "fault": fault, "times": None})

    workspace.fails("apply", "-refresh-only", "-auto-approve")

    assert workspace.state() == before


def test_a_rename_starts_no_stopped_server(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    server = cloud.server(*cloud.uuids(), running=False)
    workspace.write(drive(name='"renamed"'))

    workspace.apply()

    assert cloud.call("GET", f"servers/{server}/")["status"] == "stopped"


def test_deleting_a_drive_of_a_running_server_is_refused_with_its_name(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive())
    workspace.apply()
    server = cloud.server(*cloud.uuids(), running=True, name="db")

    words = workspace.fails("destroy", "-auto-approve")

    assert f'"db" ({server}, running)' in words
    assert len(cloud.drives()) == 1
    assert ADDRESS in workspace.state()


def test_a_destroy_waits_until_the_drive_is_gone(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive())
    workspace.apply()
    (uuid,) = cloud.uuids()
    cloud.call("POST", "_control/clock", {"clock": "seconds:1"})
    started = time.monotonic()

    workspace.destroy()

    last = [r for r in cloud.requests() if uuid in r["path"]][-1]
    assert (last["method"], last["status"]) == ("GET", 404)
    assert time.monotonic() - started > 1


def test_many_drives_at_once(workspace: Project, cloud: Cloud) -> None:
    workspace.write(drive().replace('" {', '" {\n  count = 12', 1))

    workspace.apply()
    assert len(cloud.drives()) == 12
    assert workspace.plan_is_empty()
    workspace.destroy("-parallelism=12")

    assert cloud.drives() == []


def test_iops_that_answers_do_not_show_are_kept_with_a_warning(
    workspace: Project, cloud: Cloud
) -> None:
    workspace.write(drive(iops=5000))

    words = said(workspace.apply())

    assert "Warning: Part of the drive cannot be confirmed" in words
    assert "its answer does not show `iops`" in words
    assert workspace.plan_is_empty()
    assert len(cloud.drives()) == 1

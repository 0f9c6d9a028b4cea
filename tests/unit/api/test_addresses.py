"""URLs: locations, segments that cannot escape, filters that match literally."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.api import addresses
from provider.api.errors import ValidationFailed


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("zrh", "https://zrh.cloudsigma.com/api/2.0/"),
        ("ZRH", "https://zrh.cloudsigma.com/api/2.0/"),
        ("mnl2", "https://mnl2.cloudsigma.com/api/2.0/"),
        ("wdc", "https://wdc.alpha3cloud.com/api/2.0/"),
        ("DUB", "https://ec.servecentric.com/api/2.0/"),
        ("xyz", "https://xyz.cloudsigma.com/api/2.0/"),
    ],
)
def test_a_location_code_gives_its_base_url(location, url):
    assert addresses.base_url(location) == url


@pytest.mark.parametrize("location", ["", "zrh/", "a.b", "evil.example#", "zrh\n", "ä"])
def test_what_is_no_location_code_is_refused(location):
    with pytest.raises(ValueError, match="not a code"):
        addresses.base_url(location)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://api.example/api/2.0", "https://api.example/api/2.0/"),
        ("https://api.example/api/2.0//", "https://api.example/api/2.0/"),
        ("http://127.0.0.1:8080/api/2.0/", "http://127.0.0.1:8080/api/2.0/"),
        ("http://localhost", "http://localhost/"),
        ("HTTPS://api.example/a\n", "https://api.example/a/"),
        ("http://[::1]:80/", "http://[::1]:80/"),
    ],
)
def test_a_safe_base_url_is_kept_with_one_final_slash(url, kept):
    assert addresses.checked_base_url(url, allow_http=False) == kept


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("zrh.cloudsigma.com", "must start with https"),
        ("ftp://api.example/", "must start with https"),
        ("https:///api/", "must start with https"),
        ("https://api.example:99999/", "must start with https"),
        ("https://me:secret/@api.example/", "must start with https"),
        ("https://[secret/", "must start with https"),
        ("https://me:secret@api.example/", "must not hold"),
        ("https://api.example/?token=x", "must not hold"),
        ("https://api.example/#x", "must not hold"),
        ("http://api.example/", "in the clear"),
        ("http://127.0.0.1.evil.example/", "in the clear"),
        ("http://localhost.evil.example/", "in the clear"),
    ],
)
def test_an_unsafe_base_url_is_refused_without_repeating_it(url, reason):
    with pytest.raises(ValueError, match=reason) as caught:
        addresses.checked_base_url(url, allow_http=False)

    assert "secret" not in str(caught.value)


def test_plain_http_can_be_allowed():
    url = "http://api.example/api/"

    assert addresses.checked_base_url(url, allow_http=True) == url


@pytest.mark.parametrize(
    ("segment", "written"),
    [
        ("../../x?y", "..%2F..%2Fx%3Fy"),
        ("a b#c&d=e%", "a%20b%23c%26d%3De%25"),
        ("ü", "%C3%BC"),
        ("...", "..."),
        ("\ud800", "%3F"),
    ],
)
def test_a_segment_cannot_escape(segment, written):
    assert addresses.path("drives", segment) == f"drives/{written}/"


@pytest.mark.parametrize("segment", ["", ".", ".."])
def test_a_segment_with_a_meaning_of_its_own_is_refused(segment):
    with pytest.raises(ValidationFailed):
        addresses.path("drives", segment)


def test_a_query_is_escaped_except_for_commas():
    query = {"fields": "uuid,status", "name": "a&b=c +%/é"}

    assert addresses.query_string(query) == "fields=uuid,status&name=a%26b%3Dc%20%2B%25%2F%C3%A9"


def alternatives(value: str) -> list[str]:
    """The API's reading of a filter: of the backslashes before a comma, each pair is one."""
    found = [""]
    for backslashes, comma, other in re.findall(r"(\\*)(,)|(\\+|[^\\,]+)", value):
        if not comma:
            found[-1] += other
        elif len(backslashes) % 2:
            found[-1] += "\\" * (len(backslashes) // 2) + ","
        else:
            found[-1] += "\\" * (len(backslashes) // 2)
            found.append("")
    return found


def test_the_reading_agrees_with_the_documented_example():
    assert alternatives(r"name\,long\\,name2") == ["name,long\\", "name2"]


@settings(deadline=None)
@given(st.lists(st.text(alphabet="a,\\", max_size=8), min_size=1, max_size=4))
def test_a_filter_is_read_back_as_the_values_it_was_made_of(values):
    assert alternatives(addresses.filter_value(values)) == values


def test_a_single_value_needs_no_list():
    assert addresses.filter_value("a,b") == r"a\,b"

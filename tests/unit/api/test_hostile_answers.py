"""Laws of reading answers: whatever arrives, the outcome is a value or an error of ours."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provider.api import answers, errors, records

SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=12,
)
# How long an example takes says how busy the machine is.
UNHURRIED = settings(deadline=None, max_examples=50)


@UNHURRIED
@given(st.binary())
def test_any_bytes_are_read_or_refused(body):
    try:
        value = answers.parse(body)
    except ValueError:
        return

    assert answers.parse(json.dumps(value).encode()) == value


@UNHURRIED
@given(VALUES)
def test_any_finite_value_is_read_back(value):
    try:
        body = json.dumps(value, allow_nan=False).encode()
    except ValueError:
        return

    assert answers.parse(body) == value


@UNHURRIED
@given(
    st.integers(300, 999),
    st.dictionaries(st.sampled_from(["Retry-After", "Date", "Location"]), st.text()),
    st.text() | VALUES.map(json.dumps),
)
def test_any_error_answer_is_an_error(status, headers, body):
    error = answers.failure("GET", "drives/", status, headers, body)

    assert isinstance(error, errors.ApiError)
    assert str(error)


@UNHURRIED
@given(st.dictionaries(st.sampled_from(["uuid", "size", "tags", "meta", "mounted_on"]), VALUES))
def test_any_record_fits_or_names_a_key_that_does_not(record):
    key = records.misfit(record)

    assert key is None or key in record


@pytest.mark.parametrize("status", [404, 500, 502, 503])
@UNHURRIED
@given(body=st.text())
def test_no_text_but_the_apis_own_says_that_an_object_is_absent(status, body):
    assert not isinstance(answers.failure("GET", "x/", status, {}, body), errors.NotFound)

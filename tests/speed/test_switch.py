"""CLOUDSIGMA_READ_WINDOW, which switches the joining of requests off."""

from __future__ import annotations

import pytest

from provider.bridge import DiagnosticError
from provider.cloudsigma import blamed_on, read_window


@pytest.mark.parametrize(
    ("environment", "seconds"), [({}, 5.0), ({"CLOUDSIGMA_READ_WINDOW": "0"}, 0.0)]
)
def test_the_environment_sets_the_window(environment, seconds):
    assert read_window(environment) == seconds


def test_what_is_no_number_is_an_error_of_the_configuration():
    with pytest.raises(DiagnosticError) as caught, blamed_on():
        read_window({"CLOUDSIGMA_READ_WINDOW": "never"})

    assert "CLOUDSIGMA_READ_WINDOW is no number of seconds: 'never'" in caught.value.detail

"""Where the API of a location is."""

from __future__ import annotations

from provider.api import addresses
from provider.bridge import FunctionError, function


@function(code="Code of the location, such as `zrh`, in any case.")
def location_url(code: str) -> str:
    """The URL of the API of a location, as the `base_url` of the provider block takes it.

    A code that is not known to have an address of its own gives one below cloudsigma.com.
    """
    try:
        return addresses.base_url(code)
    except ValueError as error:
        raise FunctionError(f"{str(error)[0].upper()}{str(error)[1:]}.", 0) from error

"""How to reach the API and as whom, checked once."""

from __future__ import annotations

import base64
import re
from typing import NamedTuple

from provider.api import addresses

LONGEST_READ_WINDOW = 60


class Settings(NamedTuple):
    """Where the API is and how to talk to it, with either a token or a user and a password.

    `read_window` is the age in seconds that an answer to a read may have; with 0
    nothing is joined: every drive is asked for by itself.
    """

    base_url: str
    username: str | None = None
    password: str | None = None
    token: str | None = None
    request_timeout: float = 60.0
    ca_file: str | None = None
    allow_http: bool = False
    max_retries: int = 5
    user_agent: str = "terraform-provider-cloudsigma"
    pool_size: int = 128
    read_window: float = 5.0

    def __repr__(self) -> str:
        return f"Settings(base_url={self.base_url!r}, username={self.username!r}, …)"

    def checked(self) -> Settings:
        """The same settings; ValueError, beginning with the culprit's name, when they are off."""
        addresses.checked_base_url(self.base_url, allow_http=self.allow_http)
        if bool(self.token) == bool(self.username or self.password):
            raise ValueError("give either a token, or a username and a password")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password belong together")
        if not 0 <= self.read_window <= LONGEST_READ_WINDOW:
            limits = f"between 0 and {LONGEST_READ_WINDOW}"
            raise ValueError(f"the seconds in CLOUDSIGMA_READ_WINDOW must be {limits}")
        if self.token and not re.fullmatch(r"[!-~]+", self.token):
            raise ValueError("token holds a character, such as a line end, that no token has")
        return self

    def authorization(self) -> str:
        """The value of the Authorization header."""
        if self.token:
            return f"Bearer {self.token}"
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

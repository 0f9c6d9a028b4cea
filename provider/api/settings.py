"""How to reach the API and as whom, checked once."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field

from provider.api import addresses

LONGEST_READ_WINDOW = 60


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Where the API is and how to talk to it, with either a token or a user and a password.

    `read_window` is the age in seconds that an answer to a read may have; with 0
    nothing is joined: every drive is asked for by itself.
    """

    base_url: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    request_timeout: float = 60.0
    ca_file: str | None = None
    allow_http: bool = False
    max_retries: int = 5
    user_agent: str = "terraform-provider-cloudsigma"
    pool_size: int = 128
    read_window: float = 5.0

    def __post_init__(self) -> None:
        addresses.checked_base_url(self.base_url, allow_http=self.allow_http)
        if bool(self.token) == bool(self.username or self.password):
            raise ValueError("give either a token, or a username and a password")
        if bool(self.username) != bool(self.password):
            raise ValueError("username and password belong together")
        if not 0 <= self.read_window <= LONGEST_READ_WINDOW:
            raise ValueError(f"the read window must be between 0 and {LONGEST_READ_WINDOW} seconds")
        if self.token and not re.fullmatch(r"[!-~]+", self.token):
            raise ValueError("token holds a character, such as a line end, that no token has")

    def authorization(self) -> str:
        """The value of the Authorization header."""
        if self.token:
            return f"Bearer {self.token}"
        pair = f"{self.username}:{self.password}".encode()
        return "Basic " + base64.b64encode(pair).decode("ascii")

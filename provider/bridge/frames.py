"""The frames of HTTP/2: made, and found in what a client sends.

Standard: RFC 9113, chapters 4 and 6.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Final

DATA, HEADERS, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY = 0, 1, 3, 4, 5, 6, 7
WINDOW_UPDATE, CONTINUATION = 8, 9
END_STREAM = ACK = 0x1
END_HEADERS, PADDED, WITH_PRIORITY = 0x4, 0x8, 0x20
NO_ERROR, PROTOCOL_ERROR, FLOW_CONTROL_ERROR, STREAM_CLOSED = 0, 1, 3, 5
FRAME_SIZE_ERROR, COMPRESSION_ERROR = 6, 9
INITIAL_WINDOW_SIZE: Final = 4  # a setting

NUMBER: Final = Struct(">L")
SETTING: Final = Struct(">HL")
LARGEST_FRAME: Final = 16_384  # what each side has to take
_PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
_HEADER: Final = Struct(">BHBBL")  # the length in two parts, kind, flags, stream
_STREAM: Final = 2**31 - 1  # the bits of a stream's number


class ConnectionFault(Exception):  # noqa: N818 - an event on the wire
    """The client broke a rule after which its connection cannot go on."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def frame(kind: int, flags: int, number: int, payload: bytes | memoryview = b"") -> bytes:
    """A whole frame."""
    size = len(payload)
    return _HEADER.pack(size >> 16, size & 0xFFFF, kind, flags, number) + payload


def unpadded(flags: int, payload: bytes) -> bytes:
    """What a frame of data or headers carries, without padding and priority."""
    begin, padding = 0, 0
    if flags & PADDED:
        begin, padding = 1, payload[0] if payload else 0
    if flags & WITH_PRIORITY:
        begin += 5
    end = len(payload) - padding
    if end < begin:
        raise ConnectionFault(PROTOCOL_ERROR, "a frame is nothing but padding")
    return payload[begin:end]


class Arrivals:
    """What a client has sent, as far as it is not a whole frame yet."""

    def __init__(self) -> None:
        self._rest = bytearray()
        self._is_greeted = False

    def frames(self, data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        """Kind, flags, stream and payload of each frame that is whole now."""
        self._rest += data
        if not self._is_greeted and not self._greeted():
            return
        arrived, at = self._rest, 0
        while len(arrived) >= at + _HEADER.size:
            high, low, kind, flags, number = _HEADER.unpack_from(arrived, at)
            size, begin = high << 16 | low, at + _HEADER.size
            if size > LARGEST_FRAME:
                raise ConnectionFault(FRAME_SIZE_ERROR, "a frame is too large")
            if len(arrived) < begin + size:
                break
            at = begin + size
            yield kind, flags, number & _STREAM, bytes(arrived[begin:at])
        del arrived[:at]

    def _greeted(self) -> bool:
        """Whether the client has said that it speaks HTTP/2, which it has to do first."""
        if not _PREFACE.startswith(self._rest[: len(_PREFACE)]):
            raise ConnectionFault(PROTOCOL_ERROR, "this is not HTTP/2")
        self._is_greeted = len(self._rest) >= len(_PREFACE)
        if self._is_greeted:
            del self._rest[: len(_PREFACE)]
        return self._is_greeted

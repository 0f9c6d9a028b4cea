"""Header blocks of HTTP/2: what a client says of a call, and the few things said in return.

Decodes all of HPACK. What this side sends is literal, so no table is kept for it.
Standard: RFC 7541.
"""

from __future__ import annotations

from typing import Final

Field = tuple[bytes, bytes]

_DYNAMIC_BYTES: Final = 4096  # what a client may count on without asking
_OVERHEAD: Final = 32  # what an entry of the table counts besides its text
_LONGEST_LIST: Final = 1 << 16  # bytes; a short block can stand for a very long list
_LONGEST_INTEGER: Final = 28  # bits

_STATIC_TEXT: Final = (
    b":authority;:method=GET;:method=POST;:path=/;:path=/index.html;:scheme=http;:scheme=https;"
    b":status=200;:status=204;:status=206;:status=304;:status=400;:status=404;:status=500;"
    b"accept-charset;accept-encoding=gzip, deflate;accept-language;accept-ranges;accept;"
    b"access-control-allow-origin;age;allow;authorization;cache-control;content-disposition;"
    b"content-encoding;content-language;content-length;content-location;content-range;"
    b"content-type;cookie;date;etag;expect;expires;from;host;if-match;if-modified-since;"
    b"if-none-match;if-range;if-unmodified-since;last-modified;link;location;max-forwards;"
    b"proxy-authenticate;proxy-authorization;range;referer;refresh;retry-after;server;set-cookie;"
    b"strict-transport-security;transfer-encoding;user-agent;vary;via;www-authenticate"
)
_STATIC: Final[list[Field]] = [
    (name, value) for name, _, value in (f.partition(b"=") for f in _STATIC_TEXT.split(b";"))
]

# The length in bits, as a digit to base 36, of the code of each byte, and of the end. The codes
# themselves follow from it: shorter ones first, those of one length in the order of the bytes.
_CODE_LENGTHS: Final = (
    "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6cad677777777777777777777"
    "77878djde6f56565666577666567655677777fbedskmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmo"
    "lmnnllmlnmnnkmmmnmmnqqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrqu"
)
_END: Final = 256


class HpackError(ValueError):
    """The bytes are no header block; the connection cannot go on."""


def field(name: bytes, value: bytes) -> bytes:
    """A header field as this side sends it: literal, and not to be remembered."""
    return b"\0" + _text(name) + _text(value)


def _text(text: bytes) -> bytes:
    if len(text) < 0x7F:
        return bytes((len(text),)) + text
    out, rest = bytearray((0x7F,)), len(text) - 0x7F
    while rest >= 0x80:
        out.append(0x80 | rest & 0x7F)
        rest >>= 7
    return bytes((*out, rest)) + text


class Decoder:
    """What one side of a connection says in header blocks, which refer to earlier ones."""

    def __init__(self) -> None:
        self._recent: list[Field] = []  # newest first
        self._limit = _DYNAMIC_BYTES

    def fields(self, block: bytes) -> list[Field]:
        """The header fields in order; HpackError when the block holds anything else."""
        found: list[Field] = []
        room, at = _LONGEST_LIST, 0
        try:
            while at < len(block):
                entry, at = self._next(block, at)
                if entry is not None:
                    found.append(entry)
                    room -= _size(entry)
                elif found:
                    raise HpackError("the table's size changes within a block")
                if room < 0:
                    raise HpackError("the header list is too long")
        except IndexError:
            raise HpackError("the header block ends too early") from None
        return found

    def _next(self, block: bytes, at: int) -> tuple[Field | None, int]:
        """The next field, None for a change of the table's size, and where the rest begins."""
        first = block[at]
        if first & 0x80:
            index, at = _integer(block, at, 7)
            return self._entry(index), at
        if first & 0x40:
            entry, at = self._literal(block, at, 6)
            self._recent.insert(0, entry)
            self._evict()
            return entry, at
        if first & 0x20:
            self._limit, at = _integer(block, at, 5)
            if self._limit > _DYNAMIC_BYTES:
                raise HpackError("the table is larger than allowed")
            self._evict()
            return None, at
        return self._literal(block, at, 4)

    def _literal(self, block: bytes, at: int, bits: int) -> tuple[Field, int]:
        index, at = _integer(block, at, bits)
        name, at = (self._entry(index)[0], at) if index else _string(block, at)
        value, at = _string(block, at)
        return (name, value), at

    def _entry(self, index: int) -> Field:
        if index == 0:
            raise HpackError("there is no entry 0")
        if index <= len(_STATIC):
            return _STATIC[index - 1]
        return self._recent[index - len(_STATIC) - 1]

    def _evict(self) -> None:
        while sum(map(_size, self._recent)) > self._limit:
            self._recent.pop()


def _size(entry: Field) -> int:
    return len(entry[0]) + len(entry[1]) + _OVERHEAD


def _integer(block: bytes, at: int, bits: int) -> tuple[int, int]:
    most = (1 << bits) - 1
    value = block[at] & most
    at += 1
    shift = 0
    while value >= most:
        byte = block[at]
        at += 1
        value += (byte & 0x7F) << shift
        shift += 7
        if not byte & 0x80:
            break
        if shift > _LONGEST_INTEGER:
            raise HpackError("a number is too large")
    return value, at


def _string(block: bytes, at: int) -> tuple[bytes, int]:
    packed = block[at] & 0x80
    size, at = _integer(block, at, 7)
    text = block[at : at + size]
    if len(text) < size:
        raise HpackError("the header block ends within a text")
    return _unpacked(text) if packed else text, at + size


def _codes() -> dict[int, int]:
    """The byte of each Huffman code, which is written with a 1 before it."""
    lengths = [int(digit, 36) for digit in _CODE_LENGTHS]
    found, code, bits = {}, 0, 0
    for byte in sorted(range(_END + 1), key=lambda b: (lengths[b], b)):
        code <<= lengths[byte] - bits
        bits = lengths[byte]
        found[1 << bits | code] = byte
        code += 1
    return found


_BYTES: Final = _codes()


def _unpacked(text: bytes) -> bytes:
    """The text that Huffman codes stand for; what is left of the last byte is ones."""
    out, code = bytearray(), 1
    for byte in text:
        for place in range(7, -1, -1):
            code = code << 1 | byte >> place & 1
            found = _BYTES.get(code)
            if found is not None:
                if found == _END:
                    raise HpackError("the end stands within a text")
                out.append(found)
                code = 1
    if code > 0xFF or code & code + 1:
        raise HpackError("a text is padded wrongly")
    return bytes(out)

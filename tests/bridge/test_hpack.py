"""Header blocks, held against another implementation of HPACK."""

from __future__ import annotations

import hpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from provider.bridge.hpack import Decoder, HpackError, field

TEXTS = st.binary(max_size=200) | st.text("abcdef-/:.0123 ", max_size=200).map(str.encode)
FIELDS = st.lists(st.tuples(TEXTS, TEXTS), max_size=8)
# The static table, and names that are in it with other values.
COMMON = st.sampled_from(
    [(b":method", b"POST"), (b":path", b"/tfplugin6.Provider/ReadResource"), (b"te", b"trailers")]
)


@given(st.lists(FIELDS | st.lists(COMMON, max_size=4), max_size=6), st.booleans(), st.data())
def test_what_another_encoder_says_is_understood(
    blocks: list[list[tuple[bytes, bytes]]], packed: bool, data: st.DataObject
) -> None:
    encoder, decoder = hpack.Encoder(), Decoder()

    for fields in blocks:
        if data.draw(st.booleans()):
            encoder.header_table_size = data.draw(st.integers(0, 4096))
        block = encoder.encode(fields, huffman=packed)
        assert decoder.fields(block) == fields


@given(TEXTS, TEXTS)
@example(b"grpc-message", b"x" * 126)
@example(b"grpc-message", b"x" * 127)
@example(b"grpc-message", b"x" * 60_000)
def test_another_decoder_understands_what_is_said(name: bytes, value: bytes) -> None:
    assert hpack.Decoder().decode(field(name, value), raw=True) == [(name, value)]


@given(st.binary(max_size=64))
def test_bytes_that_are_no_block_are_refused(block: bytes) -> None:
    try:
        found = Decoder().fields(block)
    except HpackError:
        return
    assert hpack.Decoder().decode(block, raw=True) == found


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        (b"\x80", "no entry 0"),
        (b"\xff\xff", "ends too early"),
        (b"\xbe", "ends too early"),  # nothing is remembered yet
        (b"\xff" + b"\xff" * 8, "too large"),
        (b"\x3f\xff\x7f", "larger than allowed"),
        (b"\0\x05abc", "ends within a text"),
        (b"\0\x81\xfe\0", "padded wrongly"),
        (b"\0\x82\x1f\0\0", "padded wrongly"),
        (b"\0\x84\xff\xff\xff\xff\0", "end stands within"),
    ],
)
def test_each_fault_has_its_reason(block: bytes, reason: str) -> None:
    with pytest.raises(HpackError, match=reason):
        Decoder().fields(block)


def test_a_short_block_that_stands_for_a_very_long_list_is_refused() -> None:
    decoder = Decoder()
    decoder.fields(b"\x40\x01a\x7f\xa1\x1e" + b"x" * 4000)

    with pytest.raises(HpackError, match="too long"):
        decoder.fields(b"\xbe" * 1000)

"""Samples as few bytes, and back."""

from __future__ import annotations

import math
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.history.block import BrokenBlockError, decode, encode
from exporter.source import Number

NUMBERS = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.integers(),
    st.floats(),
    st.sampled_from([0, 0.0, -0.0, 2**53 + 1, 45.0, 45.5]),
)


def bits(number: Number) -> object:
    """What tells two numbers apart that Python calls equal; one not-a-number is as good as another."""
    return number if isinstance(number, int) else "NaN" if math.isnan(number) else struct.pack("d", number)


@given(st.integers(0, 12).flatmap(lambda width: st.lists(st.tuples(*[NUMBERS] * width), min_size=1, max_size=20)))
def test_every_number_comes_back_as_it_was(samples: list[tuple[Number, ...]]) -> None:
    """An int as an int however long, a float bit for bit, -0.0 and the infinities too."""
    back = decode(encode(samples))

    assert [[(type(one), bits(one)) for one in each] for each in back] == [
        [(type(one), bits(one)) for one in each] for each in samples
    ]


@given(st.binary(max_size=200))
def test_no_bytes_raise_anything_else(data: bytes) -> None:
    """Whatever is no block says so."""
    with pytest.raises(BrokenBlockError):
        decode(data)


@given(st.data())
def test_a_changed_byte_is_noticed(data: st.DataObject) -> None:
    """A block comes back whole or not at all."""
    samples = [(n, n * 0.5, 2**70 + n) for n in range(10)]
    block = bytearray(encode(samples))
    at = data.draw(st.integers(0, len(block) - 1))
    block[at] ^= data.draw(st.integers(1, 255))

    try:
        back = decode(bytes(block))
    except BrokenBlockError:
        return
    assert back == samples  # a bit of zlib's header that does not matter


def test_a_minute_of_a_machine_is_small() -> None:
    """Counters, temperatures and constants: under 2 bytes a value, where the limit is 3.8 for 100 MB a day."""
    chance = random.Random(7)
    minute = [
        tuple(n * 1000 + second * n + chance.randrange(50) for n in range(100))
        + tuple(40 + n / 10 + chance.randrange(4) / 8 for n in range(100))
        + (1,) * 100
        for second in range(60)
    ]

    assert len(encode(minute)) < 2 * 300 * 60

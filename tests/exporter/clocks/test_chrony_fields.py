"""Floats, times and addresses as chronyd sends them."""

from __future__ import annotations

import ipaddress
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import chrony_fields as fields
from exporter.clocks.chrony_fields import ReplyError


def packed(number: float) -> int:
    """The float of 32 bits that is nearest to a number, made as chrony's manual of the format has it."""
    fraction, exponent = math.frexp(number)
    coefficient = round(fraction * (1 << 24))
    if abs(coefficient) == 1 << 24:
        coefficient, exponent = coefficient // 2, exponent + 1
    return ((exponent + 1) & 0x7F) << 25 | coefficient & 0x1FF_FFFF


@pytest.mark.parametrize(
    ("bits", "number"),
    [
        (0, 0.0),
        (0x0280_0000, 0.5),
        (0x0480_0000, 1.0),
        (0x0500_0000 | 0x100_0000, -2.0),
        (0x0000_0001, 2.0**-25),
        (0x01FF_FFFF, -(2.0**-25)),
        (0x8000_0001, 2.0**-89),
        (0x7EFF_FFFE, (2.0**24 - 2) * 2.0**38),
    ],
)
def test_a_float_is_exponent_and_coefficient(bits: int, number: float) -> None:
    """Both are signed, and none of their bits is lost."""
    assert fields.number(bits) == number


@given(st.integers(0, 0xFFFF_FFFF).filter(lambda bits: bits not in fields.SATURATED))
def test_every_float_is_exact(bits: int) -> None:
    """Its value is a coefficient of at most 25 bits times a power of two, which a float64 holds without rounding."""
    exponent = (bits >> 25) - (0x80 if bits >> 31 else 0)
    coefficient = (bits & 0x1FF_FFFF) - (0x200_0000 if bits & 0x100_0000 else 0)

    assert fields.number(bits) * 2.0**64 * 2.0**25 == coefficient * 2 ** (exponent + 64)


@given(st.floats(1e-15, 1e15) | st.floats(-1e15, -1e-15))
def test_a_number_survives_to_24_bits(number: float) -> None:
    """A frequency of 10 ppm is carried to 1e-6 ppm, and comes out so."""
    assert fields.number(packed(number)) == pytest.approx(number, rel=2**-23)


@pytest.mark.parametrize("bits", fields.SATURATED)
def test_what_was_too_large_is_refused(bits: int) -> None:
    """The largest float stands for infinity: that is no number."""
    with pytest.raises(ReplyError, match="too large"):
        fields.number(bits)


@pytest.mark.parametrize(
    ("high", "low", "nanoseconds", "time"),
    [
        (0, 1_795_460_191, 203_077_383, 1_795_460_191_203_077_383),
        (fields.NO_HIGH_SECONDS, 1_795_460_191, 1, 1_795_460_191_000_000_001),
        (1, 0, 0, (1 << 32) * 1_000_000_000),
        (0, 0, 0, 0),
    ],
)
def test_a_time_keeps_its_nanoseconds(high: int, low: int, nanoseconds: int, time: int) -> None:
    """Senders that count seconds in 32 bits say so in the upper half."""
    assert fields.time(high, low, nanoseconds) == time


@pytest.mark.parametrize("parts", [(0, 0, 1_000_000_000), (2, 0, 0), (0xFFFF_FFFF, 0xFFFF_FFFF, 0)])
def test_a_time_that_cannot_be_is_refused(parts: tuple[int, int, int]) -> None:
    """More nanoseconds than a second has, or a time centuries away, or before 1970."""
    with pytest.raises(ReplyError, match="time"):
        fields.time(*parts)


@given(st.ip_addresses())
def test_an_address_comes_back_as_it_was_sent(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """In 20 bytes: the address, its family, and nothing."""
    packed = fields.packed_address(str(address))

    assert len(packed) == 20
    assert ipaddress.ip_address(fields.address(packed)) == address


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (bytes(20), ""),
        (b"PPS0" + bytes(12) + b"\0\1\0\0", "80.80.83.48"),
        (bytes(15) + b"\1\0\2\0\0", "::1"),
        (b"\0\0\0\x1a" + bytes(12) + b"\0\3\0\0", "ID#000000001A"),
    ],
)
def test_addresses_as_chronyc_prints_them(field: bytes, text: str) -> None:
    """None, IPv4, IPv6, and the number of a source whose name has no address yet."""
    assert fields.address(field) == text


@given(st.binary(min_size=20, max_size=20))
def test_any_address_is_text_or_refused(field: bytes) -> None:
    """No bytes raise anything but ReplyError."""
    family = int.from_bytes(field[16:18], "big")
    if family > fields.UNRESOLVED:
        with pytest.raises(ReplyError, match="address family"):
            fields.address(field)
    else:
        assert fields.address(field).isprintable()

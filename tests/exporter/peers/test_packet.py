"""NTPv4 packets."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.peers import packet
from exporter.peers.packet import Packet

CENTURY = 100 * 366 * 86_400 * 10**9
times = st.integers(0, CENTURY)
fields = {"leap": 2, "version": 3, "mode": 3, "stratum": 8, "rootdelay": 32, "rootdisp": 32}
packets = st.builds(
    Packet,
    **{name: st.integers(0, 2**bits - 1) for name, bits in fields.items()},
    **{name: st.integers(-128, 127) for name in ("poll", "precision")},
    **{name: st.integers(0, 2**64 - 1) for name in ("reftime", "org", "rec", "xmt")},
    refid=st.binary(min_size=4, max_size=4),
)


def test_a_clients_request_as_the_rfc_draws_it() -> None:
    """Leap 0, version 4, mode 3 are 0x23; the transmit timestamp is the last of twelve words of 32 bits."""
    request = Packet(xmt=0x0123_4567_89AB_CDEF).pack()

    assert request[0] == 0x23
    assert struct.unpack("!12I", request)[10:] == (0x0123_4567, 0x89AB_CDEF)
    assert len(request) == 48


@given(packets, st.binary())
def test_every_packet_comes_back(sent: Packet, rest: bytes) -> None:
    """Whatever follows it: extension fields, a code."""
    assert packet.parse(sent.pack() + rest) == sent


@given(st.binary(max_size=47))
def test_what_is_too_short_is_none(data: bytes) -> None:
    """However it begins."""
    assert packet.parse(data) is None


@given(times)
def test_no_nanosecond_is_lost(time: int) -> None:
    """A unit is a quarter of a nanosecond, and the nearest one is taken both ways."""
    assert packet.nanoseconds(packet.timestamp(time), near=time) == time


@given(times, st.integers(-(2**60), 2**60))
def test_the_era_is_that_of_a_time_known_roughly(time: int, wrong: int) -> None:
    """Timestamps start over in 2036; 36 years either way are told apart."""
    assert packet.nanoseconds(packet.timestamp(time), near=time + wrong) == time


@pytest.mark.parametrize(
    ("time", "expected"),
    [(0, packet.NTP_EPOCH << 32), (500_000_000, (packet.NTP_EPOCH << 32) + 2**31), (2_085_978_496 * 10**9, 0)],
)
def test_known_timestamps(time: int, expected: int) -> None:
    """1970, half a second later, and the second in 2036 in which they start over."""
    assert packet.timestamp(time) == expected

"""What a PTP clock answers. That the layouts are the kernel's own is tested with its header, in tests/e2e."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import ptp_ioctl
from exporter.clocks.crossread import SECOND, Reading
from exporter.clocks.ptp_ioctl import Precise

nanoseconds = st.integers(0, 2**62)


def packed(*times: int) -> bytes:
    """Times as ``struct ptp_clock_time``."""
    return b"".join(struct.pack("=qII", *divmod(each, SECOND), 0) for each in times)


def answered(samples: int, times: bytes) -> bytearray:
    """What the kernel makes of a request."""
    head = struct.pack("=IiII", samples, 0, 0, 0)
    return bytearray((head + times).ljust(ptp_ioctl.EXTENDED_SIZE, b"\0"))


@given(nanoseconds, nanoseconds, nanoseconds)
def test_three_clocks_latched_at_one_instant(device: int, realtime: int, raw: int) -> None:
    """To the last digit."""
    answer = packed(device, realtime, raw).ljust(ptp_ioctl.PRECISE_SIZE, b"\0")

    assert ptp_ioctl.precise(answer) == Precise(device, realtime, raw)


@given(st.lists(st.tuples(nanoseconds, nanoseconds, nanoseconds), min_size=1, max_size=25))
def test_samples_come_back(samples: list[tuple[int, int, int]]) -> None:
    """As many as were asked for, not the empty ones behind them; a bracket that ends before it begins is none."""
    times = packed(*(time for sample in samples for time in sample))

    readings = ptp_ioctl.extended(answered(len(samples), times))

    assert readings == [Reading(*sample) for sample in samples if sample[0] <= sample[2]]


def test_a_time_of_a_billion_nanoseconds_is_none() -> None:
    """A driver that writes so is not believed, its other samples are."""
    good = packed(1, 2, 3)
    bad = struct.pack("=qII", 1, SECOND, 0) * 3

    assert ptp_ioctl.extended(answered(2, bad + good)) == [Reading(1, 2, 3)]
    assert ptp_ioctl.precise(bad.ljust(ptp_ioctl.PRECISE_SIZE)) is None


@given(st.binary(max_size=2000))
def test_no_answer_makes_them_raise(answer: bytes) -> None:
    """Whatever a driver writes, and however long."""
    ptp_ioctl.precise(answer)

    assert len(ptp_ioctl.extended(answer)) <= ptp_ioctl.MAX_SAMPLES


@pytest.mark.parametrize("clock", [0, 4])
def test_the_request_says_how_many_and_by_which_clock(clock: int) -> None:
    """In its first two fields; what is reserved is zero."""
    request = ptp_ioctl.extended_request(9, clock)

    assert struct.unpack_from("=IiII", request) == (9, clock, 0, 0)
    assert len(request) == ptp_ioctl.EXTENDED_SIZE
    assert len(ptp_ioctl.precise_request()) == ptp_ioctl.PRECISE_SIZE

"""A clock's reading between two of monotonic_raw."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import crossread
from exporter.clocks.crossread import SECOND, Anchors, Reading, narrowest
from tests.exporter.reading import by_series

NANOSECONDS = st.integers(0, 2**63 - 1)


def brackets(widths: Sequence[int]) -> Callable[[int], int]:
    """A raw clock whose pairs of readings are so wide, and a realtime that counts the brackets."""
    now = 0
    asked = 0

    def clock_ns(clock: int) -> int:
        nonlocal now, asked
        if clock == time.CLOCK_REALTIME:
            return asked // 2
        now += 10_000 if asked % 2 == 0 else widths[asked // 2]
        asked += 1
        return now

    return clock_ns


@given(st.lists(st.integers(1, 10_000), min_size=crossread.BRACKETS, max_size=crossread.BRACKETS))
def test_the_narrowest_bracket_wins(widths: list[int]) -> None:
    """Of nine readings the one with the narrowest bracket counts, and the first of equally narrow ones."""
    reading = crossread.narrowest(brackets(widths), time.CLOCK_REALTIME)

    assert reading.bracket == min(widths)
    assert reading.clock == widths.index(min(widths))


@given(NANOSECONDS)
def test_seconds_and_nanoseconds_give_back_every_digit(nanoseconds: int) -> None:
    """Both parts survive a float64, and together they are what clock_gettime returned."""
    (_, seconds), (_, rest) = crossread.clock("realtime", nanoseconds)

    assert int(float(seconds)) * 10**9 + int(float(rest)) == nanoseconds
    assert 0 <= rest < 10**9


def test_nineteen_digits_come_through() -> None:
    """A reading of today's is published as 10 and 9 digits."""
    values = by_series(crossread.clock("realtime", 1_795_460_191_203_077_383))

    assert values == {
        'clock_seconds{clock="realtime"}': 1_795_460_191,
        'clock_nanoseconds{clock="realtime"}': 203_077_383,
    }


@given(NANOSECONDS, NANOSECONDS, st.integers(0, 10**6))
def test_the_offset_is_taken_at_the_middle_in_integers(clock: int, before: int, width: int) -> None:
    """It is an integer that differs from the true middle's by half a nanosecond at most."""
    reading = Reading(before, clock, before + width)

    assert isinstance(reading.offset, int)
    assert 0 <= reading.offset - (clock - before - Fraction(width, 2)) <= Fraction(1, 2)


@given(st.integers(-(2**51), 2**51), NANOSECONDS, NANOSECONDS)
def test_anchor_and_offset_give_back_the_difference(drift: int, clock: int, raw: int) -> None:
    """Anchor plus offset is the difference of the two readings to the nanosecond, for 26 days of drift."""
    anchors = Anchors()
    anchors.values("ptp0", Reading(raw, clock, raw))

    values = by_series(anchors.values("ptp0", Reading(raw, clock + drift, raw)))

    pair = '{clock="ptp0",reference="monotonic_raw"}'
    anchor = values[f"clock_offset_anchor_seconds{pair}"] * 10**9 + values[f"clock_offset_anchor_nanoseconds{pair}"]
    assert anchor + round(values[f"clock_offset_seconds{pair}"] * 10**9) == clock + drift - raw


def test_a_clock_that_is_set_from_1970_gets_a_new_anchor() -> None:
    """56 years are coarser than 238 ns in a float64, and two readings 50 ns apart would be one."""
    anchors, now = Anchors(), 1_795_460_191 * SECOND
    anchors.values("realtime", Reading(0, 5 * SECOND, 0))
    first, later = (by_series(anchors.values("realtime", Reading(SECOND, now + passed, SECOND))) for passed in (0, 50))

    pair = '{clock="realtime",reference="monotonic_raw"}'
    assert first["clock_offset_seconds" + pair] == 0
    assert later["clock_offset_seconds" + pair] == 50e-9
    assert later["clock_offset_anchor_seconds" + pair] == now // SECOND - 1


def test_a_reference_that_goes_back_is_no_bracket() -> None:
    """A negative width would be narrower than any true one."""
    readings = iter([5000, 0, 3000, *[6000, 0, 6100] * 8])

    assert narrowest(lambda clock: next(readings), 0) == Reading(6000, 0, 6100)


def test_a_reference_that_only_goes_back_is_an_error() -> None:
    """Nothing can be said of a clock then."""
    readings = itertools.count(0, -1)

    with pytest.raises(OSError, match="CLOCK_MONOTONIC_RAW"):
        narrowest(lambda clock: next(readings), 0)

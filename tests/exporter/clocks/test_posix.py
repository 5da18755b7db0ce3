"""Clocks, read within brackets of monotonic_raw."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from fractions import Fraction
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import posix
from exporter.clocks.posix import Reading
from exporter.host import Host
from exporter.source import Absent
from tests import frozen
from tests.exporter.reading import by_series, found

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


@given(st.lists(st.integers(1, 10_000), min_size=posix.BRACKETS, max_size=posix.BRACKETS))
def test_the_narrowest_bracket_wins(widths: list[int]) -> None:
    """Of nine readings the one with the narrowest bracket counts, and the first of equally narrow ones."""
    reading = posix.narrowest(brackets(widths), time.CLOCK_REALTIME)

    assert reading.bracket == min(widths)
    assert reading.clock == widths.index(min(widths))


@given(NANOSECONDS)
def test_seconds_and_nanoseconds_give_back_every_digit(nanoseconds: int) -> None:
    """Both parts survive a float64, and together they are what clock_gettime returned."""
    (_, seconds), (_, rest) = posix.clock("realtime", nanoseconds)

    assert int(float(seconds)) * 10**9 + int(float(rest)) == nanoseconds
    assert 0 <= rest < 10**9


def test_nineteen_digits_come_through() -> None:
    """A reading of today's is published as 10 and 9 digits."""
    values = by_series(posix.clock("realtime", 1_795_460_191_203_077_383))

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
    clock_ns = two_clocks(realtime=[clock, clock + drift], raw=[raw, raw])
    reader = posix.PosixClocks(clock_ns, {"realtime": time.CLOCK_REALTIME}, {})
    list(reader.read())

    values = by_series(reader.read())

    pair = '{clock="realtime",reference="monotonic_raw"}'
    anchor = values[f"clock_offset_anchor_seconds{pair}"] * 10**9 + values[f"clock_offset_anchor_nanoseconds{pair}"]
    assert anchor + round(values[f"clock_offset_seconds{pair}"] * 10**9) == clock + drift - raw


def two_clocks(realtime: Sequence[int], raw: Sequence[int]) -> Callable[[int], int]:
    """Clocks that show the first value during the first read of the source, and the second during the second."""
    asked = 0

    def clock_ns(clock: int) -> int:
        nonlocal asked
        read = asked // (3 * posix.BRACKETS)
        asked += 1
        return (realtime if clock == time.CLOCK_REALTIME else raw)[read]

    return clock_ns


def test_the_first_reading_is_the_anchor(tree: Path) -> None:
    """Offsets begin at 0, so that they stay small enough to be exact."""
    with closing(found(posix, frozen.host(tree))) as reader:
        first, later = by_series(reader.read()), by_series(reader.read())

    offset = 'clock_offset_seconds{clock="realtime",reference="monotonic_raw"}'
    assert first[offset] == 0
    # Every clock moves on by 1000 ns and raw by 997 whenever one is asked, 3 * 9 * 4 times a read.
    assert later[offset] == 3 * 9 * 4 * 3e-9


def test_looking_again_keeps_the_anchor(tree: Path) -> None:
    """A second finding equals the first, so the reader with its anchors stays in use."""
    host = frozen.host(tree)
    with closing(found(posix, host)) as first, closing(found(posix, host)) as second:
        list(first.read())

        assert first == second


def test_the_real_clocks_lie_within_their_brackets() -> None:
    """What is read of each clock lies between readings of that clock before and after."""
    with closing(found(posix, Host())) as reader:
        for name, id in {**posix.CLOCKS, posix.RAW: time.CLOCK_MONOTONIC_RAW}.items():
            before = time.clock_gettime_ns(id)
            values = by_series(reader.read())
            after = time.clock_gettime_ns(id)

            read = values[f'clock_seconds{{clock="{name}"}}'] * 10**9
            read += values[f'clock_nanoseconds{{clock="{name}"}}']
            assert before <= read <= after
            assert values.get(f'clock_bracket_seconds{{clock="{name}"}}', 1) > 0


def test_a_clock_that_the_kernel_lacks_is_left_out() -> None:
    """The others are read, and the inventory lists those that there are."""

    def without_tai(clock: int) -> int:
        if clock == time.CLOCK_TAI:
            raise OSError(22, "Invalid argument")
        return time.clock_gettime_ns(clock)

    with closing(found(posix, Host(clock_ns=without_tai))) as reader:
        values = by_series(reader.read())

    assert reader.found["clocks"] == ["realtime", "monotonic", "boottime", "monotonic_raw"]
    assert 'clock_seconds{clock="tai"}' not in values


def test_without_the_reference_there_is_nothing_to_read() -> None:
    """No monotonic_raw, no brackets: the source is absent and says why."""

    def without_raw(clock: int) -> int:
        if clock == time.CLOCK_MONOTONIC_RAW:
            raise OSError(22, "Invalid argument")
        return time.clock_gettime_ns(clock)

    assert posix.find(Host(clock_ns=without_raw)) == Absent("this kernel has no CLOCK_MONOTONIC_RAW")

"""The system's clocks, read within brackets of monotonic_raw."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from exporter.clocks import posix
from exporter.clocks.crossread import RAW
from exporter.host import Host
from exporter.source import Absent
from tests import frozen
from tests.exporter.reading import by_series, found


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
        first.read()

        assert first == second


def test_the_real_clocks_lie_within_their_brackets() -> None:
    """What is read of each clock lies between readings of that clock before and after."""
    with closing(found(posix, Host())) as reader:
        for name, id in {**posix.CLOCKS, RAW: time.CLOCK_MONOTONIC_RAW}.items():
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

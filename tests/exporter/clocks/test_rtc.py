"""The clock that a battery keeps going."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from exporter.clocks import rtc
from exporter.clocks.crossread import SECOND
from exporter.host import Host
from tests.exporter.reading import absent, by_series, found, host, values_by_series
from tests.trees import clocks


def test_its_bracket_holds_the_second_that_it_does_not_show(tmp_path: Path) -> None:
    """That it says N means any time from N to N + 1: whatever that is, it lies within the bracket."""
    reading = rtc.reading(before=10 * SECOND, seconds=100, after=10 * SECOND + 2_000_000)

    for truth in (100 * SECOND, 101 * SECOND - 1):
        for read_at in (10 * SECOND, 10 * SECOND + 2_000_000):
            assert abs(truth - read_at - reading.offset) <= reading.bracket // 2 + 1


def test_reading_bracket_offset_and_anchor(tmp_path: Path) -> None:
    """As of any other clock; with its own correction, if it has one."""
    clocks.rtc(tmp_path, 0, seconds=1_795_460_191, offset=-2500)

    values = values_by_series(rtc, tmp_path)

    assert values['clock_seconds{clock="rtc0"}'] == 1_795_460_191
    assert values['clock_nanoseconds{clock="rtc0"}'] == 0
    assert 1 < values['clock_bracket_seconds{clock="rtc0"}'] < 2
    assert values['clock_offset_seconds{clock="rtc0",reference="monotonic_raw"}'] == 0
    assert values['clock_rtc_correction_ratio{clock="rtc0"}'] == -2.5e-6


def test_offsets_follow_the_seconds_that_it_shows(tmp_path: Path) -> None:
    """One that was set ten seconds ahead has gained ten."""
    folder = clocks.rtc(tmp_path, 0, seconds=100)
    stopped = Host(tmp_path / "sys", clock_ns=lambda clock: 5 * SECOND)
    with closing(found(rtc, stopped)) as reader:
        by_series(reader.read())
        (folder / "since_epoch").write_text("110\n")

        values = by_series(reader.read())

    assert values['clock_offset_seconds{clock="rtc0",reference="monotonic_raw"}'] == 10


def test_it_is_read_rarely(tmp_path: Path) -> None:
    """A PC's takes interrupts off while it is read."""
    clocks.rtc(tmp_path, 0, seconds=int(time.time()))
    with closing(found(rtc, host(tmp_path))) as reader:
        assert reader.cadence == 10
        assert reader.found["quantum_seconds"] == 1


def test_what_is_no_number_is_no_reading(tmp_path: Path) -> None:
    """An RTC whose battery is empty may say nothing."""
    clocks.rtc(tmp_path, 0, seconds=1)
    (tmp_path / "sys/class/rtc/rtc0/since_epoch").write_text("\n")

    assert values_by_series(rtc, tmp_path) == {}


def test_a_machine_without_one_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/rtc" in absent(rtc, tmp_path)

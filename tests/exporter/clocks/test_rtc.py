"""The clock that a battery keeps going."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import rtc
from exporter.clocks.crossread import SECOND
from exporter.host import Host
from exporter.source import PartlyReadError
from tests.exporter.reading import absent, by_series, found
from tests.trees import clocks

NOW = 1_795_460_191
PAIR = '{clock="rtc0",reference="monotonic_raw"}'


def host(tree: Path) -> Host:
    """A machine with the real clocks."""
    return Host(tree / "sys", tree / "proc", tree / "dev")


@contextmanager
def ticking(file: Path, ticks: list[tuple[int, int]]) -> Generator[None, None, None]:
    """An RTC that shows the next second every 1.0001 s; between when and when goes into ``ticks``, on monotonic_raw."""
    stop = threading.Event()

    def tick() -> None:
        seconds = NOW
        with open(file, "r+b", buffering=0) as written:
            while not stop.wait(1.0001 if ticks else 0.4):
                seconds += 1
                before = time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)
                os.pwrite(written.fileno(), b"%d" % seconds, 0)
                ticks.append((before, time.clock_gettime_ns(time.CLOCK_MONOTONIC_RAW)))

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def test_a_reading_is_the_instant_at_which_the_second_changes(tmp_path: Path) -> None:
    """It lies within the bracket, which is some ms wide, and is waited for again by the next reading."""
    file = clocks.rtc(tmp_path, 0, seconds=NOW, offset=-2500) / "since_epoch"
    ticks: list[tuple[int, int]] = []
    with ticking(file, ticks), closing(found(rtc, host(tmp_path))) as reader:
        values = [by_series(reader.read()) for _ in range(2)]

    for number, read in enumerate(values):
        anchor = read[f"clock_offset_anchor_seconds{PAIR}"] * SECOND + read[f"clock_offset_anchor_nanoseconds{PAIR}"]
        clock = read['clock_seconds{clock="rtc0"}']
        raw = clock * SECOND - anchor - round(read[f"clock_offset_seconds{PAIR}"] * SECOND)
        before, after = ticks[int(clock) - NOW - 1]
        half = read['clock_bracket_seconds{clock="rtc0"}'] * SECOND / 2 + 1
        assert before - half <= raw <= after + half
        assert read['clock_nanoseconds{clock="rtc0"}'] == 0
        assert clock > NOW + number
        assert read['clock_rtc_correction_ratio{clock="rtc0"}'] == -2.5e-6


def test_one_that_stands_still_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its oscillator is dead: there is no instant to be read."""
    clocks.rtc(tmp_path, 0, seconds=NOW)
    monkeypatch.setattr(rtc, "POLLS", 3)
    with closing(found(rtc, host(tmp_path))) as reader, pytest.raises(PartlyReadError, match="stands still") as partly:
        reader.read()

    assert partly.value.errors[0].errno == errno.ETIMEDOUT


def test_one_that_shows_nothing_costs_only_itself(tmp_path: Path) -> None:
    """An RTC whose battery is empty may say nothing, while another runs."""
    file = clocks.rtc(tmp_path, 0, seconds=NOW) / "since_epoch"
    (clocks.rtc(tmp_path, 1, seconds=1) / "since_epoch").write_text("\n")
    with ticking(file, []), closing(found(rtc, host(tmp_path))) as reader, pytest.raises(PartlyReadError) as partly:
        reader.read()

    assert by_series(partly.value.values)['clock_seconds{clock="rtc0"}'] == NOW + 1
    assert partly.value.errors[0].errno == errno.EINVAL


def test_close_ends_a_read_that_is_under_way(tmp_path: Path) -> None:
    """So that the exporter ends at once."""
    clocks.rtc(tmp_path, 0, seconds=NOW)
    reader = found(rtc, host(tmp_path))
    errors: list[PartlyReadError] = []

    def read() -> None:
        try:
            reader.read()
        except PartlyReadError as error:
            errors.append(error)

    reading = threading.Thread(target=read)
    reading.start()
    reader.close()
    reading.join(1)

    assert not reading.is_alive()
    assert errors[0].errors[0].errno == errno.ESHUTDOWN


def test_looking_again_keeps_the_anchor(tmp_path: Path) -> None:
    """A second finding equals the first; finding reads no RTC."""
    clocks.rtc(tmp_path, 0, seconds=NOW)
    machine = host(tmp_path)

    assert found(rtc, machine) == found(rtc, machine)
    assert found(rtc, machine).beside


@given(st.binary(max_size=80))
def test_only_a_number_of_seconds_is_a_time(text: bytes) -> None:
    """And one whose nanoseconds can be recorded."""
    seconds = rtc.parse(text)

    assert seconds is None or (int(text) == seconds and abs(seconds * SECOND) <= 2**63)


def test_a_machine_without_one_says_so(tmp_path: Path) -> None:
    """The reason names the folder that was looked in."""
    assert "class/rtc" in absent(rtc, tmp_path)

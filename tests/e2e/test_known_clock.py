"""The exporter under a clock of which the truth is known: its rate, its discipline, its steps."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
import requests

from recorder import wire
from recorder.parse import Page, Parser
from tests import programs
from tests.skewclock.oscillator import Oscillator

pytestmark = pytest.mark.lab

SECOND = 1_000_000_000


def test_a_stepped_clock_moves_the_ticks_along(tmp_path: Path) -> None:
    """After a step of an hour and 0.3 s, samples are again on whole seconds of the clock, and no tick is missed."""
    oscillator = Oscillator(tmp_path)
    with programs.exporter(env=oscillator.environment(), before=oscillator.command) as address:
        before = _realtime(_new_page(address))
        oscillator.step(3600.3)
        _new_page(address)
        pages = [_new_page(address) for _ in range(3)]

    assert 3600 <= (_realtime(pages[0]) - before) / SECOND <= 3605
    assert all(_realtime(page) % SECOND < SECOND // 2 for page in pages)
    assert [_value(page, "driftscope_ticks_missed_total") for page in pages] == [0, 0, 0]
    step = _value(pages[0], 'clock_offset_seconds{clock="realtime",reference="monotonic_raw"}')
    assert step == pytest.approx(3600.3, abs=1e-3)


def test_a_clock_stepped_back_is_followed_at_once(tmp_path: Path) -> None:
    """After a step of minus an hour the next sample comes within a second or two, not after an hour."""
    oscillator = Oscillator(tmp_path)
    with programs.exporter(env=oscillator.environment(), before=oscillator.command) as address:
        first = _new_page(address)
        oscillator.step(-3600)
        second = _new_page(address)

    assert _value(second, wire.SEQUENCE) > _value(first, wire.SEQUENCE)
    assert -3600 <= (_realtime(second) - _realtime(first)) / SECOND <= -3590


def test_the_drift_is_the_discipline_that_was_set(tmp_path: Path) -> None:
    """A kernel that slows the clock by 20 ppm shows as -20 ppm between realtime and monotonic_raw, and in adjtimex."""
    oscillator = Oscillator(tmp_path, ppm=50, adjusted_ppm=-20)
    with programs.exporter(env=oscillator.environment(), before=oscillator.command) as address:
        first, *_, last = [_new_page(address) for _ in range(5)]

    def moved(page_value: str) -> float:
        return _value(last, page_value) - _value(first, page_value)

    elapsed = (_raw(last) - _raw(first)) / SECOND
    drift = moved('clock_offset_seconds{clock="realtime",reference="monotonic_raw"}') / elapsed
    assert drift == pytest.approx(-20e-6, abs=1e-6)
    assert _value(last, "node_timex_frequency_adjustment_ratio") == pytest.approx(1 - 20e-6, abs=1e-10)


def _new_page(address: str) -> Page:
    """The page of the next sample."""
    old = _value(_page(address), wire.SEQUENCE)
    deadline = time.monotonic() + programs.PATIENCE
    while (page := _page(address)) and _value(page, wire.SEQUENCE) == old:
        assert time.monotonic() < deadline, "no new sample"
        time.sleep(0.02)
    return page


def _page(address: str) -> Page:
    return Parser().parse(requests.get(f"http://{address}/metrics", timeout=5).text)


def _value(page: Page, name: str) -> float:
    return next(value for series, value in zip(page.layout.series, page.values, strict=True) if series.name == name)


def _realtime(page: Page) -> int:
    nanoseconds = wire.meaning(page.layout).clock(page, "realtime")
    assert nanoseconds is not None
    return nanoseconds


def _raw(page: Page) -> int:
    nanoseconds = wire.meaning(page.layout).clock(page, "monotonic_raw")
    assert nanoseconds is not None
    return nanoseconds

"""The kernel's auxiliary clocks."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from exporter.clocks import auxiliary
from exporter.host import Host
from tests.exporter.reading import absent, by_series, found
from tests.trees import files


def enable(root: Path, *numbers: int) -> Path:
    """A machine with eight of them, of which these are enabled."""
    for number in range(8):
        folder = root / f"sys/kernel/time/aux_clocks/{number}"
        files.write(folder, {"aux_clock_enable": int(number in numbers)})
    return root


def test_those_that_are_enabled_are_read_as_any_clock(tmp_path: Path) -> None:
    """By their ids, which begin at 16."""
    asked: set[int] = set()

    def clock_ns(clock: int) -> int:
        asked.add(clock)
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC)

    with closing(found(auxiliary, Host(enable(tmp_path, 0, 5) / "sys", clock_ns=clock_ns))) as reader:
        values = by_series(reader.read())

    assert {name for name in values if "clock_seconds" in name} == {
        'clock_seconds{clock="aux0"}',
        'clock_seconds{clock="aux5"}',
    }
    assert asked == {16, 21, time.CLOCK_MONOTONIC_RAW}


def test_none_enabled_is_said(tmp_path: Path) -> None:
    """And so is a kernel that has none."""
    assert "none is enabled" in absent(auxiliary, enable(tmp_path / "new"))
    assert "Linux 6.17" in absent(auxiliary, tmp_path / "old")

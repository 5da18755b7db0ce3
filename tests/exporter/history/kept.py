"""Samples to be kept, and a machine whose clocks a test moves."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from exporter.host import Host
from exporter.sample import Sample
from exporter.source import Family, Number, Series

SECOND = 1_000_000_000
NOW = 1_795_460_191_203_077_383
"""A time of today with all of its 19 digits in use."""

A, B = Family("a_total", "counter", "Help of a."), Family("b_celsius", "gauge", 'Help of "b"\\.')
SERIES = (A.series(cpu="0"), A.series(cpu="1"), B.series(sensor="x"))
OTHER = (A.series(cpu="0"), B.series(sensor="y"))


def sample(sequence: int, series: Sequence[Series] = SERIES, *values: Number, at: int | None = None) -> Sample:
    """A sample; by default one second after the one before, with numbers that depend on its own."""
    numbers = values or tuple(sequence * 1000 + index / 4 if index else sequence for index in range(len(series)))
    return Sample(sequence, NOW + sequence * SECOND if at is None else at, tuple(series), numbers)


class Clocks:
    """Stands for ``time.clock_gettime_ns``."""

    def __init__(self) -> None:
        self.now = {time.CLOCK_REALTIME: NOW, time.CLOCK_BOOTTIME: 100 * SECOND}

    def __call__(self, clock: int) -> int:
        """Nanoseconds of this clock."""
        return self.now[clock]

    def forward(self, ns: int) -> None:
        """Time passes."""
        self.now = {clock: now + ns for clock, now in self.now.items()}


def machine(folder: Path, clocks: Clocks, boot: str = "boot-1") -> Host:
    """A machine with these clocks, in this boot."""
    file = folder / "proc/sys/kernel/random/boot_id"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(boot + "\n")
    return replace(Host(folder / "sys", folder / "proc", folder / "dev"), clock_ns=clocks)

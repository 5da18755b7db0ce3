"""A machine on which nothing is left to chance: its clocks, its kernel's clock state, its process.

Together with a tree of ``trees.py`` the exporter says the same of it to the last digit, every time.
"""

from __future__ import annotations

import time
from pathlib import Path

from prometheus_client import CollectorRegistry, ProcessCollector

from exporter.clocks import timex
from exporter.host import Host
from exporter.sources import SOURCES as ALL_SOURCES

NOT_OF_FILES = {
    "ptp": "a PTP clock is a device, which answers ioctls",
    "rtc": "is polled until its second changes",
    "auxiliary": "the frozen clocks have none",
    "chrony": "asks a running chronyd",
    "chrony_sources": "asks a running chronyd",
    "nvidia": "asks a library of the driver's",
    "peers": "asks other nodes",
    "ipmi": "reads what a program of that name says",
    "turbostat": "reads what a program of that name says",
    "stress": "reads a file that a running schedule holds locked",
}
"""Sources that no tree can freeze, and why."""

SOURCES = {name: source for name, source in ALL_SOURCES.items() if name not in NOT_OF_FILES}
"""All others: each of them has its part of the frozen machine."""

EPOCH = "c0ffee0123456789"

REALTIME = 1_795_460_191_203_077_383
"""In 2026, with all of its 19 digits in use."""

BASES = {
    time.CLOCK_REALTIME: REALTIME,
    time.CLOCK_TAI: REALTIME + 37_000_000_000,
    time.CLOCK_MONOTONIC: 60_191_203_311_042,
    time.CLOCK_BOOTTIME: 61_000_203_311_555,
    time.CLOCK_MONOTONIC_RAW: 60_190_911_118_777,
}
STEPS = {
    time.CLOCK_REALTIME: 1000,
    time.CLOCK_TAI: 1000,
    time.CLOCK_MONOTONIC: 1000,
    time.CLOCK_BOOTTIME: 1000,
    time.CLOCK_MONOTONIC_RAW: 997,
}
"""Nanoseconds that each clock moves on whenever any of them is read."""


class FrozenClock:
    """Stands for ``time.clock_gettime_ns``; its time is the number of times that it was asked."""

    def __init__(self) -> None:
        self.asked = 0

    def __call__(self, clock: int) -> int:
        """Nanoseconds of this clock, after it has moved on."""
        self.asked += 1
        return BASES[clock] + self.asked * STEPS[clock]


def timex_bytes(**fields: int) -> bytes:
    """``struct timex`` with these fields, and 0 in the others."""
    return timex.LAYOUT.pack(*(fields.get(name, 0) for name in timex.FIELDS))


def adjtimex() -> tuple[int, bytes]:
    """A clock that ntpd disciplines: STA_PLL and STA_NANO, 7.25 ppm fast, synchronised."""
    status = 0x2001
    freq = 7 * 65_536 + 16_384
    pll = timex_bytes(status=status, offset=-12_345, freq=freq, constant=7, tick=10_000, tai=37)
    rest = timex_bytes(maxerror=23_456, esterror=789, precision=1, tolerance=32_768_000)
    return 0, bytes(a | b for a, b in zip(pll, rest))


def host(tree: Path) -> Host:
    """The frozen machine with the files of ``tree``."""
    registry = CollectorRegistry()
    ProcessCollector(proc=str(tree / "proc"), registry=registry)
    return Host(
        tree / "sys",
        tree / "proc",
        tree / "dev",
        options={"interrupts.per-irq": True, "softirqs.per-cpu": True},
        clock_ns=FrozenClock(),
        adjtimex=adjtimex,
        registry=registry,
    )

"""The system's own clocks, cross-read under a bracket of CLOCK_MONOTONIC_RAW (clock_gettime(2)).

monotonic_raw counts the oscillator as it is; monotonic adds what disciplines the rate, realtime the steps
too, boottime the time asleep, tai the leap seconds. Quantum 1 ns; about 0.1 us a read; no privilege needed.
Steps, leap seconds and suspends are told from the same readings, and noted as events.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..host import Host
from ..source import Absent, Reader, Value
from .crossread import RAW, Anchors, clock, narrowest
from .jumps import Jumps

CLOCKS = {
    "realtime": time.CLOCK_REALTIME,
    "tai": time.CLOCK_TAI,
    "monotonic": time.CLOCK_MONOTONIC,
    "boottime": time.CLOCK_BOOTTIME,
}


def find(host: Host) -> Reader | Absent:
    """Those of CLOCKS that this kernel has."""
    clocks = {name: id for name, id in CLOCKS.items() if _readable(host, id)}
    if not _readable(host, time.CLOCK_MONOTONIC_RAW):
        return Absent("this kernel has no CLOCK_MONOTONIC_RAW")
    return PosixClocks(host, clocks, {"clocks": [*clocks, RAW], "quantum_seconds": 1e-9})


def _readable(host: Host, id: int) -> bool:
    try:
        host.clock_ns(id)
    except OSError:
        return False
    return True


@dataclass
class PosixClocks:
    """Reads all clocks; the first sample is the anchor of the offsets."""

    host: Host
    clocks: dict[str, int]
    found: Mapping[str, Any]
    cadence = 1
    beside = False
    _anchors: Anchors = field(default_factory=Anchors, compare=False)
    _jumps: Jumps = field(default_factory=Jumps, compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each clock.

        The reading of monotonic_raw is the one that opened realtime's bracket, so these two belong together.
        """
        values: list[Value] = []
        readings = {name: narrowest(self.host.clock_ns, id) for name, id in self.clocks.items()}
        for name, reading in readings.items():
            values += self._anchors.values(name, reading)
        self.host.events.watch("realtime_step", "leap_second", "suspend")
        for event, size in self._jumps.between(readings):
            self.host.events.note(event, readings["realtime"].clock, size)
        return [*values, *clock(RAW, readings["realtime"].before)]

    def close(self) -> None:
        """Nothing is held open."""

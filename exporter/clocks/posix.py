"""The system's own clocks, cross-read under a bracket of CLOCK_MONOTONIC_RAW (clock_gettime(2)).

monotonic_raw counts the oscillator as it is; monotonic adds what disciplines the rate, realtime the steps
too, boottime the time asleep, tai the leap seconds. Quantum 1 ns; about 0.1 us a read; no privilege needed.

Each clock is read between two reads of monotonic_raw, nine times, and the narrowest bracket counts: its width
bounds how far apart the two readings can be, and the offset is taken at its middle. Three plain reads in a row
scatter by 1,840 ns, this by 7 ns.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ..host import Host
from ..source import Absent, Family, Reader, Value

CLOCKS = {
    "realtime": time.CLOCK_REALTIME,
    "tai": time.CLOCK_TAI,
    "monotonic": time.CLOCK_MONOTONIC,
    "boottime": time.CLOCK_BOOTTIME,
}
RAW = "monotonic_raw"
BRACKETS = 9
SECOND = 1_000_000_000

SECONDS = Family("clock_seconds", "gauge", "Reading of a clock, whole seconds; clock_nanoseconds has the rest.")
NANOSECONDS = Family("clock_nanoseconds", "gauge", "Reading of a clock, nanoseconds within the second.")
BRACKET = Family(
    "clock_bracket_seconds",
    "gauge",
    "Time between the two readings of the reference that enclose the reading of a clock: its uncertainty.",
)
OFFSET = Family(
    "clock_offset_seconds",
    "gauge",
    "How much more a clock has advanced than its reference since the anchor; > 0: this clock ran faster.",
)
ANCHOR_SECONDS = Family(
    "clock_offset_anchor_seconds",
    "gauge",
    "Clock minus reference when clock_offset_seconds was 0, whole seconds.",
)
ANCHOR_NANOSECONDS = Family(
    "clock_offset_anchor_nanoseconds",
    "gauge",
    "Clock minus reference when clock_offset_seconds was 0, nanoseconds within the second.",
)


class Reading(NamedTuple):
    """A clock's reading between two of the reference: integer nanoseconds of each."""

    before: int
    clock: int
    after: int

    @property
    def bracket(self) -> int:
        """Width of the bracket: the two clocks were read at most this far apart."""
        return self.after - self.before

    @property
    def offset(self) -> int:
        """Clock minus reference at the middle of the bracket."""
        return self.clock - (self.before + self.after) // 2


def find(host: Host) -> Reader | Absent:
    """Those of CLOCKS that this kernel has."""
    clocks = {name: id for name, id in CLOCKS.items() if _readable(host, id)}
    if not _readable(host, time.CLOCK_MONOTONIC_RAW):
        return Absent("this kernel has no CLOCK_MONOTONIC_RAW")
    return PosixClocks(host.clock_ns, clocks, {"clocks": [*clocks, RAW], "quantum_seconds": 1e-9})


def _readable(host: Host, id: int) -> bool:
    try:
        host.clock_ns(id)
    except OSError:
        return False
    return True


@dataclass
class PosixClocks:
    """Reads all clocks; the first sample is the anchor of the offsets."""

    clock_ns: Callable[[int], int]
    clocks: dict[str, int]
    found: Mapping[str, Any]
    cadence: int = 1
    _anchors: dict[str, int] = field(default_factory=dict[str, int], compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each clock.

        The reading of monotonic_raw is the one that opened realtime's bracket, so these two belong together.
        """
        values: list[Value] = []
        readings = {name: narrowest(self.clock_ns, id) for name, id in self.clocks.items()}
        for name, reading in readings.items():
            anchor = self._anchors.setdefault(name, reading.offset)
            pair = {"clock": name, "reference": RAW}
            values += clock(name, reading.clock)
            values += [
                (BRACKET.series(clock=name), reading.bracket / SECOND),
                (OFFSET.series(**pair), (reading.offset - anchor) / SECOND),
                (ANCHOR_SECONDS.series(**pair), anchor // SECOND),
                (ANCHOR_NANOSECONDS.series(**pair), anchor % SECOND),
            ]
        return [*values, *clock(RAW, readings["realtime"].before)]

    def close(self) -> None:
        """Nothing is held open."""


def clock(name: str, nanoseconds: int) -> list[Value]:
    """A reading as two gauges, both exact in float64; together they are all 19 digits."""
    return [
        (SECONDS.series(clock=name), nanoseconds // SECOND),
        (NANOSECONDS.series(clock=name), nanoseconds % SECOND),
    ]


def narrowest(clock_ns: Callable[[int], int], id: int) -> Reading:
    """The reading of a clock with the narrowest of BRACKETS brackets."""
    best = None
    for _ in range(BRACKETS):
        before = clock_ns(time.CLOCK_MONOTONIC_RAW)
        now = clock_ns(id)
        after = clock_ns(time.CLOCK_MONOTONIC_RAW)
        if best is None or after - before < best.after - best.before:
            best = Reading(before, now, after)
    assert best is not None, "BRACKETS is at least one"
    return best

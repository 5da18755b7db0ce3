"""Tells steps, leap seconds and suspends from two successive readings of the system's clocks.

realtime and monotonic share one rate, however they are disciplined: their difference changes only when realtime is
set or a leap second comes, and that of boottime and monotonic only when the machine sleeps (timekeeping in
kernel/time/timekeeping.c). So a change is told from noise by a bound and not by a guess: the brackets of the
readings, plus what the clocks can drift apart between being read one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from .crossread import SECOND, Reading

FASTEST_SLEW = 9
"""A clock is slewed by less than a ninth of its rate: by tick a tenth, by frequency 500 ppm more (adjtimex(2))."""


class Distance(NamedTuple):
    """How far one clock is ahead of another, and by how much that may be wrong; integer nanoseconds."""

    value: int
    bound: int


def distance(ahead: Reading, behind: Reading) -> Distance:
    """Of two clocks, from their readings one after the other."""
    apart = max(ahead.after, behind.after) - min(ahead.before, behind.before)
    bound = (ahead.bracket + behind.bracket) // 2 + apart // FASTEST_SLEW + 2  # 1 ns of rounding each
    return Distance(ahead.offset - behind.offset, bound)


@dataclass
class Jumps:
    """Remembers the distances of the last readings."""

    _last: dict[str, Distance] = field(default_factory=dict[str, Distance])

    def between(self, readings: Mapping[str, Reading]) -> Iterable[tuple[str, int]]:
        """Event and size (nanoseconds, > 0: forward) of what happened since the readings before these."""
        moved = {name: self._moved(name, readings) for name in ("realtime", "tai", "boottime")}
        if step := moved["realtime"]:
            with_tai = "tai" not in readings or moved["tai"] != 0
            leap = not with_tai and abs(abs(step) - SECOND) <= 2 * self._last["realtime"].bound
            yield ("leap_second", SECOND if step > 0 else -SECOND) if leap else ("realtime_step", step)
        if moved["boottime"]:
            yield "suspend", moved["boottime"]

    def _moved(self, name: str, readings: Mapping[str, Reading]) -> int:
        """By how much a clock has moved against monotonic; 0 if it is not known to have moved at all."""
        if name not in readings or "monotonic" not in readings:
            return 0
        now = distance(readings[name], readings["monotonic"])
        before = self._last.get(name, now)
        self._last[name] = now
        moved = now.value - before.value
        return moved if abs(moved) > now.bound + before.bound else 0

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

FASTEST_SLEW = 4
"""A clock is slewed by less than a quarter of its rate: by tick a tenth, by adjtime and frequency 500 ppm each, and by
ADJ_OFFSET up to half a second at an eighth of a second a second (time constant 0 with STA_NANO; kernel/time/ntp.c)."""


class Distance(NamedTuple):
    """How far one clock is ahead of another, and by how much that may be wrong; integer nanoseconds."""

    value: int
    bound: int


def distance(ahead: Reading, behind: Reading) -> Distance:
    """Of two clocks, from their readings one after the other."""
    apart = max(ahead.after, behind.after) - min(ahead.before, behind.before)
    bound = (ahead.bracket + behind.bracket) // 2 + apart // FASTEST_SLEW + 2  # 1 ns of rounding each
    return Distance(ahead.offset - behind.offset, bound)


class Moved(NamedTuple):
    """By how much a clock has moved against monotonic, and by how much that may be wrong; 0 if it may not have."""

    by: int
    bound: int


STILL = Moved(0, 0)


@dataclass
class Jumps:
    """Remembers what all readings since the last jump say together of each distance, which is a constant till then.

    A wide reading, of a machine that was paused amid it, so takes nothing away from what was known before.
    """

    _known: dict[str, Distance] = field(default_factory=dict[str, Distance])

    def between(self, readings: Mapping[str, Reading]) -> Iterable[tuple[str, int]]:
        """Event and size (nanoseconds, > 0: forward) of what happened since the readings before these."""
        moved = {name: self._moved(name, readings) for name in ("realtime", "tai", "boottime")}
        slept, (step, bound) = moved["boottime"].by, moved["realtime"]
        if slept:
            yield "suspend", slept
            # A resume puts realtime forward by as much: only what is left was somebody's doing.
            step, bound = step - slept, bound + moved["boottime"].bound
        if abs(step) > bound:
            leap = "tai" in readings and not moved["tai"].by and abs(abs(step) - SECOND) <= bound
            yield ("leap_second", SECOND if step > 0 else -SECOND) if leap else ("realtime_step", step)

    def _moved(self, name: str, readings: Mapping[str, Reading]) -> Moved:
        if name not in readings or "monotonic" not in readings:
            return STILL
        now = distance(readings[name], readings["monotonic"])
        known = self._known.get(name, now)
        low = max(now.value - now.bound, known.value - known.bound)
        high = min(now.value + now.bound, known.value + known.bound)
        if low > high:
            self._known[name] = now
            return Moved(now.value - known.value, now.bound + known.bound)
        self._known[name] = Distance((low + high) // 2, (high - low + 1) // 2)
        return STILL

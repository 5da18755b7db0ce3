"""Waits for the tick: each multiple of the interval on CLOCK_REALTIME.

The deadline is absolute, so lateness does not add up; and the wait is a ``select`` on a socket that signals write
to, because on Debian 11's Python 3.9.2 every timed lock runs on CLOCK_REALTIME and would move with a step of it. A
step of CLOCK_REALTIME is seen as a change against CLOCK_BOOTTIME, which has none, and the plan moves along.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass

SECOND = 1_000_000_000

SLACK = 1000
"""The kernel lets ``select`` end late by a part in so many of its time-out (fs/select.c), so by 1 ms of a second."""

NEAR = SECOND // 100
"""A wait as short as this ends on time, to 10 us; a longer one is made to end before it is due."""


@dataclass(frozen=True)
class Tick:
    """One tick that came: nanoseconds.

    ``due`` is the instant it was due, on CLOCK_REALTIME; ``error`` is how late it woke; ``missed`` is how many ticks
    could not be kept since the one before.
    """

    due: int
    error: int
    missed: int


@dataclass
class Plan:
    """Which tick comes next; arithmetic only, no waiting. All times are integer nanoseconds.

    ``due`` is the last tick that came (or, before the first, the one just past).
    """

    interval: int
    due: int
    ahead: int
    """CLOCK_REALTIME minus CLOCK_BOOTTIME when it last came: constant but for steps and slewing."""

    def next(self, realtime: int, boottime: int) -> int:
        """When the next tick is due, following CLOCK_REALTIME if it was stepped since the last one.

        A step by less than half an interval is a late or early tick, nothing more; a slew of the clock is
        far below that. After a step the next tick is at least a quarter of an interval after the last one, so
        that one which is a little shorter than an hour neither doubles a sample nor counts as a missed tick.
        """
        step = realtime - boottime - self.ahead
        if abs(step) >= self.interval // 2:
            self.due = (self.due + step + self.interval // 4) // self.interval * self.interval
            self.ahead += step
        return self.due + self.interval

    def come(self, realtime: int, boottime: int) -> Tick:
        """The tick that is due at ``realtime``: the latest one, with all before it missed."""
        expected = self.next(realtime, boottime)
        due = realtime // self.interval * self.interval
        self.due, self.ahead = due, realtime - boottime
        return Tick(due, realtime - due, (due - expected) // self.interval)


class Ticker:
    """Waits for ticks, and for being woken up to stop."""

    def __init__(self, interval: int, clock_ns: Callable[[int], int] = time.clock_gettime_ns) -> None:
        """``interval`` in nanoseconds."""
        self.wakeup, self._wake = socket.socketpair()
        self.wakeup.setblocking(False)
        self._wake.setblocking(False)
        self._clock_ns = clock_ns
        realtime, boottime = self._now()
        self._plan = Plan(interval, realtime // interval * interval, realtime - boottime)

    def fileno(self) -> int:
        """Where a byte written ends the wait; for ``signal.set_wakeup_fd``."""
        return self._wake.fileno()

    def wait(self) -> Tick | None:
        """The next tick, once it is due; None as soon as somebody writes to ``fileno``."""
        while True:
            realtime, boottime = self._now()
            left = self._plan.next(realtime, boottime) - realtime
            if left <= 0:
                return self._plan.come(realtime, boottime)
            early = 0 if left <= NEAR else 4 * left // SLACK
            woken, _, _ = select.select([self.wakeup], [], [], (left - early) / SECOND)
            if woken:
                return None

    def _now(self) -> tuple[int, int]:
        return self._clock_ns(time.CLOCK_REALTIME), self._clock_ns(time.CLOCK_BOOTTIME)

    def close(self) -> None:
        """Close the socket pair."""
        self.wakeup.close()
        self._wake.close()

"""The clock that the grid is laid by: the recorder's own, without the steps that it takes while we run.

If the recorder's clock is set while a recording runs, the seconds before and after would overlap, or gape, by as much
as it is set. So steps are left out and noted: the grid goes on as it began. Slow corrections, as NTP makes them, are
followed.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable

STEP = 100_000_000
"""Nanoseconds: the least that is taken for a step. No discipline slews as much between two looks a second apart."""

AT_ONCE = 1_000_000
"""Two clocks read within this many nanoseconds of each other are taken as read at once."""


def steady_ns() -> int:
    """Nanoseconds on a clock that is never set, and goes on in suspend where the system has such a one."""
    if sys.platform == "linux":
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    return time.monotonic_ns()


class Reference:
    """``now`` may be called from any thread, and must be about once a second."""

    def __init__(self, realtime: Callable[[], int] = time.time_ns, steady: Callable[[], int] = steady_ns) -> None:
        self._realtime, self._steady = realtime, steady
        self._mutex = threading.Lock()
        self.stepped = 0
        """By how much the recorder's clock was set since the beginning, nanoseconds; > 0: forward."""
        self._between = self._read()[1]

    def now(self) -> int:
        """Nanoseconds since 1970, without steps."""
        with self._mutex:
            realtime, between = self._read()
            change = between - self._between
            if abs(change) >= STEP:
                self.stepped += change
            self._between = between
            return realtime - self.stepped

    def _read(self) -> tuple[int, int]:
        """Our clock, and by how much it is ahead of the steady one; read at once, if the machine lets us."""
        best: tuple[int, int, int] | None = None
        for _ in range(5):
            before, realtime, after = self._steady(), self._realtime(), self._steady()
            if best is None or after - before < best[0]:
                best = after - before, realtime, realtime - (before + after) // 2
            if best[0] <= AT_ONCE:
                break
        assert best is not None
        return best[1:]

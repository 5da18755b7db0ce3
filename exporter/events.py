"""What happened to this node's clocks, so that a fit can cut there: a log that sources write and one publishes.

A source that sees an event notes it here; ``clocks/events.py`` makes series of the log, after all others were read.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

EVENTS = {
    "realtime_step": "CLOCK_REALTIME was set; size > 0: forward",
    "leap_second": "a leap second; size -1: inserted, 1: deleted",
    "suspend": "the machine slept; size: for how long",
    "clocksource_change": "the kernel changed its clocksource",
    "reference_change": "chronyd chose another reference, found one or lost it",
    "daemon_restart": "the daemon that disciplines the clock was started anew, or another one was",
}
"""Every event there is, and what its size means where it has one."""


@dataclass(frozen=True)
class Happened:
    """How often an event was seen, when last (CLOCK_REALTIME), and how large it was then; integer nanoseconds."""

    count: int = 0
    time: int = 0
    size: int | None = None


@dataclass
class Events:
    """The log. For use by any number of threads."""

    _log: dict[str, Happened] = field(default_factory=lambda: dict.fromkeys(EVENTS, Happened()))
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def note(self, event: str, time: int, size: int | None = None) -> None:
        """One of EVENTS was seen at this time, on CLOCK_REALTIME after it; nanoseconds."""
        with self._lock:
            before = self._log[event]
            self._log[event] = replace(before, count=before.count + 1, time=time, size=size)

    def log(self) -> dict[str, Happened]:
        """Every event, those that never happened among them."""
        with self._lock:
            return dict(self._log)

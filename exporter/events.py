"""What happened to this node's clocks, so that a fit can cut there: a log that sources write and one publishes.

A source that would see an event says so by ``watch``, and notes it when it does; ``clocks/events.py`` makes series of
the log, after all others were read. What nobody watches is not there: that it never happened is not known.
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

    _log: dict[str, Happened] = field(default_factory=dict[str, Happened])
    _lock: threading.Lock = field(default_factory=threading.Lock, compare=False, repr=False)

    def watch(self, *events: str) -> None:
        """Say that these of EVENTS would be seen; it may be said again."""
        with self._lock:
            for event in events:
                self._log.setdefault(event, Happened())

    def note(self, event: str, time: int, size: int | None = None) -> None:
        """One of EVENTS was seen at this time, on CLOCK_REALTIME after it; nanoseconds."""
        if event not in EVENTS:
            raise KeyError(event)
        with self._lock:
            before = self._log.get(event, Happened())
            self._log[event] = replace(before, count=before.count + 1, time=time, size=size)

    def log(self) -> dict[str, Happened]:
        """Every event that is watched, those that never happened among them."""
        with self._lock:
            return {event: self._log[event] for event in EVENTS if event in self._log}

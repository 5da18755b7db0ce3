"""What happened to the clocks since the start: steps, leap seconds, suspends, other clocksources and references.

From the exporter's own log, which the sources write that see these events; it is read after all of them, so an event
is in the sample that saw it. Costs nothing; no privilege needed. Detected to within one sample, and a step from about
2 us (see jumps.py). Sensors that come and go are in ``driftscope_series_appeared_total`` and ``_vanished_total``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..events import EVENTS, Events
from ..host import Host
from ..source import Absent, Family, Reader, Value

SECOND = 1_000_000_000

COUNT = Family("clock_events_total", "counter", "How often an event was seen since the exporter started.")
TIME = Family(
    "clock_event_timestamp_seconds",
    "gauge",
    "When the event was last seen, on CLOCK_REALTIME after it.",
)
SIZE = Family(
    "clock_event_size_seconds",
    "gauge",
    "By how much the last event moved the clock; > 0: forward. Of a suspend, how long it lasted.",
)


def find(host: Host) -> Reader | Absent:
    """The log is always there."""
    return Log({"events": EVENTS}, host.events)


@dataclass
class Log:
    """Reads the log."""

    found: Mapping[str, Any]
    events: Events
    cadence = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """A counter for each event, and of those that happened the time and size of the last."""
        for event, happened in self.events.log().items():
            yield COUNT.series(event=event), happened.count
            if happened.count:
                yield TIME.series(event=event), happened.time / SECOND
            if happened.size is not None:
                yield SIZE.series(event=event), happened.size / SECOND

    def close(self) -> None:
        """Nothing is held open."""

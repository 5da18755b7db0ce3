"""The log of events as series."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

from exporter.clocks import events, posix
from exporter.events import EVENTS
from exporter.host import Host
from tests.exporter.reading import by_series, found, host


def test_every_event_is_counted_from_the_start(tree: Path) -> None:
    """A count of 0 says that one looked; a time and a size there are only of what happened."""
    machine = host(tree)
    machine.events.watch(*EVENTS)
    with closing(found(events, machine)) as reader:
        values = by_series(reader.read())

    assert values == {f'clock_events_total{{event="{event}"}}': 0 for event in EVENTS}


def test_what_happened_has_its_time_and_its_size(tree: Path) -> None:
    """The last of several counts, in seconds."""
    machine = host(tree)
    machine.events.watch(*EVENTS)
    machine.events.note("realtime_step", 1_795_400_000_250_000_000, size=10**9)
    machine.events.note("realtime_step", 1_795_400_001_500_000_000, size=-250_000_000)
    machine.events.note("clocksource_change", 1_795_400_002_000_000_000)

    with closing(found(events, machine)) as reader:
        values = by_series(reader.read())

    assert values['clock_events_total{event="realtime_step"}'] == 2
    assert values['clock_event_timestamp_seconds{event="realtime_step"}'] == 1_795_400_001.5
    assert values['clock_event_size_seconds{event="realtime_step"}'] == -0.25
    assert values['clock_event_timestamp_seconds{event="clocksource_change"}'] == 1_795_400_002
    assert 'clock_event_size_seconds{event="clocksource_change"}' not in values


def test_a_step_of_the_clock_comes_from_its_readings_into_the_log(tree: Path) -> None:
    """What the clocks' source sees is what this one publishes, in the same sample."""
    ahead = 0

    def clock_ns(clock: int) -> int:
        set_forward = clock in (time.CLOCK_REALTIME, time.CLOCK_TAI)
        return time.clock_gettime_ns(clock) + (ahead if set_forward else 0)

    machine = Host(tree / "sys", tree / "proc", tree / "dev", clock_ns=clock_ns)
    with closing(found(posix, machine)) as clocks, closing(found(events, machine)) as reader:
        clocks.read()
        ahead = 3600 * 10**9
        clocks.read()

        values = by_series(reader.read())

    assert values['clock_events_total{event="realtime_step"}'] == 1
    assert abs(values['clock_event_size_seconds{event="realtime_step"}'] - 3600) < 1e-3
    assert abs(values['clock_event_timestamp_seconds{event="realtime_step"}'] - time.time() - 3600) < 60

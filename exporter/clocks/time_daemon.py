"""Which daemon disciplines the clock and since when, from /proc/PID/stat (proc(5)); nothing is started or asked.

chronyd, ntpd (of ntp.org or NTPsec), systemd-timesyncd or OpenNTPD, or ``none``. The start is known to 10 ms. A daemon
that is known costs 25 us a read; all processes are looked at once a minute, and more often while none is known, or one
has gone (20 us each). No privilege, unless /proc is mounted with ``hidepid``. That a daemon was started anew, or
another one was, is noted as an event. psutil would read more files of each process to say as much.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ..host import Host
from ..source import Absent, Family, Reader, Value
from .daemons import Daemon, process, running

SECOND = 1_000_000_000
TICKS = os.sysconf("SC_CLK_TCK")
NONE = "none"

LOOK_EVERY, LOOK_EVERY_WITHOUT = 60, 10
"""All processes are looked at once in so many reads: while a daemon is known, and while none is."""

INFO = Family("clock_daemon_info", "info", "The daemon that disciplines the system clock, or none.")
START = Family(
    "clock_daemon_start_timestamp_seconds",
    "gauge",
    "When the daemon that disciplines the clock was started, on CLOCK_REALTIME as it was when it was found.",
)


def find(host: Host) -> Reader | Absent:
    """Always there, because a daemon may be started at any time."""
    if not (host.procfs / "self").exists():
        return Absent(f"no processes in {host.procfs}")
    host.events.watch("daemon_restart")
    return TimeDaemon(host)


@dataclass
class TimeDaemon:
    """Knows the daemons that run, and looks whether they are still the same."""

    host: Host
    _known: Sequence[Daemon] = field(default=(), compare=False)
    _starts: Mapping[Daemon, float] = field(default_factory=dict[Daemon, float], compare=False)
    _reads: int = field(default=0, compare=False)

    cadence = 1
    beside = False

    @property
    def found(self) -> Mapping[str, Any]:
        """What is looked for."""
        return {"quantum_seconds": 1 / TICKS}

    def read(self) -> Iterable[Value]:
        """An info for each daemon that runs, there should be one, and when it was started."""
        if self._due() or any(process(self.host.procfs, each.process.pid) != each.process for each in self._known):
            self._look()
        self._reads += 1
        if not self._known:
            yield INFO.series(daemon=NONE), 1
        for daemon in self._known:
            yield INFO.series(daemon=daemon.name), 1
            yield START.series(daemon=daemon.name), self._starts[daemon]

    def close(self) -> None:
        """Nothing is held open."""

    def _due(self) -> bool:
        return self._reads % (LOOK_EVERY if self._known else LOOK_EVERY_WITHOUT) == 0

    def _look(self) -> None:
        """Look at all processes, and note a daemon that was not there the last time."""
        self._known = running(self.host.procfs)
        started = [daemon for daemon in self._known if daemon not in self._starts]
        if started and self._reads:
            self.host.events.note("daemon_restart", self.host.clock_ns(time.CLOCK_REALTIME))
        self._starts = {daemon: self._starts.get(daemon) or self._started(daemon) for daemon in self._known}

    def _started(self, daemon: Daemon) -> float:
        clock_ns = self.host.clock_ns
        booted = clock_ns(time.CLOCK_REALTIME) - clock_ns(time.CLOCK_BOOTTIME)
        return (booted + daemon.process.start * (SECOND // TICKS)) / SECOND

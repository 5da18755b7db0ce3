"""The clock that a battery keeps going, from /sys/class/rtc/rtcN (admin-guide/rtc.rst).

It says whole seconds only, so what is read is the instant when the second changes: polled for once a minute, beside the
tick, from shortly before it is due. The reading is exact then, and the bracket tells how closely the instant is known:
about 1 ms, a PC's up to 3 ms (21 ms before Linux 5.11) because to update it takes 2 ms. About 15 reads of 0.1 ms
a minute, the first time up to 1000. While the clock is synchronised the kernel sets the RTC every 11 min. No privilege.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files import NUMBER_SIZE, attribute, integer, listing
from ..host import Host
from ..source import Absent, Family, PartlyReadError, Reader, Value
from .crossread import SECOND, Anchors, Reading

CORRECTION = Family(
    "clock_rtc_correction_ratio",
    "gauge",
    "By how much the RTC's own hardware corrects its rate; > 0: it is made slower.",
)

PAUSE = 0.001
"""Seconds between two polls."""

POLLS = 1200
"""After so many, which take more than a second, it stands still."""

LEAD = SECOND // 100
"""Polling begins so many nanoseconds before the second is due: 166 ppm of a minute."""

LATEST = (1 << 63) // SECOND
"""Seconds whose nanoseconds an int64 does not hold."""


def find(host: Host) -> Reader | Absent:
    """Every RTC whose time can be read."""
    folder = host.sysfs / "class" / "rtc"
    paths = [path for path in listing(folder) if (path / "since_epoch").exists()]
    if not paths:
        return Absent(f"no rtcN in {folder}")
    found = {path.name: {"name": attribute(path / "name"), "hctosys": attribute(path / "hctosys")} for path in paths}
    return Rtcs({"quantum_seconds": 1, "clocks": found}, [Rtc(path, host) for path in paths])


@dataclass
class Rtc:
    """One clock."""

    path: Path
    host: Host
    _edge: int | None = field(default=None, compare=False)
    """When its second last changed, on monotonic_raw."""
    _closed: bool = field(default=False, compare=False)

    def read(self) -> Reading:
        """Its next full second, between the start of the last poll before it and the end of the first after it.

        Takes up to 2.3 s. Raises OSError, also if it stands still (ETIMEDOUT) or shows no number (EINVAL).
        """
        if self._edge is not None:
            since = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW) - self._edge
            time.sleep((-LEAD - since) % SECOND / SECOND)
        fd = os.open(self.path / "since_epoch", os.O_RDONLY | os.O_CLOEXEC)
        try:
            reading = self._poll(fd)
        finally:
            os.close(fd)
        self._edge = (reading.before + reading.after) // 2
        return reading

    def _poll(self, fd: int) -> Reading:
        seconds = began = 0
        for poll in range(POLLS):
            if self._closed:
                raise OSError(errno.ESHUTDOWN, "closed", str(self.path))
            before = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
            now = parse(os.pread(fd, NUMBER_SIZE, 0))
            after = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
            if now is None:
                raise OSError(errno.EINVAL, "no number of seconds", str(self.path / "since_epoch"))
            # By any other number than one no second passed: it was set.
            if poll and now == seconds + 1:
                return Reading(began, now * SECOND, after)
            seconds, began = now, before
            time.sleep(PAUSE)
        raise OSError(errno.ETIMEDOUT, "stands still", str(self.path))

    def correction(self) -> int | None:
        """Parts per billion, if its hardware can correct itself."""
        return integer((attribute(self.path / "offset") or "").encode())

    def close(self) -> None:
        """Make a ``read`` that is under way end."""
        self._closed = True


@dataclass
class Rtcs:
    """Reads one RTC after the other."""

    found: Mapping[str, Any]
    clocks: list[Rtc]
    cadence = 60
    beside = True
    _anchors: Anchors = field(default_factory=Anchors, compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each, and its correction if it can be told one."""
        values: list[Value] = []
        errors: list[OSError] = []
        for clock in self.clocks:
            try:
                values += self._anchors.values(clock.path.name, clock.read())
            except OSError as error:
                errors.append(error)
                continue
            correction = clock.correction()
            if correction is not None:
                values.append((CORRECTION.series(clock=clock.path.name), correction / SECOND))
        if errors:
            raise PartlyReadError(values, errors, vanished=any(error.errno == errno.ENOENT for error in errors))
        return values

    def close(self) -> None:
        """Make a ``read`` that is under way end within a second."""
        for clock in self.clocks:
            clock.close()


def parse(text: bytes) -> int | None:
    """Seconds since 1970; None if it is no integer, was cut off, or is more than any clock shows."""
    seconds = integer(text) if len(text) < NUMBER_SIZE else None
    return seconds if seconds is not None and -LATEST <= seconds < LATEST else None

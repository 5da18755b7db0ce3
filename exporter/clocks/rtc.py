"""The clock that a battery keeps going, from /sys/class/rtc/rtcN (admin-guide/rtc.rst).

It says whole seconds only: N means N to N + 1, so its bracket is 1 s and the time of the read. Over a day that is a
rate to 12 ppm. A PC's is read through two ports, up to 2 ms with interrupts off: once in ten samples. No privilege.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..files import KernelFile, attribute, integers, listing
from ..host import Host
from ..source import Absent, Family, Reader, Value
from .crossread import SECOND, Anchors, Reading

CORRECTION = Family(
    "clock_rtc_correction_ratio",
    "gauge",
    "By how much the RTC's own hardware corrects its rate; > 0: it is made slower.",
)


def find(host: Host) -> Reader | Absent:
    """Every RTC whose time can be read."""
    folder = host.sysfs / "class" / "rtc"
    paths = [path for path in listing(folder) if (path / "since_epoch").exists()]
    if not paths:
        return Absent(f"no rtcN in {folder}")
    found = {path.name: {"name": attribute(path / "name"), "hctosys": attribute(path / "hctosys")} for path in paths}
    clocks = {path.name: KernelFile(path / "since_epoch") for path in paths}
    corrections = {path.name: KernelFile(path / "offset") for path in paths if (path / "offset").exists()}
    return Rtcs(host, {"quantum_seconds": 1, "clocks": found}, clocks, corrections)


@dataclass
class Rtcs:
    """Reads each RTC between two readings of monotonic_raw."""

    host: Host
    found: Mapping[str, Any]
    clocks: Mapping[str, KernelFile]
    corrections: Mapping[str, KernelFile]
    cadence = 10
    beside = False
    _anchors: Anchors = field(default_factory=Anchors, compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each, and its correction if it can be told one."""
        for name, file in self.clocks.items():
            before = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
            text = file.read()
            after = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
            for seconds in integers(text)[:1]:
                yield from self._anchors.values(name, reading(before, seconds, after))
        for name, file in self.corrections.items():
            for per_billion in integers(file.read())[:1]:
                yield CORRECTION.series(clock=name), per_billion / SECOND

    def close(self) -> None:
        """Close the files."""
        for file in (*self.clocks.values(), *self.corrections.values()):
            file.close()


def reading(before: int, seconds: int, after: int) -> Reading:
    """A reading of whole seconds: when they were read they may have been there for up to a second already."""
    return Reading(before - SECOND, seconds * SECOND, after)

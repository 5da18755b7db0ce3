"""PTP hardware clocks: those of network cards, and of hypervisors, from /dev/ptpN (driver-api/ptp.rst).

Each has an oscillator of its own, often a better one. Cross-read by the best way that its driver knows: latched by the
hardware, between two readings by the driver, or by us; the bracket tells. Quantum 1 ns; a read over PCIe takes some us.
/dev/ptpN is root's unless udev says otherwise. One that stands still is published as it reads.
"""

from __future__ import annotations

import errno
import fcntl
import os
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Optional

from ..files import GONE, KernelFile, attribute, listing
from ..host import Host
from ..source import Absent, Family, PartlyReadError, Reader, Value
from .crossread import BRACKETS, Anchors, Reading, narrowest
from .ptp_ioctl import (
    PTP_SYS_OFFSET_EXTENDED,
    PTP_SYS_OFFSET_PRECISE,
    extended,
    extended_request,
    precise,
    precise_request,
)

INFO = Family("clock_ptp_info", "info", "A PTP hardware clock: its driver's name for it, and its network interface.")

Way = Callable[[Host, int], Optional[Reading]]
"""How an open clock is read; raises OSError, or returns None, if it cannot be read so at this moment."""


def find(host: Host) -> Reader | Absent:
    """Every clock that this user may open."""
    folder = host.sysfs / "class" / "ptp"
    there = [path for path in listing(folder) if path.name.startswith("ptp")]
    if not there:
        return Absent(f"no ptpN in {folder}")
    refusals = {path.name: _refusal(host.devfs / path.name, host.root_sensors) for path in there}
    left_out = [f"{host.devfs / name} {why}" for name, why in refusals.items() if why]
    paths = [path for path in there if not refusals[path.name]]
    if not paths:
        return Absent("; ".join(left_out))
    found = {
        path.name: {
            "name": attribute(path / "clock_name") or "",
            "interface": ",".join(interface.name for interface in listing(path / "device" / "net")),
        }
        for path in paths
    }
    clocks = [Clock(path.name, KernelFile(host.devfs / path.name)) for path in paths]
    return Ptp(host, {"clocks": found, "left_out": left_out}, clocks)


def _refusal(device: Path, root_sensors: bool) -> str | None:
    """Why the device is not read. Opening it for reading does nothing to the clock."""
    if not root_sensors:
        return "is root's, and --no-root-sensors leaves that out"
    try:
        os.close(os.open(device, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        name = errno.errorcode.get(error.errno or 0, str(error))
        return f"cannot be opened: {name}" + (
            ": run as root, or let udev give it to a group" if name == "EACCES" else ""
        )
    return None


def latched(host: Host, fd: int) -> Reading | None:
    """Both clocks at one instant, by the hardware."""
    answer = precise_request()
    before = host.clock_ns(time.CLOCK_MONOTONIC_RAW)
    fcntl.ioctl(fd, PTP_SYS_OFFSET_PRECISE, answer)
    after = host.clock_ns(time.CLOCK_MONOTONIC_RAW)
    times = precise(answer)
    return best([Reading(times.monotonic_raw, times.device, times.monotonic_raw)] if times else [], before, after)


def by_driver_and_raw(host: Host, fd: int) -> Reading | None:
    """Between two readings of monotonic_raw by the driver; since Linux 6.12."""
    answer = extended_request(BRACKETS, time.CLOCK_MONOTONIC_RAW)
    before = host.clock_ns(time.CLOCK_MONOTONIC_RAW)
    fcntl.ioctl(fd, PTP_SYS_OFFSET_EXTENDED, answer)
    return best(extended(answer), before, host.clock_ns(time.CLOCK_MONOTONIC_RAW))


def by_driver_and_realtime(host: Host, fd: int) -> Reading | None:
    """Between two readings of realtime by the driver; realtime is cross-read with monotonic_raw before and after."""
    answer = extended_request(BRACKETS, time.CLOCK_REALTIME)
    first = narrowest(host.clock_ns, time.CLOCK_REALTIME)
    fcntl.ioctl(fd, PTP_SYS_OFFSET_EXTENDED, answer)
    last = narrowest(host.clock_ns, time.CLOCK_REALTIME)
    reading = best(extended(answer), first.clock, last.clock)
    return through(reading, first, last) if reading else None


WAYS: tuple[Way, ...] = (latched, by_driver_and_raw, by_driver_and_realtime)
"""The best one first. What refuses them all is read by us."""


def best(readings: Iterable[Reading], before: int, after: int) -> Reading | None:
    """The narrowest of those taken between these two times, by the clock of their brackets.

    So a driver that takes them from another clock than the one asked for is found out, and a clock that was set back.
    """
    within = (each for each in readings if before <= each.before <= each.after <= after)
    return min(within, key=lambda each: each.bracket, default=None)


def through(clock: Reading, first: Reading, last: Reading) -> Reading:
    """A reading against a clock that was itself read against the reference, before and after.

    Its ends move by the most and the least that this clock may have been ahead meanwhile: they hold however it is
    disciplined, and if it is set in between, the bracket is as wide as the step.
    """
    most = max(first.clock - first.before, last.clock - last.before)
    least = min(first.clock - first.after, last.clock - last.after)
    return Reading(clock.before - most, clock.clock, clock.after - least)


@dataclass
class Clock:
    """One clock."""

    name: str
    file: KernelFile

    def read(self, host: Host, ways: Iterable[Way] = WAYS) -> Reading:
        """By the best way that works at this moment: to be refused costs 1 us, and the reason may pass.

        PRECISE fails while the clocksource is not the counter that the hardware latches (ENODEV), or when a timer
        tick falls in between (EINVAL).
        """
        fd = self.file.fd if self.file.fd >= 0 else self.file.open()
        for way in ways:
            try:
                reading = way(host, fd)
            except OSError:  # if nothing works, clock_gettime says why
                continue
            if reading is not None:
                return reading
        try:
            return narrowest(host.clock_ns, ~fd << 3 | 3)  # FD_TO_CLOCKID of clock_gettime(2)
        except OSError:
            self.file.close()
            raise


@dataclass
class Ptp:
    """Reads all clocks; the first sample is the anchor of the offsets."""

    host: Host
    found: Mapping[str, Any]
    clocks: list[Clock]
    cadence = 1
    beside = False
    _anchors: Anchors = field(default_factory=Anchors, compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each, and what it is."""
        values: list[Value] = []
        errors: list[OSError] = []
        for clock in list(self.clocks):
            try:
                values += self._anchors.values(clock.name, clock.read(self.host))
            except OSError as error:
                errors.append(error)
                if error.errno in GONE:  # its number may be another device's the next time
                    self.clocks.remove(clock)
                continue
            values.append((INFO.series(clock=clock.name, **self.found["clocks"][clock.name]), 1))
        if errors:
            raise PartlyReadError(values, errors, vanished=any(error.errno in GONE for error in errors))
        return values

    def close(self) -> None:
        """Close the devices."""
        for clock in self.clocks:
            clock.file.close()

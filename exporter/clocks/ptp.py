"""PTP hardware clocks: those of network cards, and of hypervisors, from /dev/ptpN (driver-api/ptp.rst).

Each has an oscillator of its own, often a better one. Cross-read by the best way that its driver knows: latched by the
hardware, between two readings by the driver, or by us; the bracket tells. Quantum 1 ns; a read over PCIe takes some us.
/dev/ptpN is root's unless udev says otherwise. One that stands still is published as it reads.
"""

from __future__ import annotations

import errno
import fcntl
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..files import KernelFile, attribute, listing, readable
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

Way = Callable[[Host, int], Reading]
"""How an open clock is read; raises OSError if this one cannot be read so."""

REFUSED = frozenset({errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.ENODEV})
"""What a driver answers that does not know a way."""


def find(host: Host) -> Reader | Absent:
    """Every clock that this user may open."""
    folder = host.sysfs / "class" / "ptp"
    there = [path for path in listing(folder) if path.name.startswith("ptp")]
    if not there:
        return Absent(f"no ptpN in {folder}")
    paths = [path for path in there if host.root_sensors and readable(host.devfs / path.name)]
    if not paths:
        return Absent(f"{host.devfs / there[0].name} cannot be opened: run as root, or let udev give it to a group")
    found = {
        path.name: {
            "name": attribute(path / "clock_name") or "",
            "interface": ",".join(interface.name for interface in listing(path / "device" / "net")),
        }
        for path in paths
    }
    return Ptp(host, {"clocks": found}, [Clock(path.name, KernelFile(host.devfs / path.name)) for path in paths])


def latched(_: Host, fd: int) -> Reading:
    """Both clocks at one instant, by the hardware."""
    answer = precise_request()
    fcntl.ioctl(fd, PTP_SYS_OFFSET_PRECISE, answer)
    times = precise(answer)
    if times is None:
        raise OSError(errno.EBADMSG, "no times in the answer of a PTP clock")
    return Reading(times.monotonic_raw, times.device, times.monotonic_raw)


def by_driver_and_raw(_: Host, fd: int) -> Reading:
    """Between two readings of monotonic_raw by the driver; since Linux 6.12."""
    return narrowest_by_driver(fd, time.CLOCK_MONOTONIC_RAW)


def by_driver_and_realtime(host: Host, fd: int) -> Reading:
    """Between two readings of realtime by the driver, which is cross-read with monotonic_raw; both brackets count."""
    return through(narrowest_by_driver(fd, time.CLOCK_REALTIME), narrowest(host.clock_ns, time.CLOCK_REALTIME))


def by_us(host: Host, fd: int) -> Reading:
    """Between two readings of monotonic_raw, as any clock; its id is FD_TO_CLOCKID of clock_gettime(2)."""
    return narrowest(host.clock_ns, ~fd << 3 | 3)


def narrowest_by_driver(fd: int, clock: int) -> Reading:
    """The sample with the narrowest bracket of so many that the driver takes; before and after are by ``clock``."""
    answer = extended_request(BRACKETS, clock)
    fcntl.ioctl(fd, PTP_SYS_OFFSET_EXTENDED, answer)
    readings = extended(answer)
    if not readings:
        raise OSError(errno.EBADMSG, "no times in the answer of a PTP clock")
    return min(readings, key=lambda reading: reading.bracket)


WAYS: tuple[Way, ...] = (latched, by_driver_and_raw, by_driver_and_realtime, by_us)
"""The best one first."""


def through(clock: Reading, middle: Reading) -> Reading:
    """A reading against a clock that was read against the reference: brackets add up, so it holds at its ends."""
    return Reading(
        clock.before - middle.clock + middle.before,
        clock.clock,
        clock.after - middle.clock + middle.after,
    )


@dataclass
class Clock:
    """One clock, and the way that was found to work."""

    name: str
    file: KernelFile
    _ways: tuple[Way, ...] = field(default=WAYS, compare=False, repr=False)

    def read(self, host: Host) -> Reading:
        """By the best way that its driver does not refuse, which is kept."""
        fd = self.file.fd if self.file.fd >= 0 else self.file.open()
        while True:
            try:
                return self._ways[0](host, fd)
            except OSError as error:
                if error.errno not in REFUSED or len(self._ways) == 1:
                    self.file.close()
                    raise
                self._ways = self._ways[1:]


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
        for clock in self.clocks:
            try:
                values += self._anchors.values(clock.name, clock.read(self.host))
            except OSError as error:
                errors.append(error)
                continue
            values.append((INFO.series(clock=clock.name, **self.found["clocks"][clock.name]), 1))
        if errors:
            raise PartlyReadError(values, errors, vanished=any(error.errno == errno.ENODEV for error in errors))
        return values

    def close(self) -> None:
        """Close the devices."""
        for clock in self.clocks:
            clock.file.close()

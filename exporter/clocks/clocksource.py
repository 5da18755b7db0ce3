"""The oscillator that the kernel counts, and those it could, from /sys/devices/system/clocksource.

See Documentation/ABI/testing/sysfs-devices-clocksource. The kernel drops a TSC that it distrusts for hpet or acpi_pm,
which have other rates: a change explains a jump of every drift, and is an event. Seen within one sample; no privilege
needed.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files import KernelFile, listing
from ..host import Host
from ..source import Absent, Family, Reader, Value

AVAILABLE = Family(
    "node_time_clocksource_available_info",
    "gauge",
    "Available clocksources read from '/sys/devices/system/clocksource'.",
)
CURRENT = Family(
    "node_time_clocksource_current_info",
    "gauge",
    "Current clocksource read from '/sys/devices/system/clocksource'.",
)


def find(host: Host) -> Reader | Absent:
    """Every Linux has one device of this kind, which lists its clocksources."""
    folder = host.sysfs / "devices" / "system" / "clocksource"
    devices = [path for path in listing(folder) if (path / "current_clocksource").exists()]
    if not devices:
        return Absent(f"no {folder}/clocksourceN/current_clocksource")
    return Clocksources(host, {"devices": [path.name for path in devices]}, [Device.at(path) for path in devices])


@dataclass
class Device:
    """One device: its number and its two files."""

    number: str
    available: KernelFile
    current: KernelFile

    @classmethod
    def at(cls, path: Path) -> Device:
        """The device in this folder."""
        files = (KernelFile(path / f"{which}_clocksource") for which in ("available", "current"))
        return cls(path.name[len("clocksource") :], *files)


@dataclass
class Clocksources:
    """Reads which clocksource is current, and notes when it is another one than before."""

    host: Host
    found: Mapping[str, Any]
    devices: list[Device]
    cadence = 1
    beside = False
    _before: dict[str, str] = field(default_factory=dict[str, str], compare=False)

    def read(self) -> Iterable[Value]:
        """A 1 for each clocksource that there is, and for the current one."""
        self.host.events.watch("clocksource_change")
        values: list[Value] = []
        for device in self.devices:
            current = names(device.current.read())
            for family, found in ((AVAILABLE, names(device.available.read())), (CURRENT, current)):
                values += [(family.series(device=device.number, clocksource=name), 1) for name in found]
            for name in current:
                if self._before.setdefault(device.number, name) != name:
                    self.host.events.note("clocksource_change", self.host.clock_ns(time.CLOCK_REALTIME))
                    self._before[device.number] = name
        return values

    def close(self) -> None:
        """Close the files."""
        for device in self.devices:
            device.available.close()
            device.current.close()


def names(text: bytes) -> list[str]:
    """The names in a file of either kind, each once."""
    return list(dict.fromkeys(word.decode(errors="backslashreplace") for word in text.split()))

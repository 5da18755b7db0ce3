"""Energy that packages, cores and memory used, from /sys/class/powercap (power/powercap/powercap.rst).

Quantum 61 uJ on most CPUs, updated each ms. A 32-bit counter starts over after about 262 kJ, 27 min at 160 W: that is
undone here, so the series only rise. Root's since Linux 5.10, because power tells secrets; CAP_DAC_READ_SEARCH is
enough. Identity is the zone's path on the machine: there is one "dram" for each socket. psutil does not know it.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field

from ..files import KernelFile, NumberFile, NumberFiles, attribute, integers, listing, readable
from ..host import Host
from ..source import Absent, Family, Reader

MICROJOULES = 1_000_000


def find(host: Host) -> Reader | Absent:
    """Every zone that may be read."""
    folder = host.sysfs / "class" / "powercap"
    zones = [path for path in listing(folder) if (path / "energy_uj").exists()]
    if not zones:
        return Absent(f"no zone with an energy_uj in {folder}")
    first = zones[0] / "energy_uj"
    if not host.root_sensors:
        return Absent(f"{first} is root's, and --no-root-sensors leaves that out")
    zones = [path for path in zones if readable(path / "energy_uj")]
    if not zones:
        return Absent(f"{first} is root's since Linux 5.10: run as root, or give CAP_DAC_READ_SEARCH")
    numbers: list[NumberFile] = []
    found: dict[str, str] = {}
    used: Counter[str] = Counter()
    for path in zones:
        name = attribute(path / "name") or path.name
        kind, index = kind_and_index(name, used)
        series = family(kind).series(index=index, path=f"/sys/class/powercap/{path.name}")
        (largest,) = integers((attribute(path / "max_energy_range_uj") or "").encode()) or [0]
        numbers.append(Energy(series, KernelFile(path / "energy_uj"), range=largest))
        found[path.name] = name
    return NumberFiles({"zones": found}, numbers)


def kind_and_index(name: str, used: Counter[str]) -> tuple[str, str]:
    """``package-1`` is package 1; of zones with other names the first is 0, the next 1. As in node_exporter."""
    match = re.fullmatch(r"([^-]*)-(\d+)", name)
    if match:
        return match[1], match[2]
    index = used[name]
    used[name] += 1
    return name, str(index)


def family(kind: str) -> Family:
    """``package`` is node_rapl_package_joules_total."""
    return Family(f"node_rapl_{re.sub('[^a-zA-Z0-9_]', '_', kind)}_joules_total", "counter", "Current RAPL value")


@dataclass
class Energy(NumberFile):
    """A zone's counter, in joules, going on where it starts over."""

    range: int = 0
    """After this many uJ it starts over; 0 if that is not known."""

    _last: int = field(default=0, compare=False)
    _before: int = field(default=0, compare=False)
    """What was counted before it last started over."""

    def read(self) -> float:
        """Joules that the counter shows, and those that it had shown whenever it started over.

        If it starts over in its first half, it did not run to its end but was set to 0, by a suspend say: then the
        series starts over too, as counters may.
        """
        now = super().read()
        assert isinstance(now, int), "it has no divisor"
        if now < self._last:
            self._before += self.range if self._last > self.range // 2 else 0
        self._last = now
        return (self._before + now) / MICROJOULES

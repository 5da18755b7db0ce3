"""How often cores and sockets were slowed down because they were too hot, from /sys/devices/system/cpu/cpuN.

Of cpuN/thermal_throttle (x86 only; arch/x86/kernel/cpu/mce/therm_throt.c). Exact counts since boot; the kernel looks
for the end of a throttling once a second at most. No privilege needed. All CPUs of a core or a socket say the same, so
the first one is read. psutil does not know it.
"""

from __future__ import annotations

from ..files import KernelFile, NumberFile, NumberFiles, attribute
from ..host import Host
from ..source import Absent, Family, Reader, Series
from .topology import cpus, socket

CORE = Family("node_cpu_core_throttles_total", "counter", "Number of times this CPU core has been throttled.")
PACKAGE = Family("node_cpu_package_throttles_total", "counter", "Number of times this CPU package has been throttled.")


def find(host: Host) -> Reader | Absent:
    """A count for each core and each socket."""
    numbers: dict[Series, NumberFile] = {}
    for _, path in cpus(host):
        package, core = socket(path), attribute(path / "topology" / "core_id")
        if package is None or core is None:
            continue
        for series, name in (
            (CORE.series(package=package, core=core), "core_throttle_count"),
            (PACKAGE.series(package=package), "package_throttle_count"),
        ):
            file = path / "thermal_throttle" / name
            if series not in numbers and file.exists():
                numbers[series] = NumberFile(series, KernelFile(file))
    if not numbers:
        return Absent(f"no {host.sysfs}/devices/system/cpu/cpuN/thermal_throttle: no x86, or a virtual machine")
    return NumberFiles({"quantum": 1}, list(numbers.values()))

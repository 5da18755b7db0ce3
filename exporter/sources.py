"""Every source there is, under the name that ``--disable`` takes and ``source`` labels carry.

They are read in this order, so the clocks come first, closest to the tick. A new source is a file under clocks/ or
sensors/ and a line here.
"""

from __future__ import annotations

from .clocks import (
    auxiliary,
    chrony,
    chrony_sources,
    clocksource,
    events,
    peers,
    posix,
    pps,
    ptp,
    rtc,
    time_daemon,
    timex,
)
from .sensors import (
    client,
    cpufreq,
    cpuidle,
    disks,
    drive_temperature,
    edac,
    hwmon,
    interrupts,
    ipmi,
    loadavg,
    meminfo,
    network,
    nvidia,
    pressure,
    rapl,
    schedstat,
    softirqs,
    stat,
    stress,
    thermal,
    throttles,
    turbostat,
    vmstat,
)
from .source import Source

SOURCES: dict[str, Source] = {
    "clocks": posix,
    "auxiliary": auxiliary,
    "ptp": ptp,
    "pps": pps,
    "timex": timex,
    "clocksource": clocksource,
    "rtc": rtc,
    "time_daemon": time_daemon,
    "chrony": chrony,
    "chrony_sources": chrony_sources,
    "peers": peers,
    "hwmon": hwmon,
    "drive_temperature": drive_temperature,
    "thermal": thermal,
    "cpufreq": cpufreq,
    "cpuidle": cpuidle,
    "rapl": rapl,
    "throttles": throttles,
    "stat": stat,
    "interrupts": interrupts,
    "softirqs": softirqs,
    "schedstat": schedstat,
    "pressure": pressure,
    "loadavg": loadavg,
    "meminfo": meminfo,
    "vmstat": vmstat,
    "edac": edac,
    "network": network,
    "disks": disks,
    "turbostat": turbostat,
    "ipmi": ipmi,
    "nvidia": nvidia,
    "stress": stress,
    "client": client,
    "events": events,  # last, because the others write what it reads
}

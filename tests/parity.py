"""In what we differ from node_exporter (1.5.0, Debian's), on purpose. Everything else is equal, which a test proves.

Each entry is a pattern of series and a reason, and has to apply somewhere.
"""

from __future__ import annotations

COLLECTORS = (
    *("hwmon", "thermal_zone", "cpu", "cpufreq", "rapl", "edac", "timex", "time", "netdev", "diskstats"),
    *("meminfo", "vmstat", "loadavg", "stat", "interrupts", "pressure", "schedstat"),
)
"""Its collectors of what we read too."""

THEIRS = {
    r"node_hwmon_\w+_(min|max|crit|alarm|crit_alarm)(_\w+)?": "limits and alarms are in the inventory, read once: "
    "reading an alarm may clear it, and of a drive each read is a command",
    r"node_hwmon_power_average_interval_seconds": "a setting, not a measurement",
    r"node_disk_info": "what a disk is does not change: no measurement",
    r"node_time_(seconds|zone_offset_seconds)": "clock_seconds and clock_nanoseconds have all digits of the time",
    r"node_scrape_collector_\w+": "driftscope_source_up and driftscope_source_duration_seconds",
    r"node_exporter_build_info": "driftscope_build_info",
    r'node_disk_\w+\{device="zram\d+"\}': "a disk in memory; later versions leave it out, too",
    r"node_(disk_discard|disk_flush)\w+": "absent where the kernel's line ends before; there they are 0",
}
"""What it publishes and we do not."""

OURS = {
    r'node_network_\w+\{device="lo"\}': "Debian's build leaves the loopback interface out",
    r'node_hwmon_chip_names\{.*chip_name="power_meter"\}': "it does not look into the device's folder for the name",
    r"node_softirqs_total": "its collector has them behind a flag; the wire's cost is ten series",
    r"node_softirqs_functions_total": "1.5.0 does not have them, later versions do",
    r"node_pressure_irq_\w+": "1.5.0 does not have it, later versions do",
    r"node_cpu_frequency_hertz\{core=.*\}": "it reads /proc/cpuinfo only when asked for cpu.info",
}
"""What we publish and it does not."""

"""In what we differ from node_exporter (1.5.0, Debian's), on purpose. Everything else is equal, which a test proves.

Each entry is a pattern of series and a reason, and has to apply somewhere.
"""

from __future__ import annotations

COLLECTORS = (
    *("hwmon", "thermal_zone", "cpu", "cpufreq", "rapl", "edac", "timex", "time", "netdev", "diskstats"),
    *("meminfo", "vmstat", "loadavg", "stat", "interrupts", "pressure", "schedstat"),
)
"""Its collectors of what we read too; thermal_zone has the cooling devices."""

SETTINGS = ("--collector.stat.softirq", "--collector.netdev.device-exclude=^$", "--no-collector.netdev.netlink")
"""Have it read the sums of softirqs, the loopback interface, and /proc/net/dev instead of asking by netlink."""

THEIRS = {
    r"node_hwmon_\w+_(min|max|crit|alarm|crit_alarm)(_\w+)?": "limits and alarms are in the inventory, read once: "
    "reading an alarm may clear it, and of a drive each read is a command",
    r"node_hwmon_(pwm|intrusion|beep|cpu_vid|voltage_regulator|\w+_(beep|pulses|tolerance|offset|type|target|cap))(_\w+)?":
    "how a chip is set, or what it asks of a fan or a regulator: not measured",
    r"node_hwmon_power_average_interval_seconds": "a setting, not a measurement",
    r"node_cpu_isolated": "a setting of the boot, not a measurement",
    r"node_disk_info": "what a disk is does not change: no measurement",
    r"node_time_(seconds|zone_offset_seconds)": "clock_seconds and clock_nanoseconds have all digits of the time",
    r"node_scrape_collector_\w+": "driftscope_source_up and driftscope_source_duration_seconds",
    r"node_exporter_build_info": "driftscope_build_info",
    r'node_disk_\w+\{device="zram\d+"\}': "a disk in memory; later versions leave it out, too",
    r"node_disk_(discard|flush)\w+": "absent where the kernel's line ends before; there they are 0",
}  # fmt: skip
"""What it publishes and we do not."""

OURS = {
    r'node_hwmon_chip_names\{.*chip_name="power_meter"\}': "it does not look into the device's folder for the name",
    r'node_hwmon_(freq_freq_mhz|sensor_label)\{.*sensor="(freq\d+|[sm]clk)"\}': "1.5.0 does not have frequencies, "
    "later versions do",
    r"node_softirqs_functions_total": "1.5.0 does not have them, later versions do",
    r"node_pressure_irq_\w+": "1.5.0 does not have it, later versions do",
    r"node_cpu_frequency_hertz\{core=.*\}": "1.5.0 does not read it from /proc/cpuinfo",
}
"""What we publish and it does not."""

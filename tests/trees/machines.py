"""Machines as folders: what /sys and /proc of a node look like, built under any path.

``small`` has one of everything that the exporter reads, ``server`` much of it. Both return their root, with the
machine's files in ``root/"sys"`` and ``root/"proc"``.
"""

from __future__ import annotations

from pathlib import Path

from tests.trees import clocks
from tests.trees.chips import board, cooling_device, coretemp, nvme, power_meter, thermal_zone
from tests.trees.cpus import cpufreq, cpuidle
from tests.trees.files import write
from tests.trees.kernel import kernel_files, memory_controller, socket_energy, throttle
from tests.trees.proc import MEMINFO, diskstats, hardware, net_dev, process, stat

IDLE_STATES = ("POLL", "C1", "C1E", "C6")


def small(root: Path) -> Path:
    """A tiny machine of two sockets with one core each, and one of everything."""
    coretemp(root, hwmon=0, socket=0, cores=[8])
    coretemp(root, hwmon=1, socket=1, cores=[8])
    nvme(root, hwmon=2, drive=0, temp1_input=36850)
    nvme(root, hwmon=3, drive=1, temp1_input=41850)
    power_meter(root, hwmon=4)
    board(root, hwmon=10)
    thermal_zone(root, 0, "acpitz", 27800)
    thermal_zone(root, 1, "x86_pkg_temp", 43000)
    cooling_device(root, 0, "Processor", 0, 10)
    for cpu in range(2):
        cpufreq(root, cpu, cpuinfo_cur_freq=1800012, scaling_cur_freq=1799999 + cpu, scaling_min_freq=800000)
        cpuidle(root, cpu, IDLE_STATES[:2])
        throttle(root, cpu, package=cpu, core=8)
        socket_energy(root, socket=cpu)
    clocks.clocksource(root, "tsc", "hpet")
    clocks.pps(root, 0, "1795460190.999998766#86400")
    memory_controller(root, 0, rows=1)
    kernel_files(root, cpus=2, lines=2)
    write(root / "sys/devices/system/cpu/cpuidle", {"current_driver": "intel_idle"})
    write(
        root / "proc",
        {
            "stat": stat(cpus=2, interrupts=5),
            "loadavg": "0.52 0.58 0.59 1/189 12345\n",
            "meminfo": MEMINFO,
            "net/dev": net_dev("lo", "eth0"),
            "diskstats": diskstats("loop0", "sda", "sda1", "nvme0n1", "nvme0n1p1"),
        },
    )
    hardware(root, interfaces=("eth0",), disks=("sda", "nvme0n1"))
    process(root)
    return root


def server(root: Path) -> Path:
    """A server of two sockets, 32 cores and 64 CPUs: about 1,700 values."""
    for socket in range(2):
        coretemp(root, hwmon=socket, socket=socket, cores=range(16))
    for drive in range(4):
        nvme(root, hwmon=2 + drive, drive=drive, temp1_input=30850 + 1000 * drive)
    board(root, hwmon=6)
    power_meter(root, hwmon=7)
    for zone in range(2):
        thermal_zone(root, zone, "x86_pkg_temp", 51000 + zone)
    for cpu in range(64):
        cpufreq(root, cpu, scaling_cur_freq=2_000_000 + cpu)
        cpuidle(root, cpu, IDLE_STATES)
        throttle(root, cpu, package=cpu // 16 % 2, core=cpu % 16)
    for socket in range(2):
        socket_energy(root, socket)
        memory_controller(root, socket, rows=2)
    clocks.clocksource(root, "tsc", "hpet", "acpi_pm")
    clocks.pps(root, 0, "1795460190.999998766#86400")
    kernel_files(root, cpus=64, lines=60)
    write(root / "sys/devices/system/cpu/cpuidle", {"current_driver": "intel_idle"})
    write(
        root / "proc",
        {
            "stat": stat(cpus=64, interrupts=2000),
            "loadavg": "12.52 10.58 8.59 3/1890 1234567\n",
            "meminfo": MEMINFO,
            "net/dev": net_dev("lo", "eno1", "eno2", "ens1f0"),
            "diskstats": diskstats("sda", "sdb", "nvme0n1", "nvme1n1"),
        },
    )
    hardware(root, ("eno1", "eno2", "ens1f0"), ("sda", "sdb", "nvme0n1", "nvme1n1"))
    process(root)
    return root

"""Machines as folders: what /sys and /proc of a node look like, built under any path.

``small`` has one of everything that the exporter reads, ``server`` much of it. Both return their root, with the
machine's files in ``root/"sys"`` and ``root/"proc"``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Union

Files = Mapping[str, Union[str, int]]

MEMINFO = """\
MemTotal:       24684084 kB
MemFree:         1480868 kB
MemAvailable:   19011540 kB
Buffers:          571244 kB
Cached:         16386036 kB
SwapCached:            0 kB
Active(anon):    2541816 kB
Inactive(file): 12037880 kB
Dirty:               764 kB
VmallocTotal:   34359738367 kB
HugePages_Total:       0
Hugepagesize:       2048 kB
"""

NET_DEV_HEADING = """\
Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
"""  # noqa: E501  # as the kernel writes it

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
    process(root)
    return root


def write(folder: Path, files: Files) -> None:
    """Write each file, in folders made for it; text without an end gets the newline that the kernel gives."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        text = str(content)
        path.write_text(text if text.endswith("\n") else f"{text}\n")


def chip(root: Path, hwmon: int, device: str, **attributes: str | int) -> Path:
    """A chip of the device at sys/devices/DEVICE, seen from sys/class/hwmon as on a real machine."""
    home = root / "sys/devices" / device
    folder = home / f"hwmon/hwmon{hwmon}"
    write(folder, attributes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "device").symlink_to("../..")
    seen = root / f"sys/class/hwmon/hwmon{hwmon}"
    seen.parent.mkdir(parents=True, exist_ok=True)
    seen.symlink_to(Path("../../devices") / device / f"hwmon/hwmon{hwmon}")
    return home


def coretemp(root: Path, hwmon: int, socket: int, cores: range | list[int]) -> None:
    """A socket's temperatures. The kernel numbers a core's sensor two above the core."""
    attributes: dict[str, str | int] = {"temp1_input": 45000 + socket, "temp1_label": f"Package id {socket}"}
    for core in cores:
        attributes |= {f"temp{core + 2}_input": 40000 + 1000 * socket + core, f"temp{core + 2}_label": f"Core {core}"}
    chip(root, hwmon, f"platform/coretemp.{socket}", name="coretemp", temp1_crit_alarm=0, **attributes)


def nvme(root: Path, hwmon: int, drive: int, **attributes: str | int) -> None:
    """A drive's temperature, which every drive calls ``Composite``."""
    device = f"pci0000:00/0000:0{drive}:00.0/nvme/nvme{drive}"
    chip(root, hwmon, device, name="nvme", temp1_label="Composite", **attributes)


def power_meter(root: Path, hwmon: int) -> None:
    """An ACPI power meter: its attributes are the device's own, and hwmonN has not even a name."""
    device = chip(root, hwmon, "LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00")
    write(device, {"name": "power_meter", "power1_average": 213_000_000, "power1_average_interval": 1000})


def board(root: Path, hwmon: int) -> None:
    """A mainboard's chip, with one of every other kind of input."""
    attributes = {"fan1_input": 1234, "in0_input": 1032, "curr1_input": 2500, "humidity1_input": 45_500}
    attributes |= {"energy1_input": 123_456_789, "power1_input": 65_250_000}
    chip(root, hwmon, "platform/nct6775.656", name="nct6779", in0_label="Vcore", **attributes)


def thermal_zone(root: Path, number: int, type: str, temp: int) -> None:
    """A thermal zone, in 1/1000 degC."""
    write(root / f"sys/class/thermal/thermal_zone{number}", {"type": type, "temp": temp})


def cooling_device(root: Path, number: int, type: str, state: int, most: int) -> None:
    """A cooling device and how much of it is in use."""
    files: Files = {"type": type, "cur_state": state, "max_state": most}
    write(root / f"sys/class/thermal/cooling_device{number}", files)


def cpufreq(root: Path, cpu: int, **attributes: int) -> None:
    """A CPU under frequency control; kHz."""
    files: Files = {"scaling_driver": "intel_cpufreq", "cpuinfo_min_freq": 800000, "cpuinfo_max_freq": 3600000}
    write(root / f"sys/devices/system/cpu/cpu{cpu}/cpufreq", {**files, **attributes})


def cpuidle(root: Path, cpu: int, states: tuple[str, ...]) -> None:
    """A CPU's idle states; us."""
    for number, name in enumerate(states):
        files: Files = {"name": name, "time": 1_000_001 * (cpu + 1) * (number + 1), "usage": 100 * cpu + number}
        write(root / f"sys/devices/system/cpu/cpu{cpu}/cpuidle/state{number}", files)


def stat(cpus: int, interrupts: int) -> str:
    """/proc/stat with so many CPUs, and so many columns in its line of interrupts."""
    ticks = [f"cpu{cpu} {4705 + cpu} 356 584 {369907 + cpu} 23 0 23 0 7 1" for cpu in range(cpus)]
    counts = ["ctxt 38014093", "btime 1795400000", "processes 26442", "procs_running 2", "procs_blocked 0"]
    intr = "intr 8885917 " + " ".join(map(str, range(interrupts)))
    softirq = "softirq 5057579 250191 1481983 1647 211099 186066 0 1783454 622196 12499 508444"
    return "\n".join(["cpu  9410 712 1168 739814 46 0 46 0 14 2", *ticks, intr, *counts, softirq]) + "\n"


def net_dev(*interfaces: str) -> str:
    """/proc/net/dev with these interfaces."""
    columns = " ".join(str(1000 + column) for column in range(16))
    return NET_DEV_HEADING + "".join(f"{name:>6}: {columns}\n" for name in interfaces)


def diskstats(*disks: str) -> str:
    """/proc/diskstats of a kernel >= 5.5, with seventeen columns for each disk."""
    columns = " ".join(str(7 * column + 1) for column in range(17))
    return "".join(f"{8:>4} {number:>7} {disk} {columns}\n" for number, disk in enumerate(disks))


def process(root: Path) -> None:
    """/proc/self, as far as prometheus-client reads it of the exporter: 3 open files of at most 1024."""
    fields = {0: "S", 11: 250, 12: 150, 19: 600_000, 20: 123_456_789, 21: 5000}  # counted after "pid (name) "
    line = " ".join(str(fields.get(column, 0)) for column in range(50))
    write(
        root / "proc/self",
        {
            "stat": f"4321 (exporter) {line}",
            "limits": "Limit                     Soft Limit           Hard Limit           Units\n"
            "Max open files            1024                 65536                files\n",
            "fd/0": "",
            "fd/1": "",
            "fd/2": "",
        },
    )

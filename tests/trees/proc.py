"""Files of /proc."""

from __future__ import annotations

import os
from pathlib import Path

from tests.trees.files import write

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


def hardware(root: Path, interfaces: tuple[str, ...] = (), disks: tuple[str, ...] = ()) -> None:
    """Devices that are hardware, as /sys shows them: each folder has a link to what is behind it."""
    for kind, names in (("class/net", interfaces), ("block", disks)):
        for name in names:
            seen = root / "sys" / kind / name.replace("/", "!")
            behind = root / "sys/devices/pci0000:00" / f"0000:00:{len(list(seen.parent.glob('*'))):02x}.0"
            home = behind / Path(kind).name / seen.name
            home.mkdir(parents=True)
            (home / "device").symlink_to("../..")
            seen.parent.mkdir(parents=True, exist_ok=True)
            seen.symlink_to(os.path.relpath(home, seen.parent))


def cpuinfo(megahertz: list[str], flags: str) -> str:
    """/proc/cpuinfo of an x86 machine with a CPU of each of these frequencies, two cores a socket."""
    return "".join(
        f"processor\t: {cpu}\nvendor_id\t: GenuineIntel\ncpu MHz\t\t: {frequency}\nphysical id\t: {cpu // 2}\n"
        f"core id\t\t: {cpu % 2}\nflags\t\t: fpu vme {flags}\npower management:\n\n"
        for cpu, frequency in enumerate(megahertz)
    )


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

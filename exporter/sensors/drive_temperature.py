"""Temperatures of NVMe and SATA drives, from the nvme and drivetemp chips in /sys/class/hwmon (hwmon/drivetemp.rst).

Each read is a command to the drive, an NVMe SMART log or an ATA one, which some drives take milliseconds for and a few
count as activity. So it is read once in ten samples, or as ``--drive-temperature.cadence`` says. Quantum 1 degC. No
privilege needed. Names and identity are hwmon's.
"""

from __future__ import annotations

from ..host import Host
from ..source import Absent, Option, Reader, at_least_one
from .chips import find_chips
from .hwmon import DRIVES, reader

CADENCE = Option(
    "drive-temperature.cadence",
    10,
    "read the temperatures of drives once in so many samples, as each read is a command to the drive (default: 10)",
    metavar="N",
    parse=at_least_one,
)
OPTIONS = (CADENCE,)


def find(host: Host) -> Reader | Absent:
    """All drives whose driver reads their temperature."""
    drives = [chip for chip in find_chips(host) if chip.name in DRIVES]
    if not drives:
        return Absent(f"no drive's chip in {host.sysfs / 'class' / 'hwmon'}: neither nvme nor drivetemp")
    return reader(drives, host, CADENCE.of(host))

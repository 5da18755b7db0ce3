"""Reads, writes and time of the disks, from /proc/diskstats (admin-guide/iostats.rst).

Times in ms, sizes in sectors of 512 bytes whatever the disk's own are; no privilege needed. Disks that are no hardware
are left out unless ``--disks.virtual`` is given; partitions, loop and RAM disks always are, as in node_exporter.
psutil.disk_io_counters lacks discards and flushes.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..files import integers
from ..host import Host
from ..source import Absent, Family, Number, Option, Reader, Series
from .devices import Hardware, Table, find_devices

SECTOR = 512

LEFT_OUT = re.compile(rb"(z?ram|loop|fd|(h|s|v|xv)d[a-z]|nvme\d+n\d+p)\d+")

COUNT, BYTES, MILLISECONDS = (1, 1), (SECTOR, 1), (1, 1000)
COLUMNS = [
    (Family(f"node_disk_{name}", type, help), factor, divisor)
    for name, type, (factor, divisor), help in (
        ("reads_completed_total", "counter", COUNT, "The total number of reads completed successfully."),
        ("reads_merged_total", "counter", COUNT, "The total number of reads merged."),
        ("read_bytes_total", "counter", BYTES, "The total number of bytes read successfully."),
        ("read_time_seconds_total", "counter", MILLISECONDS, "The total number of seconds spent by all reads."),
        ("writes_completed_total", "counter", COUNT, "The total number of writes completed successfully."),
        ("writes_merged_total", "counter", COUNT, "The number of writes merged."),
        ("written_bytes_total", "counter", BYTES, "The total number of bytes written successfully."),
        ("write_time_seconds_total", "counter", MILLISECONDS, "This is the total number of seconds spent by all writes."),
        ("io_now", "gauge", COUNT, "The number of I/Os currently in progress."),
        ("io_time_seconds_total", "counter", MILLISECONDS, "Total seconds spent doing I/Os."),
        ("io_time_weighted_seconds_total", "counter", MILLISECONDS, "The weighted # of seconds spent doing I/Os."),
        ("discards_completed_total", "counter", COUNT, "The total number of discards completed successfully."),
        ("discards_merged_total", "counter", COUNT, "The total number of discards merged."),
        ("discarded_sectors_total", "counter", COUNT, "The total number of sectors discarded successfully."),
        ("discard_time_seconds_total", "counter", MILLISECONDS, "This is the total number of seconds spent by all discards."),
        ("flush_requests_total", "counter", COUNT, "The total number of flush requests completed successfully"),
        ("flush_requests_time_seconds_total", "counter", MILLISECONDS, "This is the total number of seconds spent by all flush requests."),
    )
]  # fmt: skip


VIRTUAL = Option(
    "disks.virtual",
    False,
    "read virtual disks too, such as those of RAID and of the device mapper (default: hardware only)",
)
OPTIONS = (VIRTUAL,)


def find(host: Host) -> Reader | Absent:
    """The disks that are hardware, or all; a kernel without block devices has none."""
    hardware = None if VIRTUAL.of(host) else Hardware(host.sysfs / "block")
    table = Table(parse, disk_series, hardware)
    return find_devices(host.procfs / "diskstats", table, VIRTUAL, quantum_seconds=0.001)


@lru_cache(maxsize=1024)
def disk_series(name: bytes) -> list[Series]:
    """The series of one disk, in the order of the file's columns."""
    device = name.decode(errors="backslashreplace")
    return [family.series(device=device) for family, _, _ in COLUMNS]


def parse(text: bytes) -> dict[bytes, list[Number]]:
    """Values by disk, in base units; a line of another form is left out."""
    disks: dict[bytes, list[Number]] = {}
    for line in text.splitlines():
        words = line.split(None, 3)
        if len(words) < 4 or LEFT_OUT.fullmatch(words[2]):
            continue
        numbers = integers(words[3])
        if len(numbers) >= 11:
            disks[words[2]] = [
                number * factor if divisor == 1 else number * factor / divisor
                for number, (_, factor, divisor) in zip(numbers, COLUMNS)
            ]
    return disks

"""Bytes, packets and errors of the network interfaces, from /proc/net/dev (proc(5)).

Exact counts, 64 bits wide; a driver may add its own up only a few times a second; no privilege needed. Interfaces that
are no hardware (lo, bridges, veth ...) are left out unless ``--network.virtual`` is given. psutil.net_io_counters opens
this file at each call and passes on 8 of its 16 columns.
"""

from __future__ import annotations

from functools import lru_cache

from ..files import integers
from ..host import Host
from ..source import Absent, Family, Option, Reader, Series
from .devices import Hardware, Table, find_devices

COLUMNS = [
    Family(f"node_network_{column}_total", "counter", f"Network device statistic {column}.")
    for column in (
        "receive_bytes",
        "receive_packets",
        "receive_errs",
        "receive_drop",
        "receive_fifo",
        "receive_frame",
        "receive_compressed",
        "receive_multicast",
        "transmit_bytes",
        "transmit_packets",
        "transmit_errs",
        "transmit_drop",
        "transmit_fifo",
        "transmit_colls",
        "transmit_carrier",
        "transmit_compressed",
    )
]


VIRTUAL = Option(
    "network.virtual",
    False,
    "read virtual network interfaces too, such as lo, bridges and those of containers (default: hardware only)",
)
OPTIONS = (VIRTUAL,)


def find(host: Host) -> Reader | Absent:
    """The interfaces that are hardware, or all; a kernel without networking has none."""
    hardware = None if VIRTUAL.of(host) else Hardware(host.sysfs / "class" / "net")
    return find_devices(host.procfs / "net" / "dev", Table(parse, device_series, hardware), VIRTUAL, quantum=1)


@lru_cache(maxsize=1024)
def device_series(name: bytes) -> list[Series]:
    """The series of one interface, in the order of the file's columns."""
    device = name.decode(errors="backslashreplace")
    return [column.series(device=device) for column in COLUMNS]


def parse(text: bytes) -> dict[bytes, list[int]]:
    """Counts by interface; a line that does not hold sixteen of them is left out, the heading among these."""
    devices: dict[bytes, list[int]] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(b":")
        counts = integers(rest)
        if len(counts) == len(COLUMNS):
            devices[name.strip()] = counts
    return devices

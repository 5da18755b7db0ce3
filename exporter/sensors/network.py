"""Bytes, packets and errors of every network interface, from /proc/net/dev (proc(5)).

Exact counts, 64 bits wide; a driver may add its own up only a few times a second; no privilege needed.
psutil.net_io_counters opens this file at each call and passes on 8 of its 16 columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..files import integers, whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

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


def find(host: Host) -> Reader | Absent:
    """A kernel without networking has no such file."""
    return whole_file(host.procfs / "net" / "dev", values, quantum=1)


def values(text: bytes) -> Iterable[Value]:
    """Sixteen counters for each interface that there is at this moment."""
    values: list[Value] = []
    for name, counts in parse(text).items():
        values += zip(device_series(name), counts)
    return values


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

"""Bytes, packets and errors of every network interface, from /proc/net/dev (proc(5)).

Exact counts, 64 bits wide; a driver may add its own up only a few times a second; no privilege needed.
psutil.net_io_counters opens this file at each call and passes on 8 of its 16 columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import ClassVar

from ..files import KernelFile, integers
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

COLUMNS = [
    Family(
        f"node_network_{column}_total", "counter", f"Network device statistic {column}."
    )
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
    path = host.procfs / "net" / "dev"
    return Interfaces(KernelFile(path)) if path.exists() else Absent(f"no {path}")


@dataclass
class Interfaces:
    """Reads every interface there is at that moment."""

    file: KernelFile
    found: ClassVar = {"quantum": 1}
    _series: dict[bytes, list[Series]] = field(default_factory=dict[bytes, "list[Series]"], compare=False)

    def read(self) -> Iterable[Value]:
        """Sixteen counters an interface."""
        devices = parse(self.file.read())
        self._series = {name: self._series.get(name) or device_series(name) for name in devices}
        values: list[Value] = []
        for name, counts in devices.items():
            values += zip(self._series[name], counts)
        return values

    def close(self) -> None:
        """Close the file."""
        self.file.close()


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

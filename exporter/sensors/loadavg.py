"""Load averages, from /proc/loadavg (proc(5)).

The kernel updates them every 5 s; quantum 0.01; no privilege needed. psutil.getloadavg asks the C library, which
cannot be pointed at another --path.procfs, so the file is read.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..files import whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Value

LOADS = [
    Family("node_load1", "gauge", "1m load average.").series(),
    Family("node_load5", "gauge", "5m load average.").series(),
    Family("node_load15", "gauge", "15m load average.").series(),
]


def find(host: Host) -> Reader | Absent:
    """Every Linux has this file, unless /proc is a partial copy."""
    return whole_file(host.procfs / "loadavg", values, quantum=0.01, updated_every_seconds=5)


def values(text: bytes) -> Iterable[Value]:
    """Three gauges."""
    return zip(LOADS, parse(text))


def parse(text: bytes) -> list[float]:
    """``0.00 0.01 0.05 1/189 1234`` -> [0.0, 0.01, 0.05]; nothing if it does not look like that."""
    words = text.split()[:3]
    if len(words) < 3 or not all(word.replace(b".", b"", 1).isdigit() for word in words):
        return []
    return [float(word) for word in words]

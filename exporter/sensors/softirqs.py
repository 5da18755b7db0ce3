"""Softirqs of each kind on each CPU, from /proc/softirqs (proc(5)); with ``--softirqs.per-cpu`` only.

Ten series a CPU that rarely tell more than their sums, which stat.py always has. Exact counts; no privilege needed;
psutil does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..files import whole_file
from ..host import Host
from ..source import Absent, Family, Option, Reader, Series, Value
from .per_cpu import parse

COUNT = Family("node_softirqs_functions_total", "counter", "Softirq counts per CPU.")

PER_CPU = Option("softirqs.per-cpu", False, "read the softirqs of each CPU, ten series for each (default: sums only)")
OPTIONS = (PER_CPU,)


def find(host: Host) -> Reader | Absent:
    """Left out unless asked for."""
    if not PER_CPU.of(host):
        return Absent("sums only, in the source stat: --softirqs.per-cpu reads them of each CPU")
    return whole_file(host.procfs / "softirqs", values, quantum=1)


def values(text: bytes) -> Iterable[Value]:
    """A counter for each kind and CPU."""
    values: list[Value] = []
    for row in parse(text):
        values += zip(row_series(row.name, row.cpus), row.counts)
    return values


@lru_cache(maxsize=64)
def row_series(name: str, cpus: tuple[str, ...]) -> list[Series]:
    """The series of one kind."""
    return [COUNT.series(cpu=cpu, type=name) for cpu in cpus]

"""Interrupts of each line on each CPU, from /proc/interrupts (proc(5)); with ``--interrupts.per-irq`` only.

On a machine of 40 cores these are 10,000 series, of which stat.py always has the sum. Exact counts; no privilege
needed; psutil does not know them.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..files import whole_file
from ..host import Host
from ..source import Absent, Family, Option, Reader, Series, Value
from .per_cpu import parse

COUNT = Family("node_interrupts_total", "counter", "Interrupt details.")

PER_IRQ = Option(
    "interrupts.per-irq",
    False,
    "read the interrupts of each line on each CPU, thousands of series on a large machine (default: their sum only)",
)
OPTIONS = (PER_IRQ,)


def find(host: Host) -> Reader | Absent:
    """Left out unless asked for."""
    if not PER_IRQ.of(host):
        return Absent("their sum only, in the source stat: --interrupts.per-irq reads them of each line and CPU")
    return whole_file(host.procfs / "interrupts", values, quantum=1)


def values(text: bytes) -> Iterable[Value]:
    """A counter for each line and CPU."""
    values: list[Value] = []
    for row in parse(text):
        values += zip(row_series(row.name, row.rest, row.cpus), row.counts)
    return values


@lru_cache(maxsize=4096)
def row_series(name: str, rest: tuple[str, ...], cpus: tuple[str, ...]) -> list[Series]:
    """The series of one line. Of a numbered one the rest is its controller and devices; else a description."""
    parts = 1 if name.isdecimal() else len(rest)
    labels = {"type": name, "info": " ".join(rest[:parts]), "devices": " ".join(rest[parts:])}
    return [COUNT.series(cpu=cpu, **labels) for cpu in cpus]

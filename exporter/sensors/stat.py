"""CPU time by mode, context switches, interrupts, softirqs and forks, from /proc/stat (proc(5)).

One source, because the kernel sums its interrupt counts anew for every read of this one file: 0.2 ms
on a large machine. Quantum of the times one USER_HZ tick, 10 ms; exact counts otherwise; no privilege
needed. psutil parses the same file once for each kind of number, so it is read here directly.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from ..files import integers, whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

USER_HZ = os.sysconf("SC_CLK_TCK")

CPU = Family("node_cpu_seconds_total", "counter", "Seconds the CPUs spent in each mode.")
GUEST = Family(
    "node_cpu_guest_seconds_total",
    "counter",
    "Seconds the CPUs spent in guests (VMs) for each mode.",
)
MODES = ("user", "nice", "system", "idle", "iowait", "irq", "softirq", "steal")
GUEST_MODES = ("user", "nice")

COUNTS = {
    b"intr": Family("node_intr_total", "counter", "Total number of interrupts serviced.").series(),
    b"ctxt": Family("node_context_switches_total", "counter", "Total number of context switches.").series(),
    b"btime": Family("node_boot_time_seconds", "gauge", "Node boot time, in unixtime.").series(),
    b"processes": Family("node_forks_total", "counter", "Total number of forks.").series(),
    b"procs_running": Family("node_procs_running", "gauge", "Number of processes in runnable state.").series(),
    b"procs_blocked": Family(
        "node_procs_blocked", "gauge", "Number of processes blocked waiting for I/O to complete."
    ).series(),
}
SOFTIRQ = Family("node_softirqs_total", "counter", "Number of softirq calls.")
SOFTIRQS = [
    SOFTIRQ.series(vector=vector)
    for vector in ("hi", "timer", "net_tx", "net_rx", "block", "block_iopoll", "tasklet", "sched", "hrtimer", "rcu")
]
"""In the order of the line's columns, the first of which is their sum."""


def find(host: Host) -> Reader | Absent:
    """Every Linux has this file, unless /proc is a partial copy."""
    return whole_file(host.procfs / "stat", values, quantum_seconds=1 / USER_HZ)


def values(text: bytes) -> Iterable[Value]:
    """Ten counters a CPU, and the counts of the whole machine."""
    cpus, counts, softirqs = parse(text)
    values: list[Value] = [(COUNTS[name], count) for name, count in counts.items()]
    values += zip(SOFTIRQS, softirqs)
    for cpu, ticks in cpus.items():
        values += zip(cpu_series(cpu), [tick / USER_HZ for tick in ticks])
    return values


@lru_cache(maxsize=4096)
def cpu_series(cpu: bytes) -> list[Series]:
    """The series of one CPU, in the order of the file's columns."""
    name = cpu.decode()
    modes = [CPU.series(cpu=name, mode=mode) for mode in MODES]
    return modes + [GUEST.series(cpu=name, mode=mode) for mode in GUEST_MODES]


class Stat(NamedTuple):
    """Ticks by CPU (``cpu12`` -> b"12") in the columns' order, counts by the names in COUNTS, counts of SOFTIRQS."""

    cpus: dict[bytes, list[int]]
    counts: dict[bytes, int]
    softirqs: list[int]


def parse(text: bytes) -> Stat:
    """Columns that an older kernel lacks are not there; a line that is not numbers is left out."""
    cpus: dict[bytes, list[int]] = {}
    counts: dict[bytes, int] = {}
    softirqs: list[int] = []
    for line in text.splitlines():
        name, _, rest = line.partition(b" ")
        if name in COUNTS:
            # Of "intr 173808 0 0 ...", which has a column for each of thousands of lines, only the total.
            if number := integers(rest.partition(b" ")[0]):
                counts[name] = number[0]
        elif name.startswith(b"cpu") and name[3:].isdigit() and (ticks := integers(rest)):
            cpus[name[3:]] = ticks
        elif name == b"softirq":
            softirqs = integers(rest)[1:]
    return Stat(cpus, counts, softirqs)

"""How long tasks ran on each CPU and waited for it, from /proc/schedstat (scheduler/sched-stats.rst).

Quantum 1 ns; brought up to date when tasks are switched; no privilege needed; there if the kernel was built with
SCHEDSTATS or SCHED_INFO. psutil does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from ..files import integers, whole_file
from ..host import Host
from ..source import Absent, Family, Reader, Series, Value

NANOSECONDS = 1_000_000_000

RUNNING = Family("node_schedstat_running_seconds_total", "counter", "Number of seconds CPU spent running a process.")
WAITING = Family(
    "node_schedstat_waiting_seconds_total",
    "counter",
    "Number of seconds spent by processing waiting for this CPU.",
)
TIMESLICES = Family("node_schedstat_timeslices_total", "counter", "Number of timeslices executed by CPU.")


def find(host: Host) -> Reader | Absent:
    """Kernels without scheduler statistics have no such file."""
    return whole_file(host.procfs / "schedstat", values, quantum_seconds=1e-9)


def values(text: bytes) -> Iterable[Value]:
    """Three counters a CPU."""
    for cpu, (running, waiting, timeslices) in parse(text).items():
        run, wait, count = cpu_series(cpu)
        yield run, running / NANOSECONDS
        yield wait, waiting / NANOSECONDS
        yield count, timeslices


@lru_cache(maxsize=4096)
def cpu_series(cpu: bytes) -> tuple[Series, Series, Series]:
    """The series of a CPU."""
    name = cpu.decode()
    return RUNNING.series(cpu=name), WAITING.series(cpu=name), TIMESLICES.series(cpu=name)


def parse(text: bytes) -> dict[bytes, list[int]]:
    """Time running and waiting (ns) and timeslices by CPU: the last three of the nine numbers of its line."""
    cpus: dict[bytes, list[int]] = {}
    for line in text.splitlines():
        name, _, rest = line.partition(b" ")
        numbers = integers(rest)
        if name.startswith(b"cpu") and name[3:].isdigit() and len(numbers) == 9 and min(numbers) >= 0:
            cpus[name[3:]] = numbers[6:]
    return cpus

"""How long tasks waited for CPU, I/O, memory and interrupts, from /proc/pressure (accounting/psi.rst).

``some`` (at least one task waited) is waiting, ``full`` (all of them did) is stalled. Quantum 1 us; updated every 2 s
and at each read; no privilege needed. psutil does not know it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..files import KernelFile
from ..host import Host
from ..source import Absent, Family, PartlyReadError, Reader, Series, Value

MICROSECONDS = 1_000_000

TOTAL = re.compile(rb"^(some|full) .*\btotal=([0-9]{1,20})$", re.MULTILINE)

HELP = {
    ("cpu", "waiting"): "Total time in seconds that processes have waited for CPU time",
    ("io", "waiting"): "Total time in seconds that processes have waited due to IO congestion",
    ("io", "stalled"): "Total time in seconds no process could make progress due to IO congestion",
    ("memory", "waiting"): "Total time in seconds that processes have waited for memory",
    ("memory", "stalled"): "Total time in seconds no process could make progress due to memory congestion",
    ("irq", "stalled"): "Total time in seconds no process could make progress due to IRQ congestion",
}
"""What node_exporter publishes of each file; CPU's ``full`` is 0 by definition."""

SERIES = {
    (resource, state): Family(f"node_pressure_{resource}_{state}_seconds_total", "counter", help).series()
    for (resource, state), help in HELP.items()
}
STATES = {b"some": "waiting", b"full": "stalled"}


def find(host: Host) -> Reader | Absent:
    """The resources that this kernel accounts for."""
    folder = host.procfs / "pressure"
    resources = sorted({resource for resource, _ in SERIES if (folder / resource).exists()})
    if not resources:
        return Absent(f"no {folder}: the kernel was built without PSI, or needs psi=1 on its command line")
    return Pressure({"resources": resources}, [(resource, KernelFile(folder / resource)) for resource in resources])


@dataclass
class Pressure:
    """Reads one file for each resource."""

    found: Mapping[str, Any]
    files: list[tuple[str, KernelFile]]
    cadence = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """Up to two counters a resource. A kernel started with psi=0 has the files, and refuses to read them."""
        values: list[Value] = []
        errors: list[OSError] = []
        for resource, file in self.files:
            try:
                values += parse(resource, file.read())
            except OSError as error:
                errors.append(error)
        if errors:
            raise PartlyReadError(values, errors, vanished=False)
        return values

    def close(self) -> None:
        """Close the files."""
        for _, file in self.files:
            file.close()


def parse(resource: str, text: bytes) -> list[Value]:
    """``some avg10=0.00 avg60=0.55 avg300=3.52 total=430980675`` is 430.980675 s; a line of another form is none."""
    totals: dict[Series, int] = {}
    for some, total in TOTAL.findall(text):
        series = SERIES.get((resource, STATES[some]))
        if series:
            totals[series] = int(total)
    return [(series, total / MICROSECONDS) for series, total in totals.items()]

"""The kernel's auxiliary clocks, CLOCK_AUX0 to 7, for timescales of their own (Linux 6.17; timekeeping.c).

Each runs beside the system's clocks on the same oscillator, steered by whoever enabled it, for a PTP domain say.
Cross-read as posix.py does: quantum 1 ns, about 0.1 us a read; no privilege needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..files import attribute
from ..host import Host
from ..source import Absent, Reader, Value
from .crossread import Anchors, narrowest

CLOCK_AUX = 16
"""The id of the first (uapi/linux/time.h)."""

COUNT = 8


def find(host: Host) -> Reader | Absent:
    """Those that somebody has enabled."""
    folder = host.sysfs / "kernel" / "time" / "aux_clocks"
    if not folder.exists():
        return Absent(f"no {folder}: Linux 6.17 or newer, built with POSIX_AUX_CLOCKS, has them")
    ids = {f"aux{n}": CLOCK_AUX + n for n in range(COUNT) if attribute(folder / str(n) / "aux_clock_enable") == "1"}
    if not ids:
        return Absent(f"none is enabled in {folder}")
    return Auxiliary(host, ids, {"clocks": [*ids], "quantum_seconds": 1e-9})


@dataclass
class Auxiliary:
    """Reads all that are enabled; the first sample is the anchor of the offsets."""

    host: Host
    clocks: Mapping[str, int]
    found: Mapping[str, Any]
    cadence = 1
    beside = False
    _anchors: Anchors = field(default_factory=Anchors, compare=False)

    def read(self) -> Iterable[Value]:
        """Reading, bracket, offset and anchor of each."""
        for name, id in self.clocks.items():
            yield from self._anchors.values(name, narrowest(self.host.clock_ns, id))

    def close(self) -> None:
        """Nothing is held open."""

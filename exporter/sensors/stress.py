"""The phase of a stress schedule that runs on this machine, from the file that it keeps locked (stress_phase.py).

Nothing while none runs, so that whoever fits a model can tell load that was made from load that was not. Changes when a
phase begins; 15 us to read; no privilege. psutil knows nothing of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

from .. import stress_phase
from ..host import Host
from ..source import Absent, Family, Option, Reader, Value

PHASE = Family(
    "driftscope_stress_phase", "gauge", "The phase that a running stress schedule is in (1); absent while none runs."
)

FILE = Option[Optional[Path]](
    "stress.file",
    None,
    "where a stress schedule says which phase it is in; must belong to root or to the exporter's user "
    "(default: /run/driftscope/stress.json as root, else driftscope/stress.json in $XDG_RUNTIME_DIR)",
    "FILE",
    Path,
)
OPTIONS = [FILE]


def find(host: Host) -> Reader | Absent:
    """Always there, because a schedule may begin at any time."""
    return Stress(FILE.of(host) or stress_phase.default_path())


@dataclass
class Stress:
    """Reads the file anew each time: a schedule may come, go, and come back with another one."""

    path: Path

    cadence = 1
    beside = False

    @property
    def found(self) -> Mapping[str, Any]:
        """Where a schedule would say that it runs."""
        return {"file": str(self.path)}

    def read(self) -> Iterable[Value]:
        """One value while a schedule runs, else none."""
        running = stress_phase.read(self.path)
        return [(PHASE.series(phase=running.phase), 1)] if running else []

    def close(self) -> None:
        """Nothing is kept open."""

"""When pulses of a second came, by CLOCK_REALTIME, from /sys/class/pps/ppsN (driver-api/pps.rst).

A GPS receiver's pulse comes at a whole second, so the nanoseconds of its time are how far the system clock is ahead.
Quantum 1 ns, though an interrupt's delay is some us. One pulse a second; no privilege needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..files import GONE, KernelFile, attribute, listing
from ..host import Host
from ..source import Absent, Family, PartlyReadError, Reader, Value

INFO = Family("clock_pps_info", "info", "A source of pulses: its driver and the device that it listens to.")
SECONDS = Family("clock_pps_seconds", "gauge", "When the last pulse came by CLOCK_REALTIME, whole seconds.")
NANOSECONDS = Family("clock_pps_nanoseconds", "gauge", "When the last pulse came, nanoseconds within the second.")
PULSES = Family("clock_pps_pulses_total", "counter", "How many pulses came.")

PULSE = re.compile(rb"([0-9]{1,12})\.([0-9]{9})#([0-9]{1,10})\s*")
"""``1795460191.000001234#42``, as pps_core writes it; an edge that never came is all zeros."""


class Pulse(NamedTuple):
    """When a pulse came, in two exact parts, and its number."""

    seconds: int
    nanoseconds: int
    number: int


def find(host: Host) -> Reader | Absent:
    """Every source of pulses that a driver offers; one may lack the file of an edge that it does not listen to."""
    folder = host.sysfs / "class" / "pps"
    paths = list(listing(folder))
    if not paths:
        return Absent(f"no ppsN in {folder}")
    edges = [(path, edge) for path in paths for edge in ("assert", "clear") if (path / edge).exists()]
    files = [(path.name, edge, KernelFile(path / edge)) for path, edge in edges]
    infos = [(path.name, attribute(path / "name") or "", attribute(path / "path") or "") for path in paths]
    constants: list[Value] = [(INFO.series(pps=pps, name=name, path=device), 1) for pps, name, device in infos]
    return Pps({"sources": {pps: name for pps, name, _ in infos}}, files, constants)


@dataclass
class Pps:
    """Reads both edges of each source."""

    found: Mapping[str, Any]
    files: list[tuple[str, str, KernelFile]]
    constants: list[Value]
    cadence = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """Time and number of the last pulse, of each edge that ever came.

        Raises:
            PartlyReadError: a source does not answer, or is gone.

        """
        values = list(self.constants)
        errors: list[OSError] = []
        for pps, edge, file in self.files:
            try:
                pulse = parse(file.read())
            except OSError as error:
                errors.append(error)
                continue
            if pulse:
                labels = {"pps": pps, "edge": edge}
                values.append((SECONDS.series(**labels), pulse.seconds))
                values.append((NANOSECONDS.series(**labels), pulse.nanoseconds))
                values.append((PULSES.series(**labels), pulse.number))
        if errors:
            raise PartlyReadError(values, errors, vanished=any(error.errno in GONE for error in errors))
        return values

    def close(self) -> None:
        """Close the files."""
        for _, _, file in self.files:
            file.close()


def parse(text: bytes) -> Pulse | None:
    """The last pulse of an edge; None if none has come, or the text is of another form."""
    match = PULSE.fullmatch(text)
    pulse = Pulse(*map(int, match.groups())) if match else None
    return pulse if pulse and pulse.number else None

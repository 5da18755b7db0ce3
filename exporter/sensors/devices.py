"""Tables of devices in /proc, of which those that are hardware are read.

The kernel makes devices up as well: bridges, veth pairs, loops, device mappers. A machine that runs containers has
dozens of interfaces that come and go, and carry again what the one real one carries. Hardware has a link ``device``
in its folder under /sys/class/net or /sys/block.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..files import KernelFile, WholeFile
from ..source import Absent, Number, Option, Reader, Series, Value

Parse = Callable[[bytes], Mapping[bytes, Sequence[Number]]]
"""Makes a table's text into numbers by device."""


@dataclass
class Hardware:
    """Knows which devices in a folder of /sys are hardware; looked up anew when other devices are there."""

    folder: Path
    _names: tuple[bytes, ...] = field(default=(), compare=False)
    _hardware: tuple[bytes, ...] = field(default=(), compare=False)

    def among(self, names: Iterable[bytes]) -> tuple[bytes, ...]:
        """Those of these names that are hardware; all of them if /sys does not show the folder at all."""
        names = tuple(names)
        if names != self._names:
            known = self.folder.is_dir()
            self._hardware = tuple(name for name in names if not known or self._is_hardware(name))
            self._names = names
        return self._hardware

    def _is_hardware(self, name: bytes) -> bool:
        folder = os.path.join(os.fsencode(self.folder), name.replace(b"/", b"!"))  # as sysfs spells cciss/c0d0
        return os.path.exists(os.path.join(folder, b"device"))


@dataclass
class Table:
    """What a table's columns mean: its numbers by device, and the series of a device in the order of its numbers."""

    parse: Parse
    series: Callable[[bytes], Sequence[Series]]
    hardware: Hardware | None
    """Which devices are read; None: all."""

    def __call__(self, text: bytes) -> Iterable[Value]:
        """The values of each device that is read and there at this moment, from the table's text."""
        values: list[Value] = []
        devices = self.parse(text)
        for name in self.chosen(devices):
            values += zip(self.series(name), devices[name])
        return values

    def chosen(self, devices: Iterable[bytes]) -> Iterable[bytes]:
        """Those that are read."""
        return self.hardware.among(devices) if self.hardware else devices


def find_devices(path: Path, table: Table, virtual: Option[bool], **found: float) -> Reader | Absent:
    """A reader of the table in this file; ``virtual`` is the flag that asks for all devices."""
    file = KernelFile(path)
    try:
        there = table.parse(file.read())
    except FileNotFoundError:
        return Absent(f"no {path}")
    file.close()
    chosen = set(table.chosen(there))
    left_out = _names(there.keys() - chosen)
    if left_out and not chosen:
        return Absent(f"{', '.join(left_out)} in {path}: no hardware; give --{virtual.name} to read virtual devices")
    return WholeFile({**found, "devices": _names(chosen), "left_out": left_out}, file, table)


def _names(devices: Iterable[bytes]) -> list[str]:
    return sorted(name.decode(errors="backslashreplace") for name in devices)

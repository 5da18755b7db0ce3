"""Which chips a machine has under /sys/class/hwmon, where each is, and what its driver offers of each sensor."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..files import attribute, listing
from ..host import Host

_FILE = re.compile(r"((?:temp|in|curr|power|fan|humidity|energy|freq)[0-9]+)_(\w+)")


@dataclass(frozen=True)
class Chip:
    """One chip: its identity, what its driver calls it, its folder, and each sensor's attributes by their names."""

    id: str
    name: str | None
    path: Path
    sensors: Mapping[str, Mapping[str, Path]]


def find_chips(host: Host) -> list[Chip]:
    """Every chip of the machine, in the order of their numbers.

    Its files are looked for below its device and not below hwmonN, which may be another chip's when a driver has been
    loaded anew: then they are gone, and not another chip's.
    """
    taken: set[str] = set()
    paths = [Path(os.path.realpath(path)) for path in listing(host.sysfs / "class" / "hwmon")]
    return [
        Chip(
            id=unique(chip_id(path), taken),
            name=attribute(path / "name") or attribute(path / "device" / "name"),
            path=path,
            sensors=find_sensors(path),
        )
        for path in paths
    ]


def find_sensors(path: Path) -> dict[str, dict[str, Path]]:
    """The attributes of a chip by sensor and name: ``temp1`` -> ``input`` -> file.

    Old drivers, and acpi_power_meter to this day, keep their files in the device's own folder.
    """
    sensors: dict[str, dict[str, Path]] = {}
    for folder in (path, path / "device"):
        for file in listing(folder):
            match = _FILE.fullmatch(file.name)
            if match:
                sensors.setdefault(match[1], {}).setdefault(match[2], file)
    return sensors


def kind_of(sensor: str) -> str:
    """``temp`` of ``temp1``."""
    return sensor.rstrip("0123456789")


def chip_id(path: Path) -> str:
    """Where the chip is: ``platform_coretemp_0`` for .../devices/platform/coretemp.0.

    The device's path stays the same across boots; the number in hwmonN is the order of loading drivers.
    """
    device = os.path.realpath(path / "device")
    if not os.path.exists(device):
        return clean(attribute(path / "name") or "") or path.name
    bus, name = os.path.split(device)
    return "_".join(filter(None, (clean(os.path.basename(bus)), clean(name))))


def unique(chip: str, taken: set[str]) -> str:
    """The chip's id, or the first of chip_2, chip_3 ... that is not taken: two chips may share a device."""
    candidate, number = chip, 1
    while candidate in taken:
        number += 1
        candidate = f"{chip}_{number}"
    taken.add(candidate)
    return candidate


def clean(name: str) -> str:
    """A name in lower case with everything but letters, digits, colon and underscore made an underscore."""
    return re.sub(r"[^a-z0-9:_]", "_", name.lower()).strip("_")

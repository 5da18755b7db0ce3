"""Temperatures, voltages, currents, powers, fans, humidities and energies, from /sys/class/hwmon.

See hwmon/sysfs-interface.rst. Identity is the path of the device that a chip belongs to, and the number of its
input: names and labels repeat, on two sockets or two drives. Only inputs are read: reading limits costs as much,
and reading an alarm may clear it. Quanta are the chip's own: coretemp 1 degC, renewed once a second. No privilege needed.
psutil.sensors_temperatures reads limits at every call and cannot tell two equal chips apart.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..files import KernelFile, NumberFile, NumberFiles, attribute, listing
from ..host import Host
from ..source import Absent, Family, Reader, Value

CHIP_NAMES = Family(
    "node_hwmon_chip_names",
    "gauge",
    "Annotation metric for human-readable chip names",
)
SENSOR_LABEL = Family("node_hwmon_sensor_label", "gauge", "Label for given chip and sensor")


@dataclass(frozen=True)
class Kind:
    """One kind of input: its family, and what its integers are divided by to give the family's unit."""

    family: Family
    divisor: int


INPUTS = {
    "temp_input": Kind(Family("node_hwmon_temp_celsius", "gauge", "Hardware monitor for temperature (input)"), 1000),
    "in_input": Kind(Family("node_hwmon_in_volts", "gauge", "Hardware monitor for voltage (input)"), 1000),
    "curr_input": Kind(Family("node_hwmon_curr_amps", "gauge", "Hardware monitor for current (input)"), 1000),
    "power_input": Kind(Family("node_hwmon_power_watt", "gauge", "Hardware monitor for power usage in watts (input)"), 1_000_000),
    "power_average": Kind(Family("node_hwmon_power_average_watt", "gauge", "Hardware monitor for power usage in watts (average)"), 1_000_000),
    "fan_input": Kind(Family("node_hwmon_fan_rpm", "gauge", "Hardware monitor for fan revolutions per minute (input)"), 1),
    "humidity_input": Kind(Family("node_hwmon_humidity", "gauge", "Hardware monitor for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage) (input)"), 1_000_000),
    "energy_input": Kind(Family("node_hwmon_energy_joule_total", "counter", "Hardware monitor for joules used so far (input)"), 1_000_000),
}  # fmt: skip
"""By kind and property of the file: ``temp7_input`` is of kind ``temp_input``."""

_FILE = re.compile(r"([a-z]+)(\d+)_(input|average)")


def find(host: Host) -> Reader | Absent:
    """All chips with at least one input."""
    folder = host.sysfs / "class" / "hwmon"
    numbers: list[NumberFile] = []
    constants: list[Value] = []
    chips: list[dict[str, Any]] = []
    taken: set[str] = set()
    for path in listing(folder):
        chip = unique(chip_id(path), taken)
        inputs = list(find_inputs(path))
        name = attribute(path / "name") or attribute(path / "device" / "name")
        if name and inputs:
            constants.append((CHIP_NAMES.series(chip=chip, chip_name=clean(name)), 1))
        for sensor, kind, file in inputs:
            series = kind.family.series(chip=chip, sensor=sensor)
            numbers.append(NumberFile(series, KernelFile(file), divisor=kind.divisor))
        labels = {sensor: attribute(file.with_name(f"{sensor}_label")) for sensor, _, file in inputs}
        constants += [
            (SENSOR_LABEL.series(chip=chip, label=label, sensor=sensor), 1) for sensor, label in labels.items() if label
        ]
        chips.append({"chip": chip, "name": name, "path": path.name, "sensors": labels})
    if not numbers:
        return Absent(f"no chip with an input in {folder}")
    return NumberFiles({"chips": chips}, numbers, constants)


def find_inputs(path: Path) -> list[tuple[str, Kind, Path]]:
    """Sensor, kind and file of each input of a chip.

    Old drivers, and acpi_power_meter to this day, keep their files in the device's own folder.
    """
    inputs: list[tuple[str, Kind, Path]] = []
    for folder in (path, path / "device"):
        for file in listing(folder):
            match = _FILE.fullmatch(file.name)
            kind = INPUTS.get(f"{match[1]}_{match[3]}") if match else None
            if match and kind:
                inputs.append((match[1] + match[2], kind, file))
    return inputs


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

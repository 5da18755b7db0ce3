"""Temperatures, voltages, currents, powers, fans and the like, from /sys/class/hwmon (hwmon/sysfs-interface.rst).

Identity is the path of the device that a chip belongs to, and the number of its input: names and labels repeat, on
two sockets or two drives. Only inputs are read every second: reading limits costs as much, and reading an alarm may
clear it, so these are read once, into the inventory. Quanta are the chip's own (see QUANTA). No privilege needed.
Drives have a source of their own, because to read them is a command to the drive. psutil.sensors_temperatures reads
limits at every call and cannot tell two equal chips apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..files import KernelFile, NumberFile, NumberFiles, attribute, integers
from ..host import Host
from ..source import Absent, Family, Reader, Value
from .chips import Chip, clean, find_chips, kind_of

CHIP_NAMES = Family("node_hwmon_chip_names", "gauge", "Annotation metric for human-readable chip names")
SENSOR_LABEL = Family("node_hwmon_sensor_label", "gauge", "Label for given chip and sensor")
UPDATE_INTERVAL = Family("node_hwmon_update_interval_seconds", "gauge", "Hardware monitor update interval")


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
    "freq_input": Kind(Family("node_hwmon_freq_freq_mhz", "gauge", "Hardware monitor for GPU frequency in MHz"), 1_000_000),
}  # fmt: skip
"""By kind and property of the file: ``temp7_input`` is of kind ``temp_input``."""

LIMITS = re.compile(r"(min|max|l?crit|emergency|cap|rated)(_min|_max|_hyst)?|(\w+_)?(alarm|fault)")
"""Properties that are read once."""

QUANTA: dict[str | None, dict[str, float]] = {
    "coretemp": {"quantum_celsius": 1, "updated_every_seconds": 1},
    "drivetemp": {"quantum_celsius": 1},
    "k10temp": {"quantum_celsius": 0.125},
    "nvme": {"quantum_celsius": 1},
    "spd5118": {"quantum_celsius": 0.25},
}
"""What is known of a driver's chips, from its source under drivers/hwmon/ and drivers/nvme/."""

DRIVES = frozenset({"nvme", "drivetemp"})
"""Drivers for which a read is a command to a drive; drive_temperature.py reads them."""


def find(host: Host) -> Reader | Absent:
    """All chips with at least one input, but drives."""
    return reader([chip for chip in find_chips(host) if chip.name not in DRIVES], host)


def reader(chips: Sequence[Chip], host: Host, cadence: int = 1) -> Reader | Absent:
    """A reader of the inputs of these chips."""
    numbers: list[NumberFile] = []
    constants: list[Value] = []
    for chip in chips:
        for sensor, kind, file in inputs(chip):
            series = kind.family.series(chip=chip.id, sensor=sensor)
            numbers.append(NumberFile(series, KernelFile(file), divisor=kind.divisor))
        constants += _annotations(chip)
    if not numbers:
        return Absent(f"no chip with an input in {host.sysfs / 'class' / 'hwmon'}")
    return Chips({"chips": [_described(chip) for chip in chips]}, numbers, constants, cadence, chips)


@dataclass
class Chips(NumberFiles):
    """Reads all inputs, and once their limits."""

    chips: Sequence[Chip] = field(default_factory=list[Chip], compare=False)

    def details(self) -> Mapping[str, Any]:
        """Limits and alarms of each chip."""
        return {"limits": {chip.id: limits(chip) for chip in self.chips}}


def inputs(chip: Chip) -> Iterable[tuple[str, Kind, Path]]:
    """Sensor, kind and file of each input of a chip."""
    for sensor, properties in chip.sensors.items():
        for name, file in properties.items():
            kind = INPUTS.get(f"{kind_of(sensor)}_{name}")
            if kind:
                yield sensor, kind, file


def limits(chip: Chip) -> dict[str, dict[str, str | float | None]]:
    """Limits and alarms by sensor and property, limits in the sensor's unit; reads each of them."""
    return {
        sensor: {
            name: _limit(sensor, name, attribute(file)) for name, file in properties.items() if LIMITS.fullmatch(name)
        }
        for sensor, properties in chip.sensors.items()
    }


def _annotations(chip: Chip) -> Iterable[Value]:
    sensors = {sensor for sensor, _, _ in inputs(chip)}
    if chip.name and sensors:
        yield CHIP_NAMES.series(chip=chip.id, chip_name=clean(chip.name)), 1
    for sensor, label in _labels(chip).items():
        if label and sensor in sensors:
            yield SENSOR_LABEL.series(chip=chip.id, label=label, sensor=sensor), 1
    for milliseconds in integers((attribute(chip.path / "update_interval") or "").encode())[:1]:
        yield UPDATE_INTERVAL.series(chip=chip.id, sensor="update_interval0"), milliseconds / 1000


def _labels(chip: Chip) -> dict[str, str | None]:
    return {
        sensor: attribute(properties["label"]) if "label" in properties else None
        for sensor, properties in chip.sensors.items()
    }


def _described(chip: Chip) -> dict[str, Any]:
    named = {"chip": chip.id, "name": chip.name, "path": chip.path.name, "sensors": _labels(chip)}
    return {**named, **QUANTA.get(chip.name, {})}


def _limit(sensor: str, name: str, text: str | None) -> str | float | None:
    kind = INPUTS.get(f"{kind_of(sensor)}_input")
    number = integers((text or "").encode())
    if kind is None or len(number) != 1 or name.endswith(("alarm", "fault")):
        return text
    return number[0] / kind.divisor

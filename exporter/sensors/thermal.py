"""Thermal zones and cooling devices, from /sys/class/thermal (driver-api/thermal/sysfs-api.rst).

Temperatures in 1/1000 degC, though most firmware rounds to whole or half degrees; a read may run a
method of the ACPI firmware. No privilege needed. Identity is the zone's number: types repeat.
psutil.sensors_temperatures reads limits at every call and cannot tell two equal zones apart.
"""

from __future__ import annotations

from ..files import KernelFile, NumberFile, NumberFiles, attribute, listing
from ..host import Host
from ..source import Absent, Family, Reader

ZONE_TEMP = Family("node_thermal_zone_temp", "gauge", "Zone temperature in Celsius")
CUR_STATE = Family("node_cooling_device_cur_state", "gauge", "Current throttle state of the cooling device")
MAX_STATE = Family("node_cooling_device_max_state", "gauge", "Maximum throttle state of the cooling device")

ZONE, DEVICE = "thermal_zone", "cooling_device"


def find(host: Host) -> Reader | Absent:
    """Zones and cooling devices; virtual machines have none."""
    folder = host.sysfs / "class" / "thermal"
    numbers: list[NumberFile] = []
    zones: list[dict[str, str]] = []
    devices: list[dict[str, str]] = []
    for path in listing(folder):
        type = attribute(path / "type") or ""
        if path.name.startswith(ZONE):
            zone = path.name[len(ZONE) :]
            zones.append({"zone": zone, "type": type})
            temp = KernelFile(path / "temp")
            numbers.append(NumberFile(ZONE_TEMP.series(zone=zone, type=type), temp, divisor=1000))
        elif path.name.startswith(DEVICE):
            name = path.name[len(DEVICE) :]
            devices.append({"name": name, "type": type})
            for family, state in ((CUR_STATE, "cur_state"), (MAX_STATE, "max_state")):
                numbers.append(NumberFile(family.series(name=name, type=type), KernelFile(path / state)))
    if not numbers:
        return Absent(f"nothing in {folder}")
    return NumberFiles({"zones": zones, "cooling_devices": devices}, numbers)

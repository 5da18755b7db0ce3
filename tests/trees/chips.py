"""Chips and thermal zones, as /sys shows them."""

from __future__ import annotations

from pathlib import Path

from tests.trees.files import Files, write


def chip(root: Path, hwmon: int, device: str, **attributes: str | int) -> Path:
    """A chip of the device at sys/devices/DEVICE, seen from sys/class/hwmon as on a real machine."""
    home = root / "sys/devices" / device
    folder = home / f"hwmon/hwmon{hwmon}"
    write(folder, attributes)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "device").symlink_to("../..")
    seen = root / f"sys/class/hwmon/hwmon{hwmon}"
    seen.parent.mkdir(parents=True, exist_ok=True)
    seen.symlink_to(Path("../../devices") / device / f"hwmon/hwmon{hwmon}")
    return home


def coretemp(root: Path, hwmon: int, socket: int, cores: range | list[int]) -> None:
    """A socket's temperatures. The kernel numbers a core's sensor two above the core."""
    attributes: dict[str, str | int] = {"temp1_input": 45000 + socket, "temp1_label": f"Package id {socket}"}
    for core in cores:
        attributes |= {f"temp{core + 2}_input": 40000 + 1000 * socket + core, f"temp{core + 2}_label": f"Core {core}"}
    chip(root, hwmon, f"platform/coretemp.{socket}", name="coretemp", temp1_crit_alarm=0, **attributes)


def nvme(root: Path, hwmon: int, drive: int, **attributes: str | int) -> None:
    """A drive's temperature, which every drive calls ``Composite``."""
    device = f"pci0000:00/0000:0{drive}:00.0/nvme/nvme{drive}"
    chip(root, hwmon, device, name="nvme", temp1_label="Composite", **attributes)


def power_meter(root: Path, hwmon: int) -> None:
    """An ACPI power meter: its attributes are the device's own, and hwmonN has not even a name."""
    device = chip(root, hwmon, "LNXSYSTM:00/LNXSYBUS:00/ACPI000D:00")
    write(device, {"name": "power_meter", "power1_average": 213_000_000, "power1_average_interval": 1000})


def board(root: Path, hwmon: int) -> None:
    """A mainboard's chip, with one of every other kind of input."""
    attributes = {"fan1_input": 1234, "in0_input": 1032, "curr1_input": 2500, "humidity1_input": 45_500}
    attributes |= {"energy1_input": 123_456_789, "power1_input": 65_250_000}
    chip(root, hwmon, "platform/nct6775.656", name="nct6779", in0_label="Vcore", in0_min=0, in0_max=1744, **attributes)


def thermal_zone(root: Path, number: int, type: str, temp: int) -> None:
    """A thermal zone, in 1/1000 degC."""
    write(root / f"sys/class/thermal/thermal_zone{number}", {"type": type, "temp": temp, "policy": "step_wise"})


def cooling_device(root: Path, number: int, type: str, state: int, most: int) -> None:
    """A cooling device and how much of it is in use."""
    files: Files = {"type": type, "cur_state": state, "max_state": most}
    write(root / f"sys/class/thermal/cooling_device{number}", files)

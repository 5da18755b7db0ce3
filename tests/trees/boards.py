"""Chips as they are on real boards, cards and power supplies, with all that their drivers offer beside the inputs."""

from __future__ import annotations

from pathlib import Path

from tests.trees.chips import chip
from tests.trees.files import Files, write


def superio(root: Path, hwmon: int) -> None:
    """A mainboard's nct6775, with names, units and odd attributes as in the kernel's hwmon/nct6775.rst."""
    attributes: dict[str, str | int] = {"name": "nct6798", "beep_enable": 0, "cpu0_vid": 1100, "vrm": 110}
    for number in range(15):
        volts = {"input": 1032 + 8 * number, "min": 0, "max": 1744, "alarm": number % 2, "beep": 0}
        attributes |= {f"in{number}_{name}": value for name, value in volts.items()}
    for number in range(1, 8):
        speeds = {"input": 711 * (number % 3), "min": 0, "alarm": 0, "beep": 0, "pulses": 2, "tolerance": 0}
        attributes |= {f"fan{number}_{name}": value for name, value in speeds.items()}
        attributes |= {f"pwm{number}": 153, f"pwm{number}_enable": 5, f"pwm{number}_temp_sel": 1}
    for number, label in enumerate(("SYSTIN", "CPUTIN", "AUXTIN0", "PECI Agent 0", "PCH_CHIP_CPU_MAX_TEMP"), 1):
        degrees = {"input": 34500 - 17250 * (number - 1), "max": 80000, "max_hyst": 75000, "type": 4, "offset": 0}
        attributes |= {f"temp{number}_{name}": value for name, value in degrees.items()}
        attributes |= {f"temp{number}_label": label, f"temp{number}_alarm": 0}
    attributes |= {"intrusion0_alarm": 1, "intrusion0_beep": 0, "intrusion1_alarm": 1, "intrusion1_beep": 0}
    chip(root, hwmon, "platform/nct6775.656", **attributes)


def graphics(root: Path, hwmon: int) -> None:
    """A card's amdgpu, whose clocks are sensors too and whose power is an average (gpu/amdgpu/thermal.rst)."""
    clocks: Files = {
        "freq1_input": 500_000_000,
        "freq1_label": "sclk",
        "freq2_input": 96_000_000,
        "freq2_label": "mclk",
    }
    power: Files = {"power1_average": 6_191_000, "power1_cap": 100_000_000, "power1_cap_max": 120_000_000}
    fan: Files = {"fan1_input": 0, "fan1_min": 0, "fan1_max": 4600, "fan1_target": 0, "pwm1": 0, "pwm1_enable": 2}
    heat: Files = {"temp1_input": 31000, "temp1_label": "edge", "temp1_crit": 97000, "temp1_crit_hyst": -273150}
    rest: Files = {"in0_input": 762, "in0_label": "vddgfx", "power1_label": "slowPPT"}
    device = "pci0000:00/0000:00:01.0/0000:01:00.0"
    chip(root, hwmon, device, name="amdgpu", **clocks, **power, **fan, **heat, **rest)


def power_supply(root: Path, hwmon: int) -> None:
    """A supply on USB that says what it draws (hwmon/corsair-psu.rst); its device's name has colons and dots."""
    inputs: Files = {"power1_input": 87_500_000, "curr1_input": 398, "in0_input": 231_000, "fan1_input": 0}
    labels: Files = {
        "power1_label": "power total",
        "curr1_label": "curr in",
        "in0_label": "v_in",
        "fan1_label": "psu fan",
    }
    device = "pci0000:00/0000:00:14.0/usb1/1-9/1-9:1.0/0003:1B1C:1C0A.0003"
    chip(root, hwmon, device, name="corsairpsu", **inputs, **labels)


def network_card(root: Path, hwmon: int, device: str) -> None:
    """An ixgbe's temperature; the card's, not the interface's."""
    limits: Files = {"temp1_max": 105_000, "temp1_crit": 110_000, "temp1_label": "loc1"}
    chip(root, hwmon, device, name="ixgbe", temp1_input=52000, **limits)


def zone_as_chip(root: Path, hwmon: int, zone: int, type: str, temp: int) -> None:
    """A thermal zone, which the kernel shows as a chip too; it belongs to no hardware."""
    chip(root, hwmon, f"virtual/thermal/thermal_zone{zone}", name=type, temp1_input=temp, temp1_crit=119_000)


def dimms(root: Path, controller: int, count: int) -> None:
    """Modules of a memory controller, which newer kernels show beside its rows."""
    for number in range(count):
        files: Files = {"dimm_ce_count": number, "dimm_ue_count": 0, "dimm_label": f"CPU_SrcID#0_MC#0_DIMM#{number}"}
        write(root / f"sys/devices/system/edac/mc/mc{controller}/dimm{number}", files)

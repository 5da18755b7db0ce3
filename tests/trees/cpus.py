"""CPUs under frequency control and in idle states, as /sys shows them."""

from __future__ import annotations

from pathlib import Path

from tests.trees.files import Files, write


def cpufreq(root: Path, cpu: int, **attributes: int) -> None:
    """A CPU under frequency control; kHz."""
    governor: Files = {"scaling_governor": "powersave", "scaling_available_governors": "performance powersave"}
    driver: Files = {"scaling_driver": "intel_cpufreq", "scaling_setspeed": "<unsupported>", "related_cpus": cpu}
    limits: Files = {"cpuinfo_min_freq": 800000, "cpuinfo_max_freq": 3600000}
    write(root / f"sys/devices/system/cpu/cpu{cpu}/cpufreq", {**governor, **driver, **limits, **attributes})


def cpuidle(root: Path, cpu: int, states: tuple[str, ...]) -> None:
    """A CPU's idle states; us."""
    for number, name in enumerate(states):
        files: Files = {"name": name, "time": 1_000_001 * (cpu + 1) * (number + 1), "usage": 100 * cpu + number}
        write(root / f"sys/devices/system/cpu/cpu{cpu}/cpuidle/state{number}", files)

"""Each CPU's frequency and its limits, from /sys/devices/system/cpu/cpuN/cpufreq (admin-guide/pm/cpufreq.rst).

Quantum 1 kHz. Reading the current frequency interrupts the CPU it is asked of on some kernels, which shows in
``driftscope_source_duration_seconds{source="cpufreq"}``. No privilege, but for cpuinfo_cur_freq, which asks the
hardware itself and is root's. psutil.cpu_freq opens several files per CPU at every call.
"""

from __future__ import annotations

import os
from pathlib import Path

from ..files import KernelFile, NumberFile, NumberFiles, attribute, integers, listing
from ..host import Host
from ..source import Absent, Family, Reader, Value

HERTZ = Family("node_cpu_frequency_hertz", "gauge", "Current CPU thread frequency in hertz.")
MIN = Family("node_cpu_frequency_min_hertz", "gauge", "Minimum CPU thread frequency in hertz.")
MAX = Family("node_cpu_frequency_max_hertz", "gauge", "Maximum CPU thread frequency in hertz.")
SCALING = Family("node_cpu_scaling_frequency_hertz", "gauge", "Current scaled CPU thread frequency in hertz.")
SCALING_MIN = Family(
    "node_cpu_scaling_frequency_min_hertz",
    "gauge",
    "Minimum scaled CPU thread frequency in hertz.",
)
SCALING_MAX = Family(
    "node_cpu_scaling_frequency_max_hertz",
    "gauge",
    "Maximum scaled CPU thread frequency in hertz.",
)

READ = [
    ("cpuinfo_cur_freq", HERTZ),
    ("scaling_cur_freq", SCALING),
    ("scaling_min_freq", SCALING_MIN),
    ("scaling_max_freq", SCALING_MAX),
]
CONSTANT = [("cpuinfo_min_freq", MIN), ("cpuinfo_max_freq", MAX)]
"""Limits of the hardware, read once."""

ROOT_ONLY = frozenset({"cpuinfo_cur_freq"})


def find(host: Host) -> Reader | Absent:
    """CPUs under frequency control; virtual machines and some servers have none."""
    folder = host.sysfs / "devices" / "system" / "cpu"
    numbers: list[NumberFile] = []
    constants: list[Value] = []
    drivers: dict[str, str | None] = {}
    for path in listing(folder):
        cpu, policy = path.name[3:], path / "cpufreq"
        if not (path.name.startswith("cpu") and cpu.isdigit() and policy.is_dir()):
            continue
        drivers[cpu] = attribute(policy / "scaling_driver")
        numbers += [
            NumberFile(family.series(cpu=cpu), KernelFile(policy / name), factor=1000)
            for name, family in READ
            if (host.root_sensors or name not in ROOT_ONLY) and os.access(policy / name, os.R_OK)
        ]
        constants += [
            (family.series(cpu=cpu), kilohertz * 1000)
            for name, family in CONSTANT
            for kilohertz in _integer(policy / name)
        ]
    if not numbers:
        return Absent(f"no cpufreq driver: no {folder}/cpuN/cpufreq")
    return NumberFiles({"quantum_hertz": 1000, "driver_by_cpu": drivers}, numbers, constants)


def _integer(path: Path) -> list[int]:
    return integers((attribute(path) or "").encode())

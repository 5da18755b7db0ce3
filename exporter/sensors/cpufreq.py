"""Each CPU's frequency and its limits, from /sys/devices/system/cpu/cpuN/cpufreq (admin-guide/pm/cpufreq.rst).

Quantum 1 kHz. Where there is no cpufreq driver, from /proc/cpuinfo, if the CPU measures it. Reading the current
frequency interrupts the CPU it is asked of on some kernels, and took 20 ms a CPU on Linux 4.15: the cost is in
``driftscope_source_duration_seconds{source="cpufreq"}``, and where it is dear the source is read less often. No
privilege, but for cpuinfo_cur_freq, which asks the hardware itself and is root's. psutil.cpu_freq opens several files
per CPU at every call.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from ..files import KernelFile, NumberFile, NumberFiles, WholeFile, attribute, integers, readable
from ..host import Host
from ..source import Absent, Family, Reader, Value
from .cpuinfo import frequencies, is_measured
from .topology import cpus

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
    """CPUs under frequency control, or else CPUs that measure their frequency."""
    numbers: list[NumberFile] = []
    constants: list[Value] = []
    found: dict[str, dict[str, str | None]] = {}
    for cpu, path in cpus(host):
        policy = path / "cpufreq"
        if not policy.is_dir():
            continue
        found[cpu] = {name: attribute(policy / f"scaling_{name}") for name in ("driver", "governor")}
        numbers += [
            NumberFile(family.series(cpu=cpu), KernelFile(policy / name), factor=1000)
            for name, family in READ
            if (host.root_sensors or name not in ROOT_ONLY) and readable(policy / name)
        ]
        constants += [
            (family.series(cpu=cpu), kilohertz * 1000)
            for name, family in CONSTANT
            for kilohertz in _integer(policy / name)
        ]
    if numbers:
        return NumberFiles({"quantum_hertz": 1000, "cpus": found}, numbers, constants)
    return _measured(host)


def measured(text: bytes) -> Iterable[Value]:
    """Each CPU's frequency in /proc/cpuinfo, labelled as node_exporter does."""
    for hertz, cpu, package, core in frequencies(text):
        yield HERTZ.series(cpu=cpu, package=package, core=core), hertz


def _measured(host: Host) -> Reader | Absent:
    path = host.procfs / "cpuinfo"
    no_driver = f"no cpufreq driver: no {host.sysfs}/devices/system/cpu/cpuN/cpufreq"
    text = (attribute(path) or "").encode()
    if not is_measured(text):
        return Absent(f"{no_driver}; and what {path} says is a constant, as the CPU does not measure it (aperfmperf)")
    return WholeFile({"quantum_hertz": 1000, "cpus": len(list(frequencies(text)))}, KernelFile(path), measured)


def _integer(path: Path) -> list[int]:
    return integers((attribute(path) or "").encode())

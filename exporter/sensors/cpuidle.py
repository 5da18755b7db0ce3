"""How long and how often each CPU was in each idle state, from /sys/devices/system/cpu/cpuN/cpuidle.

See admin-guide/pm/cpuidle.rst.

Residency in us as the idle governor measured it, brought up to date when the CPU leaves the state; reading
does not wake a CPU. No privilege needed. Identity is the state's number. No other exporter publishes this,
and psutil does not know it.
"""

from __future__ import annotations

from ..files import KernelFile, NumberFile, NumberFiles, attribute, listing
from ..host import Host
from ..source import Absent, Family, Reader

RESIDENCY = Family("cpuidle_residency_seconds_total", "counter", "Seconds that a CPU has spent in an idle state.")
ENTRIES = Family("cpuidle_entries_total", "counter", "How often a CPU has been asked to enter an idle state.")


def find(host: Host) -> Reader | Absent:
    """Idle states of all CPUs."""
    folder = host.sysfs / "devices" / "system" / "cpu"
    numbers: list[NumberFile] = []
    states_by_cpu: dict[str, list[str | None]] = {}
    for path in listing(folder):
        cpu = path.name[3:]
        if not (path.name.startswith("cpu") and cpu.isdigit()):
            continue
        for state in listing(path / "cpuidle"):
            name = attribute(state / "name")
            states_by_cpu.setdefault(cpu, []).append(name)
            labels = {"cpu": cpu, "state": state.name[len("state") :], "name": name or ""}
            time, usage = KernelFile(state / "time"), KernelFile(state / "usage")
            numbers.append(NumberFile(RESIDENCY.series(**labels), time, divisor=1_000_000))
            numbers.append(NumberFile(ENTRIES.series(**labels), usage))
    if not numbers:
        return Absent(f"no idle states: no {folder}/cpuN/cpuidle/stateM")
    driver = attribute(folder / "cpuidle" / "current_driver")
    return NumberFiles({"driver": driver, "quantum_seconds": 1e-6, "states_by_cpu": states_by_cpu}, numbers)

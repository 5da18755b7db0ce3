"""How long and how often each CPU was in each idle state, from /sys/devices/system/cpu/cpuN/cpuidle.

See admin-guide/pm/cpuidle.rst.

Residency in us as the idle governor measured it, brought up to date when the CPU leaves the state; reading does not
wake a CPU. No privilege needed. Identity is the state's number. ``--cpuidle.cpus-per-socket`` reads a few CPUs for
all, where hundreds of them do the same. No other exporter publishes this, and psutil does not know it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ..files import KernelFile, NumberFile, NumberFiles, attribute, listing
from ..host import Host
from ..source import Absent, Family, Option, Reader, at_least_one
from .topology import cpus, socket

RESIDENCY = Family("cpuidle_residency_seconds_total", "counter", "Seconds that a CPU has spent in an idle state.")
ENTRIES = Family("cpuidle_entries_total", "counter", "How often a CPU has been asked to enter an idle state.")

CPUS_PER_SOCKET: Option[int | None] = Option(
    "cpuidle.cpus-per-socket",
    None,
    "read the idle states of so many CPUs of each socket, those of the lowest numbers (default: of all)",
    metavar="N",
    parse=at_least_one,
)
OPTIONS = (CPUS_PER_SOCKET,)


def find(host: Host) -> Reader | Absent:
    """Idle states of all CPUs, or of the representatives of each socket."""
    numbers: list[NumberFile] = []
    states_by_cpu: dict[str, list[str | None]] = {}
    for cpu, path in representatives(cpus(host), CPUS_PER_SOCKET.of(host)):
        for state in listing(path / "cpuidle"):
            name = attribute(state / "name")
            states_by_cpu.setdefault(cpu, []).append(name)
            labels = {"cpu": cpu, "state": state.name[len("state") :], "name": name or ""}
            time, usage = KernelFile(state / "time"), KernelFile(state / "usage")
            numbers.append(NumberFile(RESIDENCY.series(**labels), time, divisor=1_000_000))
            numbers.append(NumberFile(ENTRIES.series(**labels), usage))
    folder = host.sysfs / "devices" / "system" / "cpu"
    if not numbers:
        return Absent(f"no idle states: no {folder}/cpuN/cpuidle/stateM")
    driver = attribute(folder / "cpuidle" / "current_driver")
    return NumberFiles({"driver": driver, "quantum_seconds": 1e-6, "states_by_cpu": states_by_cpu}, numbers)


def representatives(cpus: Iterable[tuple[str, Path]], per_socket: int | None) -> Iterable[tuple[str, Path]]:
    """The first so many CPUs of each socket; all of them for None."""
    taken: Counter[str | None] = Counter()
    for cpu, path in cpus:
        on = None if per_socket is None else socket(path)
        taken[on] += 1
        if per_socket is None or taken[on] <= per_socket:
            yield cpu, path

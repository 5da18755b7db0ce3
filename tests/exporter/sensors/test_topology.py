"""Which CPUs there are, and where."""

from __future__ import annotations

from pathlib import Path

from exporter.sensors.topology import cpus, socket
from tests.exporter.reading import host


def test_cpus_are_in_the_order_of_their_numbers(server: Path) -> None:
    """CPU 2 comes before CPU 10; what is no CPU (cpuidle, cpufreq) is not listed."""
    assert [cpu for cpu, _ in cpus(host(server))] == [str(cpu) for cpu in range(64)]


def test_each_is_on_its_socket(server: Path) -> None:
    """Sixteen at a time on either."""
    sockets = [socket(path) for _, path in cpus(host(server))]

    assert sockets == (["0"] * 16 + ["1"] * 16) * 2


def test_a_cpu_that_is_offline_is_on_no_socket(tmp_path: Path) -> None:
    """Linux takes its topology away."""
    assert socket(tmp_path) is None

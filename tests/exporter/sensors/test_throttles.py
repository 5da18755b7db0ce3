"""Throttling of cores and sockets."""

from __future__ import annotations

from pathlib import Path

from exporter.sensors import throttles
from tests.exporter.reading import absent, values_by_series


def test_each_core_and_each_socket_once(server: Path) -> None:
    """Two CPUs share a core and say the same; cores of two sockets have equal numbers."""
    values = values_by_series(throttles, server)

    assert values['node_cpu_core_throttles_total{core="15",package="0"}'] == 150
    assert values['node_cpu_core_throttles_total{core="15",package="1"}'] == 151
    assert values['node_cpu_package_throttles_total{package="1"}'] == 31
    assert len(values) == 2 * 16 + 2


def test_a_machine_without_it_says_so(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "thermal_throttle" in absent(throttles, tmp_path)

"""The exporter itself, by way of prometheus-client's registry."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge

from exporter.host import Host
from exporter.sensors import client
from tests import frozen
from tests.exporter.reading import by_series, found


def test_the_process_as_proc_shows_it(tree: Path) -> None:
    """CPU time, memory and open files come from the machine's /proc/self."""
    with closing(found(client, frozen.host(tree))) as reader:
        values = by_series(reader.read())

    assert values["process_cpu_seconds_total"] == 4
    assert values["process_open_fds"] == 3
    assert values["process_start_time_seconds"] == 1795400000 + 6000


def test_whatever_is_registered_becomes_series() -> None:
    """Labels and values are taken as they are at the moment of reading."""
    registry = CollectorRegistry()
    Gauge("room_celsius", "Temperature of the room.", ["room"], registry=registry).labels("B 12").set(21.5)
    doors = Counter("doors", "Doors that were opened.", registry=registry)
    with closing(found(client, Host(registry=registry))) as reader:
        doors.inc()
        values = by_series(reader.read())

    assert values['room_celsius{room="B 12"}'] == 21.5
    assert values["doors_total"] == 1


def test_the_exporters_own_registry_tells_of_this_process() -> None:
    """Without a registry of one's own, it is the process and its Python that are read."""
    with closing(found(client, Host())) as reader:
        values = by_series(reader.read())

    assert values["process_resident_memory_bytes"] > 1_000_000
    assert any(series.startswith("python_info{") for series in values)


def test_it_is_read_once_in_ten_samples() -> None:
    """Counting open files takes longer than reading them all."""
    assert found(client, Host()).cadence == 10

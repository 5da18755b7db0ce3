"""An hour of one node at 1 Hz as a real one might look: 300 series, seeded, each kind with its own quantum and pace."""

from __future__ import annotations

import random
from array import array
from collections.abc import Callable, Iterator
from itertools import accumulate

from recorder.journal import Stored
from recorder.node_clock import Offset
from recorder.parse import Layout, Page, Series

SECONDS = 3600
BEGIN = 1_795_460_400
"""2026-11-23T19:00:00Z, a full hour."""

Numbers = Iterator[float]
Kind = tuple[int, str, str, Callable[[random.Random], Numbers]]


def samples() -> list[Stored]:
    """3,600 samples of 300 series and two clocks."""
    chance = random.Random(20261123)
    series: list[Series] = []
    columns: list[Numbers] = []
    for count, metric, type, numbers in KINDS:
        for index in range(count):
            series.append(Series(f'{metric}{{at="{index}"}}', metric, (("at", str(index)),), type))
            columns.append(numbers(chance))
    layout = Layout(tuple(series))
    rows = zip(*columns, strict=False)
    return [
        Stored("node", BEGIN + second, Offset(chance.randrange(10**6), 10**6), Page(layout, array("d", row)))
        for second, row in zip(range(SECONDS), rows, strict=False)
    ]


def constant(chance: random.Random) -> Numbers:
    """A limit, a size, a label that is always 1."""
    value = float(chance.randrange(1, 10**9))
    while True:
        yield value


def walk(step: float, quantum: float, start: float, every: int = 1) -> Callable[[random.Random], Numbers]:
    """A value that wanders by about ``step``, renewed every so many seconds, seen through a quantum."""

    def numbers(chance: random.Random) -> Numbers:
        value = start * chance.uniform(0.8, 1.2)
        while True:
            value += chance.gauss(0, step)
            for _ in range(every):
                yield round(value / quantum) * quantum if quantum < 1 else float(round(value / quantum) * quantum)

    return numbers


def noise(low: float, high: float, digits: int) -> Callable[[random.Random], Numbers]:
    """A duration, a jitter: independent from one second to the next."""

    def numbers(chance: random.Random) -> Numbers:
        while True:
            yield round(chance.uniform(low, high), digits)

    return numbers


def counter(pace: float, busy: float, digits: int) -> Callable[[random.Random], Numbers]:
    """A counter that goes up by about ``pace`` in the share ``busy`` of all seconds."""

    def numbers(chance: random.Random) -> Numbers:
        def steps() -> Numbers:
            yield float(chance.randrange(10**6))
            while True:
                yield chance.expovariate(1 / pace) if chance.random() < busy else 0.0

        return (round(value, digits) for value in accumulate(steps()))

    return numbers


KINDS: list[Kind] = [
    (40, "node_hwmon_temp_celsius", "gauge", walk(0.3, 1.0, 45)),
    (4, "node_thermal_zone_temp", "gauge", walk(0.05, 0.001, 27)),
    (10, "node_hwmon_in_volts", "gauge", walk(0.002, 0.001, 12)),
    (20, "node_cpu_scaling_frequency_hertz", "gauge", walk(5e6, 1e3, 2.6e9)),
    (64, "node_cpu_seconds_total", "counter", counter(0.05, 0.4, 2)),
    (16, "cpuidle_residency_seconds_total", "counter", counter(0.7, 1.0, 6)),
    (16, "cpuidle_entries_total", "counter", counter(900, 1.0, 0)),
    (30, "node_memory_Active_bytes", "gauge", walk(4e5, 4096.0, 8e9)),
    (24, "node_network_receive_bytes_total", "counter", counter(20_000, 0.7, 0)),
    (12, "node_disk_read_bytes_total", "counter", counter(65_536, 0.1, 0)),
    (3, "node_load1", "gauge", walk(0.05, 0.01, 1, every=5)),
    (4, "clock_offset_seconds", "gauge", walk(2e-8, 1e-9, 1e-3)),
    (4, "clock_bracket_seconds", "gauge", noise(3.0e-7, 3.8e-7, 9)),
    (13, "driftscope_source_duration_seconds", "gauge", noise(1e-5, 9e-4, 9)),
    (40, "node_hwmon_sensor_label", "gauge", constant),
]

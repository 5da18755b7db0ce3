"""A sensor that hangs costs its own source: not a tick, and no other sensor."""

from __future__ import annotations

import os
import time
from pathlib import Path

import requests

from recorder.parse import Parser
from tests import programs
from tests.trees import machines

SLOW = 3
"""Seconds for which the sensor's file blocks whoever reads it."""


def read(address: str) -> dict[str, int | float]:
    """All series of the exporter's last sample."""
    page = Parser().parse(requests.get(f"http://{address}/metrics", timeout=10).text)
    return {series.name: page.number(index) for index, series in enumerate(page.layout.series)}


def test_a_file_that_blocks_for_three_seconds(tmp_path: Path) -> None:
    """Each second has its sample, on time, with everything but the sensor that blocks; then that is there too."""
    root = machines.small(tmp_path)
    zone = root / "sys/class/thermal/thermal_zone0/temp"
    zone.unlink()
    os.mkfifo(zone)
    with programs.exporter(f"--path.sysfs={root / 'sys'}", f"--path.procfs={root / 'proc'}") as address:
        seen = [read(address) for _ in range(SLOW) if not time.sleep(1)]
        let_go(zone, "31000\n")
        programs.eventually("the zone is read", lambda: 31 in read(address).values())
        after = read(address)

    others = {name for name in after if name.startswith("node_") and "thermal" not in name and "cooling" not in name}
    assert len(others) > 100
    for during in seen:
        assert others <= during.keys()
        assert during['driftscope_source_up{source="thermal"}'] == 0
    assert seen[-1]["driftscope_sample_duration_seconds"] < 0.25
    assert after["driftscope_ticks_missed_total"] == 0
    assert after['driftscope_source_errors_total{error="Hung",source="thermal"}'] >= 1


def let_go(fifo: Path, later: str) -> None:
    """Have whoever blocks on a fifo fail, and make a file of it that says something."""
    writer = os.open(fifo, os.O_WRONLY | os.O_NONBLOCK)  # fails at once if nobody blocks on it
    fresh = fifo.with_suffix(".new")
    fresh.write_text(later)
    fresh.replace(fifo)
    os.close(writer)

"""A node's history, from outside: killed and started again, read by promtool, and on a disk that is full."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from recorder.parse import Parser
from tests import programs

EPOCH = "Driftscope-Sample-Epoch"


@contextmanager
def exporter(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """One that keeps its history here; its address and its process."""
    address = f"127.0.0.1:{programs.free_port()}"
    flags = ["--listen", address, "--history.dir", str(folder), "--log-level=warning"]
    with programs.running([sys.executable, "-m", "exporter", *flags], {"PATH": "/usr/bin:/bin"}) as process:
        programs.eventually("a sample", lambda: programs.answers(f"http://{address}/-/ready"))
        yield address, process


def sequences(address: str, after: int = 0) -> tuple[str, list[int]]:
    """The epoch, and the numbers of the samples that are held."""
    answer = requests.get(f"http://{address}/history", params={"after": after, "limit": 600}, timeout=10)
    lines = [line.split() for line in answer.text.splitlines() if line.startswith("driftscope_sample_sequence ")]
    return answer.headers[EPOCH], [int(number) for _, number, _ in lines]


def test_kill_9_loses_nothing_that_was_shown(tmp_path: Path) -> None:
    """Numbers go on, none is given twice, and the history has every sample that anybody could have scraped."""
    shown: list[int] = []
    with exporter(tmp_path) as (address, process):
        for _ in range(30):
            page = Parser().parse(requests.get(f"http://{address}/metrics", timeout=5).text)
            shown += [
                int(page.number(at))
                for at, one in enumerate(page.layout.series)
                if one.name == "driftscope_sample_sequence"
            ]
            time.sleep(0.1)
        process.kill()
    with exporter(tmp_path) as (address, _):
        first = sequences(address)
    with exporter(tmp_path) as (address, _):
        epoch, held = sequences(address)

    assert epoch == first[0]
    assert set(shown) <= set(held)
    assert set(first[1]) <= set(held)
    assert held == sorted(set(held))
    assert len(set(shown)) >= 2


@pytest.mark.lab
def test_promtool_makes_blocks_of_it_and_prometheus_shows_them(tmp_path: Path) -> None:
    """Each sample of the history is a point, at its time to the millisecond, which is all that Prometheus keeps."""
    promtool = programs.find("promtool", "prometheus")
    with exporter(tmp_path / "history") as (address, _):
        time.sleep(5)
        text = requests.get(f"http://{address}/history", timeout=10).text
    (tmp_path / "history.om").write_text(text)
    programs.run(
        [promtool, "tsdb", "create-blocks-from", "openmetrics", str(tmp_path / "history.om"), str(tmp_path / "tsdb")]
    )

    with programs.prometheus(tmp_path, "scrape_configs: []") as server:
        query = {"query": "driftscope_sample_sequence[1h]"}
        found = requests.get(f"http://{server}/api/v1/query", params=query, timeout=10).json()

    (series,) = found["data"]["result"]
    points = {int(value): at for at, value in series["values"]}
    lines = [line.split() for line in text.splitlines() if line.startswith("driftscope_sample_sequence ")]
    assert len(points) >= 4
    assert points == {int(number): pytest.approx(float(stamp), abs=0.0015) for _, number, stamp in lines}


@pytest.mark.lab
def test_a_full_disk_costs_no_sample(tmp_path: Path) -> None:
    """They are served from memory until there is room again, and are kept then."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", disk], check=True)
    try:
        with exporter(disk) as (address, _):
            with (disk / "filler").open("wb", buffering=0) as filler, suppress(OSError):
                while filler.write(b"x" * 4096):
                    pass
            time.sleep(4)
            epoch, full = sequences(address)
            (disk / "filler").unlink()
            time.sleep(3)
            _, later = sequences(address)
        with exporter(disk) as (address, _):
            again, kept = sequences(address)
    finally:
        subprocess.run(["umount", disk], check=True)

    assert full == list(range(full[0], full[-1] + 1))
    assert len(full) >= 4
    assert set(full) <= set(later) <= set(kept)
    assert epoch == again

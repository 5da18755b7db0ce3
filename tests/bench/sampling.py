"""What the exporter costs its node of 64 CPUs: CPU per sample and page, memory, time to the first sample."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
import requests
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from exporter.daemon import allow_many_files
from exporter.exposition import TEXT, Pages
from exporter.host import Host
from exporter.sample import Sample
from exporter.sampler import Sampler
from exporter.tick import Tick
from tests import frozen
from tests.trees import machines

ROUNDS = 100
SECONDS = 20


def rows() -> Iterator[tuple[str, ...]]:
    """What was measured, in what unit, and what it is compared with."""
    allow_many_files()
    with TemporaryDirectory() as folder:
        root = machines.server(Path(folder))
        yield from _costs(root)
        yield from _whole_process(root)


def _costs(root: Path) -> Iterator[tuple[str, ...]]:
    sampler = Sampler(Host(root / "sys", root / "proc"), frozen.SOURCES)
    sample = sampler.sample(Tick(0, 0, 0))
    count = len(sample.values)
    pages = Pages()

    def page() -> None:
        pages.show(sample)
        pages.page(TEXT)

    reading = _median(lambda: sampler.sample(Tick(0, 0, 0)))
    rendering = _median(page)
    registry = CollectorRegistry()
    registry.register(AsCollector(sample))
    theirs = _median(lambda: generate_latest(registry))
    yield f"reading {count} values", f"{reading:.2f} ms", f"{1000 * reading / count:.2f} us a value"
    yield (
        "making the page",
        f"{rendering:.2f} ms",
        f"prometheus-client: {theirs:.2f} ms, {theirs / rendering:.1f} times",
    )
    sampler.close()


def _whole_process(root: Path) -> Iterator[tuple[str, ...]]:
    """A real exporter, scraped once a second."""
    command = [sys.executable, "-m", "exporter", "--listen", "127.0.0.1:0", "--log-level", "info"]
    command += ["--path.sysfs", str(root / "sys"), "--path.procfs", str(root / "proc"), "--duration", "60s"]
    began = time.monotonic()
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as exporter:
        assert exporter.stderr is not None
        address = exporter.stderr.readline().split()[-1]
        listening = time.monotonic() - began
        with requests.Session() as session:
            while session.get(f"http://{address}/-/ready").status_code != requests.codes.ok:
                time.sleep(0.01)
            first = time.monotonic() - began
            process = psutil.Process(exporter.pid)
            before, at = sum(process.cpu_times()[:2]), time.monotonic()
            while time.monotonic() < at + SECONDS:
                session.get(f"http://{address}/metrics")
                time.sleep(1)
        used = (sum(process.cpu_times()[:2]) - before) / (time.monotonic() - at)
        resident = process.memory_info().rss / 1e6
        exporter.terminate()
    yield "start to listening", f"{listening:.2f} s", ""
    yield "start to first sample", f"{first:.2f} s", "of which waiting for the whole second: up to 1 s"
    yield (
        f"one core, scraped at 1 Hz for {SECONDS} s",
        f"{100 * used:.2f} %",
        f"a Python that imports the same: {_bare():.1f} MB",
    )
    yield "resident memory", f"{resident:.1f} MB", ""


def _bare() -> float:
    """Resident megabytes of a Python that imported what the exporter imports and did nothing."""
    code = "import prometheus_client, psutil, http.server, argparse, json; print(psutil.Process().memory_info().rss)"
    return int(subprocess.check_output([sys.executable, "-c", code])) / 1e6


class AsCollector:
    """A sample as a prometheus-client collector, to have that library render the same page."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample

    def collect(self) -> Iterator[Metric]:
        """The families of the sample."""
        kinds = {"counter": CounterMetricFamily}
        families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
        for series, value in zip(self._sample.series, self._sample.values):
            names = [name for name, _ in series.labels]
            family = families.get(series.family.name)
            if family is None:
                kind = kinds.get(series.family.type, GaugeMetricFamily)
                family = families[series.family.name] = kind(series.family.name, series.family.help, labels=names)
            family.add_metric([label for _, label in series.labels], value)
        yield from families.values()


def _median(call: Callable[[], object]) -> float:
    """Milliseconds of CPU of this process, all threads."""
    call()
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        call()
        took.append((time.process_time_ns() - began) / 1e6)
    return sorted(took)[ROUNDS // 2]

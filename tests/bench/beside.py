"""Our exporter and node_exporter on one tree of 64 CPUs, side by side: CPU, latency, memory; and the tick's error.

CPU is what the scheduler counted for a process from one second to the next, so of ours it holds a sample and a scrape.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory

import psutil
import requests

from tests import programs
from tests.trees import machines

SECONDS = 60
SCRAPES = 10
"""Scrapes a second, when the tick's error is measured."""

COLLECTORS = "hwmon thermal_zone cpu cpufreq netdev diskstats meminfo loadavg stat timex"

BARE = f"""
import time
for second in range({SECONDS}):
    due = (time.time_ns() // 10**9 + 1) * 10**9 + 10**9 // 2
    while (left := due - time.time_ns()) > 0:
        time.sleep(left / 1e9)
    print(time.time_ns() - due)
"""
"""A loop that waits for the middle of each second and does nothing else; by how many ns it was late each time."""


@dataclass
class Program:
    """One exporter: its page, how long it took to answer, and what it had used of the CPU by then; ms."""

    address: str
    session: requests.Session
    page: str = ""
    latency: list[float] = field(default_factory=list[float])
    used: list[float] = field(default_factory=list[float])

    def __post_init__(self) -> None:
        port = int(self.address.rpartition(":")[2])
        (pid,) = {socket.pid for socket in psutil.net_connections("tcp") if socket.laddr and socket.laddr.port == port}
        self.process = psutil.Process(pid)

    def scrape(self) -> None:
        """Ask for its page."""
        answer = self.session.get(f"http://{self.address}/metrics")
        self.latency.append(answer.elapsed.total_seconds() * 1000)
        self.page = answer.text

    def note(self) -> None:
        """Milliseconds of CPU so far, of all its threads, as the scheduler counts them to the ns."""
        tasks = Path(f"/proc/{self.process.pid}/task").glob("*/schedstat")
        self.used.append(sum(int(task.read_text().split()[0]) for task in tasks) / 1e6)

    @property
    def cpu(self) -> list[float]:
        """What it used from one note to the next."""
        return [after - before for before, after in pairwise(self.used)]

    @property
    def values(self) -> int:
        """How many there are on the page."""
        return sum(not line.startswith("#") for line in self.page.splitlines())


def rows() -> Iterator[tuple[str, ...]]:
    """Ours beside node_exporter's, then ours beside a loop that does nothing."""
    with TemporaryDirectory() as folder, ExitStack() as stack:
        root = machines.server(Path(folder))
        tree = [f"--path.sysfs={root / 'sys'}", f"--path.procfs={root / 'proc'}"]
        collectors = [f"--collector.{name}" for name in COLLECTORS.split()]
        theirs = ["--collector.disable-defaults", *collectors, "--no-collector.netdev.netlink"]
        session = stack.enter_context(requests.Session())
        ours = Program(stack.enter_context(programs.exporter(*tree)), session)
        peer = Program(stack.enter_context(programs.node_exporter(*tree, *theirs)), session)
        for _ in range(SECONDS + 1):
            for program in (ours, peer):
                program.scrape()
                program.note()
            time.sleep(1 - time.time() % 1 + 0.3)
        yield from _beside(ours, peer)
        yield from _often(ours)


def _beside(ours: Program, peer: Program) -> Iterator[tuple[str, ...]]:
    yield "values on the page", f"{ours.values}", f"{peer.values}"
    yield "CPU a second, p50 (p99)", _spread(ours.cpu), _spread(peer.cpu)
    yield "CPU a value, p50", _each(ours), _each(peer)
    yield "scrape, p50 (p99)", _spread(ours.latency), _spread(peer.latency)
    yield "resident memory", _resident(ours), _resident(peer)


def _often(ours: Program) -> Iterator[tuple[str, ...]]:
    """Scraped ten times a second."""
    before = median(ours.cpu)
    ours.used.clear()
    late: list[float] = []
    with subprocess.Popen([sys.executable, "-c", BARE], stdout=subprocess.PIPE, text=True) as bare:
        while bare.poll() is None:
            for _ in range(SCRAPES):
                ours.scrape()
                time.sleep(1 / SCRAPES)
            ours.note()
            (line,) = (line for line in ours.page.splitlines() if line.startswith("driftscope_tick_error_seconds "))
            late.append(1000 * float(line.split()[1]))
        assert bare.stdout is not None
        theirs = [int(line) / 1e6 for line in bare.stdout]
    each = (median(ours.cpu) - before) / (SCRAPES - 1)
    yield f"CPU of one more scrape, at {SCRAPES} a second", f"{each:.2f} ms", ""
    yield f"tick error at {SCRAPES} scrapes a second", _spread(late), f"{_spread(theirs)} of a bare loop"


def _spread(numbers: Sequence[float]) -> str:
    return f"{median(numbers):.2f} ms ({quantiles(numbers, n=100)[98]:.2f} ms)"


def _each(program: Program) -> str:
    return f"{1000 * median(program.cpu) / program.values:.2f} us"


def _resident(program: Program) -> str:
    return f"{program.process.memory_info().rss / 1e6:.1f} MB"

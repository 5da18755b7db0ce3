"""What node_exporter publishes too has its name, labels, type and value here: existing dashboards and alerts work."""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest
import requests

from recorder.parse import Parser
from tests import parity, programs
from tests.trees import fleet, machines

pytestmark = pytest.mark.lab

EXACT_HALVES = ("clock_nanoseconds", "clock_offset_anchor_nanoseconds", "clock_pps_nanoseconds")
"""The one departure from base units: float64 seconds hold a clock's reading to 238 ns only."""

EVERYTHING = ("--network.virtual", "--disks.virtual", "--interrupts.per-irq", "--softirqs.per-cpu")

TREES = (machines.small, machines.server, fleet.chameleon, fleet.homelab, fleet.ares, fleet.ares_comp)

ROUNDING = 1e-15
"""It multiplies milliseconds by 0.001, which rounds: 71 ms are 0.07100000000000001 s there."""

MOVING = re.compile(r"node_(load|timex_(maxerror|estimated_error|offset|status|frequency)|procs|memory|disk_io_now).*")
"""Gauges that change between two readings of this machine."""


class Value(NamedTuple):
    """Of a series: its type and number."""

    type: str
    number: float


Page = Mapping[str, Value]

APPLIED: set[str] = set()
"""Differences that were met by the tests so far."""


def page(address: str) -> Page:
    """The node_* series at an address."""
    parsed = Parser().parse(requests.get(f"http://{address}/metrics", timeout=10).text)
    return {
        series.name: Value(series.type, parsed.number(index))
        for index, series in enumerate(parsed.layout.series)
        if series.metric.startswith("node_")
    }


def read(*flags: str) -> tuple[Page, Page, Page]:
    """What it publishes, what we do a little later, and what it does after that."""
    collectors = ["--collector.disable-defaults", *(f"--collector.{name}" for name in parity.COLLECTORS)]
    peer = [*flags, *collectors, "--no-collector.netdev.netlink"]
    with programs.node_exporter(*peer) as theirs, programs.exporter(*flags, *EVERYTHING) as ours:
        before = page(theirs)
        time.sleep(1.2)  # our page is a sample's, which was taken up to 1 s ago
        return before, page(ours), page(theirs)


def unexplained(series: set[str], reasons: Mapping[str, str]) -> list[str]:
    """Those of the series for which there is no reason."""
    left: list[str] = []
    for name in sorted(series):
        matching = [pattern for pattern in reasons if re.fullmatch(rf"{pattern}(\{{.*\}})?", name)]
        APPLIED.update(matching)
        left += [] if matching else [name]
    return left


@pytest.mark.parametrize("build", TREES, ids=lambda build: build.__name__)
def test_on_a_tree_all_is_equal(build: Callable[[Path], Path], tmp_path: Path) -> None:
    """Names, labels, types and values: nothing is missing, nothing is extra, nothing is otherwise, without a reason."""
    root = build(tmp_path)
    theirs, ours, _ = read(f"--path.sysfs={root / 'sys'}", f"--path.procfs={root / 'proc'}")
    # A zone's path is that on the machine itself here, wherever /sys is mounted.
    theirs = {name.replace(f'path="{root}/sys', 'path="/sys'): value for name, value in theirs.items()}
    theirs, ours = ({n: v for n, v in read.items() if not n.startswith("node_timex")} for read in (theirs, ours))

    assert unexplained(theirs.keys() - ours.keys(), parity.THEIRS) == []
    assert unexplained(ours.keys() - theirs.keys(), parity.OURS) == []
    both = theirs.keys() & ours.keys()
    assert {name: ours[name].type for name in both} == {name: theirs[name].type for name in both}
    expected = {name: theirs[name].number for name in both}
    assert {name: ours[name].number for name in both} == pytest.approx(expected, rel=ROUNDING, abs=0)


def test_on_this_machine_all_is_equal() -> None:
    """A counter lies between two readings of theirs; a gauge that stays is equal."""
    before, ours, after = read()
    both = before.keys() & ours.keys() & after.keys()

    assert unexplained((before.keys() & after.keys()) - ours.keys(), parity.THEIRS) == []
    assert unexplained(ours.keys() - after.keys(), parity.OURS) == []
    assert {name: ours[name].type for name in both} == {name: before[name].type for name in both}
    wrong = {
        name: (before[name].number, ours[name].number, after[name].number)
        for name in both
        if not MOVING.match(name)
        and not before[name].number * (1 - ROUNDING) <= ours[name].number <= after[name].number * (1 + ROUNDING)
    }
    assert wrong == {}


def test_each_difference_applies() -> None:
    """The list of reasons holds nothing that is gone; this test comes after those that meet them."""
    assert {*parity.THEIRS, *parity.OURS} - APPLIED == set()


def test_promtool_finds_nothing_wrong() -> None:
    """Promtool accepts our page, but for names that are node_exporter's and the exact halves of a clock's reading."""
    promtool = programs.find("promtool", "prometheus")
    text = (programs.ROOT / "tests" / "contract" / "node.prom").read_bytes()

    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)

    complaints = [line for line in done.stderr.decode().splitlines() if not line.startswith(("node_", *EXACT_HALVES))]
    assert complaints == []

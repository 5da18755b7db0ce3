"""What node_exporter publishes too has its name, labels, type and value here: existing dashboards and alerts work."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest
import requests

from recorder.parse import Parser
from tests import parity, programs
from tests.exporter.nobody import NOBODY
from tests.trees import fleet, machines

pytestmark = pytest.mark.lab

EXACT_HALVES = ("clock_nanoseconds", "clock_offset_anchor_nanoseconds", "clock_pps_nanoseconds")
"""The one departure from base units: float64 seconds hold a clock's reading to 238 ns only."""

EVERYTHING = ("--network.virtual", "--disks.virtual", "--interrupts.per-irq", "--softirqs.per-cpu")

TREES = (machines.small, machines.server, fleet.chameleon, fleet.homelab, fleet.ares, fleet.ares_comp)

ROUNDING = 1e-15
"""It multiplies milliseconds by 0.001, which rounds: 71 ms are 0.07100000000000001 s there."""

NEAR = {
    r"node_memory_\w+": 4e9,
    r"node_load\d+": 1,
    r"node_procs_\w+": 100,
    r"node_disk_io_now": 1000,
    r"node_timex_(offset|maxerror|estimated_error)_seconds": 0.01,
    r"node_timex_frequency_adjustment_ratio": 1e-6,
    r"node_cpu_\w*frequency_hertz": 5e9,
    r"node_(hwmon_\w+|thermal_zone_temp|cooling_device_cur_state)": 100,
}
"""Gauges that rise and fall, and how far they may do so between two readings of this machine."""


class Value(NamedTuple):
    """Of a series: its type and number."""

    type: str
    number: float


Page = Mapping[str, Value]


def page(address: str) -> Page:
    """The node_* series at an address."""
    parsed = Parser().parse(requests.get(f"http://{address}/metrics", timeout=10).text)
    return {
        series.name: Value(series.type, parsed.number(index))
        for index, series in enumerate(parsed.layout.series)
        if series.metric.startswith("node_")
    }


def read(*flags: str, before: Callable[..., Sequence[str]] = lambda *command: command) -> tuple[Page, Page, Page]:
    """What it publishes, what we do a little later, and what it does after that."""
    peer = ["--collector.disable-defaults", *(f"--collector.{name}" for name in parity.COLLECTORS), *parity.SETTINGS]
    with programs.node_exporter(*flags, *peer) as theirs, programs.exporter(*flags, *EVERYTHING, before=before) as ours:
        first = page(theirs)
        time.sleep(1.2)  # our page is a sample's, which was taken up to 1 s ago
        return first, page(ours), page(theirs)


def read_tree(root: Path, before: Callable[..., Sequence[str]] = lambda *command: command) -> tuple[Page, Page]:
    """What it publishes of a machine as a folder, and what we do; but the clock, which is this machine's."""
    theirs, ours, _ = read(f"--path.sysfs={root / 'sys'}", f"--path.procfs={root / 'proc'}", before=before)
    # A zone's path is that on the machine itself here, wherever /sys is mounted.
    theirs = {name.replace(f'path="{root}/sys', 'path="/sys'): value for name, value in theirs.items()}
    theirs, ours = ({n: v for n, v in read.items() if not n.startswith("node_timex")} for read in (theirs, ours))
    return theirs, ours


@cache
def pages(build: Callable[[Path], Path]) -> tuple[Page, Page]:
    """The same of one of the trees; read once."""
    with TemporaryDirectory() as folder:
        return read_tree(build(Path(folder)))


def differences(theirs: Page, ours: Page, equal: Callable[[str], bool]) -> list[str]:
    """What is missing, extra or otherwise, without a reason; ``equal`` says it of the numbers of a series."""
    missing = unexplained(theirs.keys() - ours.keys(), parity.THEIRS)
    extra = unexplained(ours.keys() - theirs.keys(), parity.OURS)
    both = theirs.keys() & ours.keys()
    otherwise = sorted(name for name in both if ours[name].type != theirs[name].type or not equal(name))
    return [
        *(f"missing: {name} {theirs[name]}" for name in missing),
        *(f"extra: {name} {ours[name]}" for name in extra),
        *(f"otherwise: {name} is {ours[name]}, theirs {theirs[name]}" for name in otherwise),
    ]


def unexplained(series: set[str], reasons: Mapping[str, str]) -> list[str]:
    """Those of the series for which there is no reason."""
    return sorted(name for name in series if not any(applies(pattern, name) for pattern in reasons))


def applies(pattern: str, series: str) -> bool:
    """Whether a pattern, with or without labels, is one of this series."""
    return re.fullmatch(rf"{pattern}(\{{.*\}})?", series) is not None


@pytest.mark.parametrize("build", TREES, ids=lambda build: build.__name__)
def test_on_a_tree_all_is_equal(build: Callable[[Path], Path]) -> None:
    """Names, labels, types and values: nothing is missing, nothing is extra, nothing is otherwise, without a reason."""
    theirs, ours = pages(build)

    told = differences(theirs, ours, lambda name: isclose(ours[name].number, theirs[name].number, rel_tol=ROUNDING))

    assert len(theirs.keys() & ours.keys()) > 100
    assert not told, "\n".join(told)


@pytest.mark.parametrize("build", [fleet.ares, fleet.ares_comp], ids=lambda build: build.__name__)
def test_without_roots_rights_only_energy_is_missing(build: Callable[[Path], Path], tmp_path: Path) -> None:
    """Where nobody may be root, all is read that is everybody's."""
    root = build(tmp_path)
    for zone in root.glob("sys/class/powercap/*/energy_uj"):
        os.chown(zone, NOBODY, NOBODY)
        zone.chmod(0o400)
    setpriv = [programs.find("setpriv", "util-linux"), "--bounding-set=-dac_override,-dac_read_search"]

    theirs, ours = read_tree(root, before=lambda *command: [*setpriv, *command])

    missing = unexplained(theirs.keys() - ours.keys(), parity.THEIRS)
    assert missing == sorted(name for name in theirs if name.startswith("node_rapl_")) != []


def test_on_this_machine_all_is_equal() -> None:
    """What it says lies between two readings of theirs, or near them where it rises and falls."""
    before, ours, after = read()
    stayed = {name: value for name, value in before.items() if name in after}

    told = differences(
        stayed,
        {name: value for name, value in ours.items() if name in stayed or name not in after},
        lambda name: between(name, before[name].number, ours[name].number, after[name].number),
    )

    assert not told, "\n".join(told)


def between(name: str, before: float, ours: float, after: float) -> bool:
    """Whether our number lies between theirs, as far as that can be expected."""
    largest = max(abs(before), abs(after))
    margin = sum(tolerance for pattern, tolerance in NEAR.items() if applies(pattern, name)) + ROUNDING * largest
    return min(before, after) - margin <= ours <= max(before, after) + margin


def test_each_difference_applies() -> None:
    """The list of reasons holds nothing that is gone."""
    theirs: set[str] = set()
    ours: set[str] = set()
    for build in TREES:
        its, own = pages(build)
        theirs |= its.keys() - own.keys()
        ours |= own.keys() - its.keys()

    assert [pattern for pattern in parity.THEIRS if not any(applies(pattern, name) for name in theirs)] == []
    assert [pattern for pattern in parity.OURS if not any(applies(pattern, name) for name in ours)] == []


def test_promtool_finds_nothing_wrong() -> None:
    """Promtool accepts our page, but for names that are node_exporter's and the exact halves of a clock's reading."""
    promtool = programs.find("promtool", "prometheus")
    text = (programs.ROOT / "tests" / "contract" / "node.prom").read_bytes()

    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)

    complaints = [line for line in done.stderr.decode().splitlines() if not line.startswith(("node_", *EXACT_HALVES))]
    assert complaints == []

"""What node_exporter publishes too has its name, labels, type and unit: existing dashboards and alerts work."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

import pytest
import requests

from recorder.parse import Page, Parser
from tests import programs
from tests.trees import machines

pytestmark = pytest.mark.lab


EXACT_HALVES = ("clock_nanoseconds", "clock_offset_anchor_nanoseconds")
"""The one departure from base units: float64 seconds hold a clock's reading to 238 ns only."""

OURS_ALONE = ('device="lo"', 'chip_name="power_meter"')
"""What it leaves out: the loopback interface in Debian's build, and a chip's name in its device's folder."""


def test_every_series_of_ours_with_its_prefix_is_one_of_its(tmp_path: Path) -> None:
    """On one tree, each node_* series of ours is there in node_exporter too, with equal value and type."""
    root = machines.small(tmp_path)
    flags = [f"--path.sysfs={root / 'sys'}", f"--path.procfs={root / 'proc'}"]
    with programs.exporter(*flags) as ours, programs.node_exporter(*flags, "--no-collector.netdev.netlink") as theirs:
        mine, other = _numbers(_page(ours)), _numbers(_page(theirs))

    of_the_tree = {name for name in mine if not name.startswith("node_timex_") and not _is_ours_alone(name)}
    assert len(of_the_tree) > 100
    assert {name: mine[name][0] for name in of_the_tree} == {
        name: other.get(name, ("missing", 0))[0] for name in of_the_tree
    }
    # It multiplies milliseconds by 0.001, which rounds: 71 ms are 0.07100000000000001 s there.
    values = {name: other[name][1] for name in of_the_tree}
    assert {name: mine[name][1] for name in of_the_tree} == pytest.approx(values, rel=1e-12)


def test_adjtimex_is_read_as_node_exporter_reads_it() -> None:
    """On this machine's kernel, every node_timex series is there in both, and those that do not move are equal."""
    with programs.exporter() as ours, programs.node_exporter() as theirs:
        mine, other = _numbers(_page(ours)), _numbers(_page(theirs))

    names = {name for name in mine if name.startswith("node_timex_")}
    moving = {"node_timex_maxerror_seconds", "node_timex_estimated_error_seconds", "node_timex_offset_seconds"}
    assert names == {name for name in other if name.startswith("node_timex_")}
    assert {name: mine[name] for name in names - moving} == {name: other[name] for name in names - moving}


def test_promtool_finds_nothing_wrong() -> None:
    """Promtool accepts our page, but for names that are node_exporter's and the exact halves of a clock's reading."""
    promtool = programs.find("promtool", "prometheus")
    text = (programs.ROOT / "tests" / "contract" / "node.prom").read_bytes()

    done = subprocess.run([promtool, "check", "metrics"], input=text, capture_output=True, check=False)

    complaints = [line for line in done.stderr.decode().splitlines() if not line.startswith(("node_", *EXACT_HALVES))]
    assert complaints == []


def _is_ours_alone(name: str) -> bool:
    return any(label in name for label in OURS_ALONE)


def _page(address: str) -> Page:
    return Parser().parse(requests.get(f"http://{address}/metrics", timeout=10).text)


def _numbers(page: Page) -> dict[str, tuple[str, int | float]]:
    """Type and value of each node_* series."""
    return dict(_of_node(page))


def _of_node(page: Page) -> Iterable[tuple[str, tuple[str, int | float]]]:
    for index, series in enumerate(page.layout.series):
        if series.metric.startswith("node_"):
            yield series.name, (series.type, page.number(index))

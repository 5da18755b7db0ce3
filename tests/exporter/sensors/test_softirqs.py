"""Softirqs of each kind on each CPU."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exporter.sensors import softirqs
from tests.exporter.reading import absent, by_series, found, host


def test_they_are_left_out_unless_asked_for(tree: Path) -> None:
    """The reason says where their sums are, and which flag reads them."""
    reason = absent(softirqs, tree)

    assert "stat" in reason
    assert "--softirqs.per-cpu" in reason


def test_each_kind_of_each_cpu_is_a_counter(tree: Path) -> None:
    """Ten kinds on two CPUs."""
    with closing(found(softirqs, host(tree, **{"softirqs.per-cpu": True}))) as reader:
        values = by_series(reader.read())

    assert values['node_softirqs_functions_total{cpu="1",type="NET_RX"}'] == 3001
    assert len(values) == 10 * 2

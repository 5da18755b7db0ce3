"""Interrupts of each line on each CPU."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from exporter.sensors import interrupts
from tests.exporter.reading import absent, by_series, found, host


def test_they_are_left_out_unless_asked_for(tree: Path) -> None:
    """The reason says where their sum is, and which flag reads them."""
    reason = absent(interrupts, tree)

    assert "stat" in reason
    assert "--interrupts.per-irq" in reason


def test_each_line_of_each_cpu_is_a_counter(tree: Path) -> None:
    """A numbered line has a controller and devices, a named one a description."""
    with closing(found(interrupts, host(tree, **{"interrupts.per-irq": True}))) as reader:
        values = by_series(reader.read())

    numbered = 'cpu="1",devices="1-edge eth0-1, i801",info="IR-IO-APIC",type="1"'
    named = 'cpu="0",devices="",info="Non-maskable interrupts",type="NMI"'
    assert values[f"node_interrupts_total{{{numbered}}}"] == 1001
    assert values[f"node_interrupts_total{{{named}}}"] == 7000
    assert len(values) == 4 * 2

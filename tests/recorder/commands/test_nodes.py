"""Which nodes are meant, and how long."""

from __future__ import annotations

import argparse
from contextlib import ExitStack
from pathlib import Path

import pytest

from recorder.commands import nodes
from recorder.mistakes import Mistake


def chosen(*argv: str) -> dict[str, str]:
    """Where each node is."""
    parser = argparse.ArgumentParser()
    nodes.arguments(parser)
    with ExitStack() as tunnels:
        return {target.node: target.base for target in nodes.chosen(parser.parse_args(argv), tunnels)}


def test_nodes_come_from_all_that_name_them(tmp_path: Path) -> None:
    """A configuration, a fleet, the command line."""
    (tmp_path / "prometheus.yml").write_text(
        "scrape_configs: [{static_configs: [{targets: ['c:1'], labels: {node: c}}]}]"
    )
    (tmp_path / "fleet.yml").write_text("nodes: {f: {address: 'f:2'}}")

    where = chosen(
        "--config", str(tmp_path / "prometheus.yml"), "--fleet", str(tmp_path / "fleet.yml"), "--target", "t=t:3"
    )

    assert where == {"c": "http://c:1", "f": "http://f:2", "t": "http://t:3"}


def test_nobody_is_a_mistake() -> None:
    """It says how to name them."""
    with pytest.raises(Mistake, match="--target NAME=HOST:PORT"):
        chosen()


@pytest.mark.parametrize(("text", "seconds"), [("90", 90), ("1.5s", 1.5), ("10m", 600), ("24h", 86400), ("2d", 172800)])
def test_times(text: str, seconds: float) -> None:
    """As people write them."""
    assert nodes.seconds(text) == seconds


@pytest.mark.parametrize("text", ["", "0", "-1", "h", "1 h", "1w"])
def test_what_is_no_time(text: str) -> None:
    """Says what would be one."""
    with pytest.raises(argparse.ArgumentTypeError, match="such as 90s, 10m or 24h"):
        nodes.seconds(text)

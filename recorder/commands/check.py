"""Look before a long recording whether it can begin: every node, the disk, and what there was earlier.

Asks every node for some seconds as a recording would, and says of each whether it answers and samples each
second, whether its clock is near ours, its history long enough, its sources readable, its peers answering both
ways; and whether the disk has room for all of it.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from ..looking import Look, look
from ..readiness import Finding, expected_inventories, of_disk, of_node, of_peers
from ..targets import Target
from . import nodes

EXAMPLES = """\
examples:
  driftscope-recorder check --fleet fleet.yml -o run2 --duration 24h
  driftscope-recorder check --config prometheus.yml -o run2 --expect run1    also: has each node all that it had in run1
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    nodes.arguments(parser)
    flag = parser.add_argument
    flag("-o", "--output", type=Path, default=Path(), metavar="DIR", help="where the dataset is to be (default: here)")
    flag(
        "--duration",
        type=nodes.seconds,
        default=86400.0,
        metavar="TIME",
        help="how long is to be recorded (default: 24h)",
    )
    flag(
        "--outage",
        type=nodes.seconds,
        default=3600.0,
        metavar="TIME",
        help="the longest outage to be healed (default: 1h)",
    )
    flag("--expect", type=Path, metavar="DIR",
         help="an earlier dataset, or a folder with NODE.json from `driftscope-exporter --inventory`")  # fmt: skip
    flag("--seconds", type=nodes.seconds, default=5.0, metavar="TIME", help="how long to look (default: 5s)")


def run(flags: argparse.Namespace) -> int:
    """0 if a recording can begin, 1 if something is not as it has to be."""
    expected = expected_inventories(flags.expect) if flags.expect else {}
    with ExitStack() as open_tunnels:
        looks = watch(nodes.chosen(flags, open_tunnels), flags.seconds)
    findings = [
        finding
        for each in looks
        for finding in of_node(each, flags.seconds, flags.outage, expected.get(each.target.node))
    ]
    findings += [*of_peers(looks), of_disk(looks, flags.duration, free(flags.output))]
    show(findings)
    return 0 if all(finding.good for finding in findings) else 1


def watch(targets: Sequence[Target], seconds: float) -> list[Look]:
    """Look at all nodes, with a bar that shows how long it still takes."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task("looking", total=seconds)
        return look(targets, seconds, lambda passed: progress.update(task, completed=passed))


def free(folder: Path) -> int:
    """Bytes free where the dataset is to be; it need not exist yet."""
    there = folder.resolve()
    while not there.exists():
        there = there.parent
    return shutil.disk_usage(there).free


def show(findings: Sequence[Finding]) -> None:
    """A table for people; tab-separated lines for programs."""
    console = Console()
    if not console.is_terminal:
        for finding in findings:
            print("\t".join((finding.node, finding.what, "ok" if finding.good else "NOT", finding.says)))  # noqa: T201
        return
    table = Table(box=None, pad_edge=False, show_header=False)
    for finding in findings:
        style = "green" if finding.good else "bold red"
        table.add_row(finding.node, finding.what, Text("ok" if finding.good else "NOT", style=style), finding.says)
    console.print(table)

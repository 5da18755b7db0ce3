"""Put exporters on the machines of a fleet, and start, stop and watch them there, over ssh.

deploy copies the bundle where it is not there yet, start (re)starts what was deployed, status asks each exporter how
it does, logs prints its last lines, stop ends it. tunnel makes every node that only ssh reaches a port of this machine
until Ctrl-C; record --fleet does so by itself. A node that fails does not keep the others from anything.
"""

from __future__ import annotations

import argparse
import shlex
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table
from rich.text import Text

from ..fleet import inventory
from ..fleet.actions import CELLS, Outcome, act, scripts
from ..fleet.inventory import Node
from ..fleet.service import Bundle
from ..fleet.ssh import Remote
from ..fleet.tunnel import Tunnel
from ..mistakes import Mistake

EXAMPLES = """\
examples:
  driftscope-recorder fleet deploy              all nodes of fleet.yml
  driftscope-recorder fleet start --node ares   one of them
  driftscope-recorder fleet status
  driftscope-recorder fleet deploy --dry-run    print what would be run, and where
  driftscope-recorder record --fleet fleet.yml -o run1 --duration 24h
"""

AT_ONCE = 32
"""Nodes that are worked on at the same time."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    flag = parser.add_argument
    flag("action", choices=[*CELLS, "tunnel"], metavar="ACTION", help=", ".join([*CELLS, "tunnel"]))
    flag("--config", type=Path, default=Path("fleet.yml"), metavar="FILE", help="the fleet (default: fleet.yml)")
    flag("--node", action="append", default=[], metavar="NAME", help="only this node; may be repeated")
    flag(
        "--bundle",
        type=Path,
        default=Path("dist/driftscope-exporter.pyz"),
        metavar="FILE",
        help="what `make bundle` has built (default: dist/driftscope-exporter.pyz)",
    )
    flag("--dry-run", action="store_true", help="print what would be run on each node, and run nothing")


def run(flags: argparse.Namespace) -> int:
    """0 if all nodes did as they were told, 1 if one did not."""
    nodes = chosen(inventory.read(flags.config), flags.node, flags.config)
    if flags.action == "tunnel":
        return keep_tunnels([node for node in nodes if node.tunnel], flags.dry_run)
    bundle = Bundle.read(flags.bundle)
    if flags.dry_run:
        for node in nodes:
            print_commands(flags.action, node, bundle)
        return 0
    outcomes = all_at_once(flags.action, nodes, bundle)
    for outcome in outcomes:
        for line in outcome.log.splitlines():
            print(f"{outcome.node}: {line}")  # noqa: T201
    if flags.action != "logs" or not all(outcome.good for outcome in outcomes):
        show(outcomes)
    return 0 if all(outcome.good for outcome in outcomes) else 1


def chosen(nodes: Sequence[Node], names: Sequence[str], path: Path) -> Sequence[Node]:
    """The nodes of these names, or all."""
    known = {node.name for node in nodes}
    if unknown := [name for name in names if name not in known]:
        raise Mistake(f"--node {unknown[0]}: {path} has {', '.join(sorted(known))}")
    return [node for node in nodes if not names or node.name in names]


def all_at_once(action: str, nodes: Sequence[Node], bundle: Bundle) -> list[Outcome]:
    """What came of an action on each node, in their order."""
    console = Console(stderr=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda node: act(action, node, bundle), nodes)
        return list(
            track(outcomes, action, len(nodes), console=console, transient=True, disable=not console.is_terminal)
        )


def show(outcomes: Sequence[Outcome]) -> None:
    """A table for people; tab-separated lines for programs."""
    headings = list(dict.fromkeys(heading for outcome in outcomes for heading in outcome.cells))
    console = Console()
    if not console.is_terminal:
        print("\t".join(["node", *headings]))  # noqa: T201
        for outcome in outcomes:
            print("\t".join([outcome.node, *(outcome.cells.get(each, "") for each in headings)]))  # noqa: T201
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("node", *headings):
        table.add_column(heading, justify="right" if heading not in ("node", "state") else "left")
    for outcome in outcomes:
        style = "green" if outcome.good else "red"
        cells = [Text(outcome.cells.get(each, ""), style=style if each == "state" else "") for each in headings]
        table.add_row(outcome.node, *cells)
    console.print(table)


def print_commands(action: str, node: Node, bundle: Bundle) -> None:
    """The command for one node as a shell would take it, its script included; of the bundle only its size is shown."""
    text = scripts(action, node, bundle)[-1].replace(bundle.payload, f"(the bundle: {len(bundle.payload)} letters)")
    print(f"{shlex.join(Remote(node.ssh, node.sudo).command)} <<'{node.name}'\n{text}{node.name}\n")  # noqa: T201


def keep_tunnels(nodes: Sequence[Node], dry_run: bool) -> int:
    """Say where each node is now, and keep it there until Ctrl-C."""
    tunnels = [Tunnel(node) for node in nodes]
    for tunnel in tunnels:
        print(shlex.join(tunnel.command) if dry_run else f"{tunnel.node.name}=127.0.0.1:{tunnel.port}", flush=True)  # noqa: T201
    if dry_run or not tunnels:
        return 0
    try:
        for tunnel in tunnels:
            tunnel.open()
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        return 0
    finally:
        for tunnel in tunnels:
            tunnel.close()

"""The arguments that several commands share: which nodes are meant, and lengths of time."""

from __future__ import annotations

import argparse
import re
from contextlib import ExitStack
from pathlib import Path

from .. import targets
from ..fleet import inventory
from ..fleet.tunnel import Tunnel
from ..mistakes import Mistake
from ..targets import Target

UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments that say which nodes are meant."""
    flag = parser.add_argument
    flag("--config", type=Path, metavar="FILE", help="a Prometheus configuration; its scrape_configs are recorded")
    flag("--fleet", type=Path, metavar="FILE", help="a fleet.yml; nodes that only ssh reaches are reached so")
    flag("--target", action="append", default=[], metavar="NAME=HOST:PORT", help="a node to record; may be repeated")


def chosen(flags: argparse.Namespace, open_tunnels: ExitStack) -> list[Target]:
    """The nodes that are meant; ``open_tunnels`` holds those that ssh reaches."""
    found = [*(targets.from_file(flags.config) if flags.config else ()), *map(targets.from_command_line, flags.target)]
    if flags.fleet:
        found += [fleet_target(node, open_tunnels) for node in inventory.read(flags.fleet)]
    if not found:
        raise Mistake("which nodes? Give --config FILE, --fleet FILE or --target NAME=HOST:PORT")
    return targets.unique(found)


def fleet_target(node: inventory.Node, open_tunnels: ExitStack) -> Target:
    """A node of a fleet, through a tunnel that is kept until the recording ends, if it needs one."""
    if not node.tunnel:
        return targets.from_command_line(f"{node.name}={node.address}")
    tunnel = Tunnel(node)
    tunnel.open()
    open_tunnels.callback(tunnel.close)
    return targets.from_command_line(f"{node.name}=127.0.0.1:{tunnel.port}")


def seconds(text: str) -> float:
    """``90``, ``90s``, ``10m``, ``24h`` or ``2d`` -> seconds."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd]?)", text)
    if not match or not (seconds := float(match[1]) * UNITS[match[2]]):
        raise argparse.ArgumentTypeError(f"{text!r} is not a time, such as 90s, 10m or 24h")
    return seconds

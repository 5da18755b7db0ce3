"""What people see while a recording runs: a live table in a terminal, plain lines everywhere else."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from .node import Node
from .recording import Recording

EVERY = 60
"""Seconds between two lines on all nodes, where there is no terminal."""


class Display(Protocol):
    """Shows a recording; called about once a second."""

    def show(self, recording: Recording) -> None:
        """Show how it stands."""
        ...


@contextmanager
def display(console: Console, duration: float | None) -> Iterator[Display]:
    """The display that fits where we run. ``duration`` in seconds, None without an end."""
    if not console.is_terminal:
        yield Lines(console)
        return
    with Live(console=console, auto_refresh=False) as live:
        yield LiveTable(live, duration)


class LiveTable:
    """A table of all nodes that is painted anew every second."""

    def __init__(self, live: Live, duration: float | None) -> None:
        self._live = live
        self._duration = duration
        self._started = time.monotonic()

    def show(self, recording: Recording) -> None:
        """Paint it."""
        elapsed = time.monotonic() - self._started
        parts: list[Table | Text | ProgressBar] = [nodes_table(recording)]
        if recording.trouble:
            parts.append(Text(recording.trouble, style="bold red"))
        if self._duration:
            total = self._duration
            parts.append(
                Text(f"{clock(min(elapsed, total))} of {clock(total)}   Ctrl-C ends it earlier, and nothing is lost")
            )
            parts.append(ProgressBar(total=total, completed=min(elapsed, total)))
        else:
            parts.append(Text(f"{clock(elapsed)}   Ctrl-C ends it, and nothing is lost"))
        self._live.update(Group(*parts), refresh=True)


class Lines:
    """A line when a node's state changes, and one on each node every minute."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._states: dict[str, str] = {}
        self._next = time.monotonic() + EVERY

    def show(self, recording: Recording) -> None:
        """Print what is new."""
        everything = time.monotonic() >= self._next
        if everything:
            self._next += EVERY
        for name, node in recording.nodes.items():
            if everything or self._states.get(name, "waiting") != node.state:
                self._console.print(line(name, node), soft_wrap=True, highlight=False, markup=False)
            self._states[name] = node.state


def nodes_table(recording: Recording) -> Table:
    """One row a node."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("node")
    for name in ("samples", "missed", "healed", "lost", "series", "offset", "age"):
        table.add_column(name, justify="right")
    table.add_column("state")
    now = recording.clock.now()
    for name, node in recording.nodes.items():
        style = "red" if node.failing else "green" if node.samples else "yellow"
        counts = (node.samples, node.missed, node.healed, node.lost, node.series)
        table.add_row(name, *map(str, counts), offset_of(node), age_of(node, now), Text(node.state, style=style))
    return table


def line(name: str, node: Node) -> str:
    """A node in one line, for logs."""
    return (
        f"{name}: {node.state}, {node.samples} samples, {node.missed} missed, {node.healed} healed,"
        f" {node.lost} lost, {node.series} series, offset {offset_of(node)}"
    )


def offset_of(node: Node) -> str:
    """The node's clock against ours: ``+0.12 ± 0.40 ms``."""
    if not node.last or not node.last.offset:
        return "-"
    offset = node.last.offset
    unit, scale = ("s", 1e9) if offset.bound > 1e8 or abs(offset.ns) > 1e9 else ("ms", 1e6)
    return f"{offset.ns / scale:+.2f} ± {offset.bound / scale:.2f} {unit}"


def age_of(node: Node, now: int) -> str:
    """How long ago the last answer came."""
    return f"{max(0, now - node.last.exchange.replied) / 1e9:.0f} s" if node.last else "-"


def clock(seconds: float) -> str:
    """``1:02:03`` or ``2:03``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

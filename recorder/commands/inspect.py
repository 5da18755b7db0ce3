"""Print what a dataset holds: nodes, time span, rows, gaps, series, bytes per value."""

from __future__ import annotations

import argparse
from datetime import datetime, timezone
from pathlib import Path

from rich.console import Console
from rich.table import Table

from ..dataset import Dataset
from ..inspection import Holdings, holdings, total

EXAMPLES = """\
examples:
  driftscope-recorder inspect run1
  driftscope-recorder inspect run1 | cut -f 1,5      tab-separated where it is not a terminal
"""

HEADINGS = ("node", "first", "last", "rows", "gaps", "series", "values", "bytes", "bytes per value", "with names")

EXAMPLE = """\
Read it back:

    import pandas as pd
    node = pd.read_parquet("{path}", columns=["time", "realtime_ns", "monotonic_raw_ns"]).dropna()
    print((node.realtime_ns - node.monotonic_raw_ns).diff().describe())   # drift of the clock, ns a second
"""


def arguments(parser: argparse.ArgumentParser) -> None:
    """The command's arguments."""
    parser.add_argument("dataset", type=Path, metavar="DIR", help="the dataset")
    parser.add_argument("--example", action="store_true", help="add three lines of Python that read it back")


def run(flags: argparse.Namespace) -> int:
    """Always 0, if there is a dataset."""
    nodes = holdings(Dataset.read(flags.dataset))
    rows = [HEADINGS, *map(_cells, [*nodes, total(nodes)])]
    console = Console()
    if console.is_terminal:
        console.print(_table(rows))
    else:
        print("\n".join("\t".join(row) for row in rows))  # noqa: T201  # rich would wrap it
    if flags.example and nodes:
        print(f"\n{flags.dataset.resolve()}")  # noqa: T201
        print(EXAMPLE.format(path=(flags.dataset / f"node={nodes[0].node}").as_posix()), end="")  # noqa: T201
    return 0


def _cells(part: Holdings) -> tuple[str, ...]:
    return (
        part.node,
        _time(part.first),
        _time(part.last),
        f"{part.rows}",
        f"{part.gaps}",
        f"{len(part.series)}",
        f"{part.values}",
        f"{part.file_bytes}",
        f"{part.bytes_per_value(part.data_bytes):.2f}",
        f"{part.bytes_per_value(part.file_bytes):.2f}",
    )


def _table(rows: list[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for number, heading in enumerate(rows[0]):
        table.add_column(heading, justify="left" if number < 3 else "right")
    for row in rows[1:]:
        table.add_row(*row)
    return table


def _time(seconds: int | None) -> str:
    return "-" if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Print what a dataset holds: nodes, time span, rows, gaps, series, bytes per value."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from ..dataset import Dataset
from ..inspection import Holdings, absences, holdings, total

EXAMPLES = """\
examples:
  driftscope-recorder inspect run1
  driftscope-recorder inspect run1 | cut -f 1,4,5      tab-separated where it is not a terminal
"""

ISO = "%Y-%m-%dT%H:%M:%SZ"

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
    dataset = Dataset.read(flags.dataset)
    nodes = holdings(dataset)
    parts = [*nodes, total(nodes)]
    console = Console()
    if console.is_terminal:
        console.print(_for_people(parts))
        for node, reasons in absences(dataset).items():
            said = ", ".join(f"{seconds:,} s {reason}" for reason, seconds in reasons.most_common())
            console.print(f"gaps of {node}: {said}", highlight=False, markup=False)
        names = decimal(parts[-1].file_bytes - parts[-1].data_bytes)
        console.print(f"{names} of it are names, labels and help, once a file whatever its length", highlight=False)
    else:
        print(_for_programs(parts))  # noqa: T201  # rich would wrap it
    if flags.example and nodes:
        print(f"\n{flags.dataset.resolve()}")  # noqa: T201
        print(EXAMPLE.format(path=(flags.dataset / f"node={nodes[0].node}").as_posix()), end="")  # noqa: T201
    return 0


def _for_people(parts: list[Holdings]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("node")
    for heading in ("from", "span", "rows", "gaps", "series", "size", "B/value"):
        table.add_column(heading, justify="right", no_wrap=True)
    for part in parts:
        span = timedelta(seconds=0 if part.first is None or part.last is None else part.last - part.first + 1)
        numbers = (f"{part.rows:,}", f"{part.gaps:,}", f"{len(part.series):,}", decimal(part.file_bytes))
        table.add_row(
            part.node, _time(part.first, "%Y-%m-%d %H:%M:%S"), str(span), *numbers, f"{part.bytes_per_value:.2f}"
        )
    return table


def _for_programs(parts: list[Holdings]) -> str:
    lines = ["node first last rows gaps series values file_bytes data_bytes bytes_per_value".replace(" ", "\t")]
    for part in parts:
        times = (_time(part.first, ISO), _time(part.last, ISO))
        counts = (part.rows, part.gaps, len(part.series), part.values, part.file_bytes, part.data_bytes)
        lines.append("\t".join((part.node, *times, *map(str, counts), f"{part.bytes_per_value:.2f}")))
    return "\n".join(lines)


def _time(seconds: int | None, format: str) -> str:
    return "-" if seconds is None else datetime.fromtimestamp(seconds, timezone.utc).strftime(format)

"""Pages, samples and tables as the tests need them."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa

from recorder import columns
from recorder.dataset import Dataset
from recorder.journal import Stored
from recorder.node_clock import Offset
from recorder.parse import Layout, Page, Parser, Series

SECOND = 1_000_000_000
HOUR = 1_785_000_000 // 3600 * 3600
"""The first second of some hour."""

REALTIME, RAW = 1_785_000_123_987_654_321, 1_234_567_890_123_456_789
"""Two clocks' readings with all of 19 digits, which float64 does not hold."""


def node_page(sequence: int, realtime: int = REALTIME, raw: int = RAW, epoch: str = "e1", more: str = "") -> str:
    """What an exporter of ours answers."""
    return (
        "# TYPE driftscope_sample_sequence gauge\n"
        f"driftscope_sample_sequence {sequence}\n"
        "# TYPE driftscope_sample_epoch_info gauge\n"
        f'driftscope_sample_epoch_info{{epoch="{epoch}"}} 1\n'
        "# TYPE clock_seconds gauge\n"
        f'clock_seconds{{clock="realtime"}} {realtime // SECOND}\n'
        f'clock_seconds{{clock="monotonic_raw"}} {raw // SECOND}\n'
        "# TYPE clock_nanoseconds gauge\n"
        f'clock_nanoseconds{{clock="realtime"}} {realtime % SECOND}\n'
        f'clock_nanoseconds{{clock="monotonic_raw"}} {raw % SECOND}\n'
        f"{more}"
    )


def parsed(text: str, openmetrics: bool = False) -> Page:
    """A page as a new parser reads it."""
    return Parser().parse(text, openmetrics)


def layout(*names: str, type: str = "gauge") -> Layout:
    """Series without labels."""
    return Layout(tuple(Series(name, name, (), type, "", f"Help of {name}.") for name in names))


def stored(second: int, page: Page | str, node: str = "ares", offset: Offset | None = None) -> Stored:
    """A sample as the journal holds it."""
    return Stored(node, second, offset, parsed(page) if isinstance(page, str) else page)


def measured(second: int, series: Layout, *values: float, node: str = "ares") -> Stored:
    """A foreign exporter's sample."""
    return Stored(node, second, None, Page(series, array("d", values)))


def table(*samples: Stored) -> pa.Table:
    """The samples as rows."""
    return columns.table_of(samples)


def node_table(seconds: Iterable[int], more: str = "") -> pa.Table:
    """Samples of a node of ours, whose sequence is the second and whose clocks show it."""
    pages = ((second, node_page(second, second * SECOND + 5, second * SECOND + 7, more=more)) for second in seconds)
    return table(*(stored(second, page, offset=Offset(5, 2)) for second, page in pages))


def write_hour(dataset: Dataset, hour: int, tables: Mapping[str, pa.Table]) -> None:
    """New samples for an hour, a table a node."""
    seconds = {int(moment.timestamp()) for new in tables.values() for moment in column(new, "time")}
    dataset.write_hour(hour, {node: lambda new=new: new for node, new in tables.items()}, seconds)


def write_dataset(folder: Path, *hours: Mapping[str, pa.Table], first: int = HOUR) -> Path:
    """A dataset of whole hours, a table a node; closed."""
    dataset = Dataset.open(folder)
    dataset.begin_run({node: "http://127.0.0.1:1" for hour in hours for node in hour})
    for number, tables in enumerate(hours):
        write_hour(dataset, first + 3600 * number, tables)
    dataset.save()
    dataset.close()
    return folder


def column(table: pa.Table, name: str) -> list[Any]:
    """A column's values."""
    return table.column(name).to_pylist()

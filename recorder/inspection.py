"""What a dataset holds, from the footers of its files alone: fast however large it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from . import hour_file
from .columns import is_series
from .dataset import Dataset, HourPath
from .hour_file import SAMPLES, VALUES
from .mistakes import Mistake


@dataclass
class Holdings:
    """What is there of one node, or of all. ``first`` and ``last`` are grid seconds, in seconds since 1970."""

    node: str
    files: int = 0
    rows: int = 0
    samples: int = 0
    values: int = 0
    data_bytes: int = 0
    """Of the numbers alone."""
    file_bytes: int = 0
    """With the names, labels and help that every file carries."""
    first: int | None = None
    last: int | None = None
    series: set[str] = field(default_factory=set)

    @property
    def gaps(self) -> int:
        """Seconds without a sample."""
        return self.rows - self.samples

    @property
    def bytes_per_value(self) -> float:
        """Of the numbers alone; 0 where there are none."""
        return self.data_bytes / self.values if self.values else 0.0

    def add(self, other: Holdings) -> None:
        """Take in what ``other`` holds."""
        for name in ("files", "rows", "samples", "values", "data_bytes", "file_bytes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first = min(filter(None, (self.first, other.first)), default=None)
        self.last = max(filter(None, (self.last, other.last)), default=None)
        self.series |= other.series


def holdings(dataset: Dataset) -> list[Holdings]:
    """One a node. Raises Mistake if a file is broken."""
    nodes: dict[str, Holdings] = {}
    for file in dataset.files():
        nodes.setdefault(file.node, Holdings(file.node)).add(_of_file(file))
    return list(nodes.values())


def absences(dataset: Dataset) -> dict[str, Counter[str]]:
    """Seconds without a sample by reason, of each node that has any, as dataset.json says."""
    counted = {name: Counter[str]() for name in sorted(dataset.about["nodes"])}
    for name, reasons in counted.items():
        for absent in dataset.about["nodes"][name].get("absent", ()):
            reasons[absent["reason"]] += absent["seconds"]
    return {name: reasons for name, reasons in counted.items() if reasons}


def total(parts: Iterable[Holdings]) -> Holdings:
    """All nodes together."""
    whole = Holdings("all")
    for part in parts:
        whole.add(part)
    return whole


def _of_file(file: HourPath) -> Holdings:
    try:
        metadata = hour_file.metadata(file.path)
    except OSError as error:
        raise Mistake(str(error)) from None
    group = metadata.row_group(0)
    columns = [group.column(index) for index in range(group.num_columns)]
    time = columns[0].statistics
    said = metadata.metadata or {}
    return Holdings(
        node=file.node,
        files=1,
        rows=metadata.num_rows,
        samples=int(said.get(SAMPLES.encode(), 0)),
        values=int(said.get(VALUES.encode(), 0)),
        data_bytes=sum(column.total_compressed_size for column in columns),
        file_bytes=file.path.stat().st_size,
        first=int(time.min.timestamp()),
        last=int(time.max.timestamp()),
        series={field.name for field in metadata.schema.to_arrow_schema() if is_series(field)},
    )

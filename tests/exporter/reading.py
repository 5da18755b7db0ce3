"""Asks one source for its values, or for the reason why it has none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from exporter.host import Host
from exporter.source import Absent, Number, Reader, Series, Source, Taken, Value


def host(tree: Path, **options: Any) -> Host:
    """The machine whose files are below ``tree``. ``options`` are ``root_sensors`` and sources' flags by name."""
    root_sensors = options.pop("root_sensors", True)
    return Host(tree / "sys", tree / "proc", tree / "dev", root_sensors=root_sensors, options=options)


def found(source: Source, host: Host) -> Reader:
    """The source's reader; it must be there."""
    reader = source.find(host)
    assert not isinstance(reader, Absent), reader.reason
    return reader


def absent(source: Source, tree: Path) -> str:
    """Why the machine has nothing of the source; there must be nothing."""
    answer = source.find(host(tree))
    assert isinstance(answer, Absent), answer.found
    return answer.reason


def values_by_series(source: Source, tree: Path) -> dict[str, Number]:
    """All values of a source, by their series as text."""
    with closing(found(source, host(tree))) as reader:
        return by_series(reader.read())


def by_series(read: Iterable[Value] | Taken) -> dict[str, Number]:
    """Values by their series as text; no series may be there twice."""
    values = listed(read)
    named = {text(series): number for series, number in values}
    assert len(named) == len(values)
    return named


def listed(read: Iterable[Value] | Taken) -> Sequence[Value]:
    """What a reader read, whichever way it gave it."""
    return read.values if isinstance(read, Taken) else list(read)


def text(series: Series) -> str:
    """A series as PromQL writes it."""
    labels = ",".join(f'{name}="{value}"' for name, value in series.labels)
    return f"{series.family.name}{{{labels}}}" if labels else series.family.name

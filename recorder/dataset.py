"""The folder that a recording is written into: one file per node and hour, dataset.json, and the lock.

``DIR/node=ares/date=2026-11-23/14.parquet``, and ``_14.extra.parquet`` beside it if a second brought two samples;
``DIR/dataset.json``; ``DIR/.journal/`` (docs/formats/dataset.md).
"""

from __future__ import annotations

import json
import platform
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple

import filelock
import pyarrow as pa
import pyarrow.parquet as pq

from . import columns, hour_file
from .durable import write_json
from .mistakes import Mistake

FORMAT = "driftscope-dataset-1"
HOUR = 3600
_PATH = re.compile(r"node=([^/]+)/date=(\d{4}-\d\d-\d\d)/(\d\d)\.parquet")


class HourPath(NamedTuple):
    """A file of the dataset: ``hour`` is its first second, in seconds since 1970."""

    node: str
    hour: int
    path: Path


@dataclass
class Dataset:
    """An open dataset. ``about`` is the content of dataset.json."""

    folder: Path
    about: dict[str, Any] = field(default_factory=dict[str, Any])
    lock: filelock.BaseFileLock | None = None
    _mutex: threading.RLock = field(default_factory=threading.RLock)

    @classmethod
    def read(cls, folder: Path) -> Dataset:
        """A dataset to look into. Raises Mistake if there is none."""
        try:
            about = json.loads((folder / "dataset.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            raise Mistake(f"{folder} is not a dataset: it has no dataset.json") from None
        except (OSError, ValueError) as error:
            raise Mistake(f"{folder / 'dataset.json'}: {error}") from None
        format = about.get("format") if isinstance(about, dict) else None
        if format != FORMAT:
            raise Mistake(f"{folder}: written in format {format!r}; this version reads {FORMAT!r}")
        return cls(folder, about)

    @classmethod
    def open(cls, folder: Path) -> Dataset:
        """A dataset to write into: a new one, or one to go on with; nobody else writes into it meanwhile.

        Raises Mistake if the folder holds something else, cannot be written, or is being written into.
        """
        try:
            strangers = folder.exists() and any(folder.iterdir()) and not (folder / "dataset.json").exists()
            if strangers and not (folder / ".journal").exists():
                raise Mistake(f"{folder} is neither empty nor a dataset; choose another folder")
            (folder / ".journal").mkdir(parents=True, exist_ok=True)
            lock = filelock.FileLock(folder / ".journal" / "lock", timeout=0)
            lock.acquire()
        except filelock.Timeout:
            raise Mistake(f"{folder}: another recorder is writing into this dataset") from None
        except OSError as error:
            raise Mistake(f"{folder} cannot be written: {error.strerror}") from None
        if not (folder / "dataset.json").exists():
            return cls(folder, {"format": FORMAT, "runs": [], "nodes": {}, "fractional": []}, lock)
        dataset = cls.read(folder)
        return replace(dataset, lock=lock)

    def close(self) -> None:
        """Let others write into it."""
        if self.lock:
            self.lock.release()

    @property
    def journal(self) -> Path:
        """Where the journal is."""
        return self.folder / ".journal"

    def save(self) -> None:
        """Write dataset.json."""
        with self._mutex:
            write_json(self.folder / "dataset.json", self.about)

    def describe_node(self, name: str, inventories: Mapping[str, Any], **facts: Any) -> None:
        """Note what a node said of itself, by the epoch of its samples, and further facts (docs/formats)."""
        with self._mutex:
            node = self._node(name)
            node["inventories"].update(inventories)
            node.update(facts)

    def _node(self, name: str) -> dict[str, Any]:
        new = {"inventories": {}, "extra": 0, "failures": {}, "complaints": {}}
        return self.about["nodes"].setdefault(name, new)

    def begin_run(self, nodes: dict[str, str]) -> dict[str, Any]:
        """Note that a recording begins, of these nodes at these addresses. Raises Mistake if that cannot be written."""
        versions = {name: version(name) for name in ("driftscope", "pyarrow", "requests")}
        run = {
            "started": text_of(int(time.time())),
            "ended": None,
            "versions": {**versions, "python": platform.python_version()},
            "nodes": nodes,
        }
        self.about["runs"].append(run)
        for name in nodes:
            self._node(name)
        try:
            self.save()
        except OSError as error:
            raise Mistake(f"{self.folder} cannot be written: {error.strerror}") from None
        return run

    def end_run(self, run: dict[str, Any], stepped: int) -> None:
        """Note that a recording ended, and by how many nanoseconds its clock was set while it ran."""
        run["ended"], run["clock_stepped_ns"] = text_of(int(time.time())), stepped

    def hour_path(self, node: str, hour: int) -> Path:
        """The file of a node's hour, whether it exists or not."""
        begin = datetime.fromtimestamp(hour, timezone.utc)
        return self.folder / f"node={node}" / f"date={begin:%Y-%m-%d}" / f"{begin:%H}.parquet"

    def files(self) -> Iterator[HourPath]:
        """All files, by node and time."""
        for path in sorted(self.folder.glob("node=*/date=*/[0-9][0-9].parquet")):
            if match := _PATH.fullmatch(path.relative_to(self.folder).as_posix()):
                begin = datetime.fromisoformat(match[2]).replace(tzinfo=timezone.utc) + timedelta(hours=int(match[3]))
                yield HourPath(match[1], int(begin.timestamp()), path)

    def write_hour(self, hour: int, samples: Mapping[str, Callable[[], pa.Table]], seconds: Collection[int]) -> None:
        """Write an hour: what the files of its nodes have already, and new samples, which are at ``seconds``.

        ``samples`` makes a node's table when it is that node's turn, so that one node at a time is in memory. All files
        of the hour get the same first and last second, so that row k of each is the same second. A node without any
        sample gets a file without any, so that its absence is seen.
        """
        paths = {node: self.hour_path(node, hour) for node in {*self.about["nodes"], *samples}}
        there = {node: hour_file.span(path) for node, path in paths.items() if path.exists()}
        ends = [*seconds, *(second for span in there.values() for second in span)]
        if not ends:
            return
        span = min(ends), max(ends)
        for node in sorted({*there, *samples}):
            if node in samples or there[node] != span:
                self._write_file(node, paths[node], samples.get(node, hour_file.empty)(), span)

    def _write_file(self, node: str, path: Path, samples: pa.Table, span: tuple[int, int]) -> None:
        parts = [hour_file.read(path), samples] if path.exists() else [samples]
        table, extra = hour_file.merge(parts)
        if extra.num_rows:
            self._write_extra(path, node, extra)
        hour_file.write(path, self._settle(hour_file.on_grid(table, *span)))

    def _write_extra(self, path: Path, node: str, extra: pa.Table) -> None:
        """Keep samples whose second was taken, beside the file."""
        path = hour_file.extra_path(path)
        parts = [hour_file.read_rows(path)] if path.exists() else []
        one, more = hour_file.merge([*parts, extra])  # which leaves out what is there already
        together = self._settle(columns.joined([one, more]).sort_by("time"))
        hour_file.write(path, together)
        with self._mutex:
            others = path.parents[1].glob("date=*/_*.extra.parquet")
            self._node(node)["extra"] = sum(hour_file.metadata(other).num_rows for other in others)

    def _settle(self, table: pa.Table) -> pa.Table:
        """Columns in this dataset's types. A count that turns out to be fractional is so in all files."""
        table, newly = columns.settled(table, self.about["fractional"])
        if newly:
            with self._mutex:
                self.about["fractional"] = sorted({*self.about["fractional"], *newly})
            # Not before all files are float64 does dataset.json say so: a crash on the way is mended by doing it again.
            self._recast(newly)
            self.save()
        return table

    def _recast(self, names: Iterable[str]) -> None:
        for file in self.files():
            schema = pq.read_schema(file.path)
            if any(name in schema.names and schema.field(name).type != pa.float64() for name in names):
                table, _ = columns.settled(hour_file.read_rows(file.path), self.about["fractional"])
                hour_file.write(file.path, table)


def text_of(second: int) -> str:
    """A second since 1970 as people write it in UTC: ``2026-11-23T14:05:09Z``."""
    return datetime.fromtimestamp(second, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")

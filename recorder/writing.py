"""From the journal into the dataset: writes hours when they are due, and notes in dataset.json what is there.

An hour that is over is written once nothing more comes for it. What comes later is collected and the file is written
anew, whole: merged with what it has.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import pyarrow as pa

from . import hour_file, hours, received
from .dataset import Dataset, text_of
from .hours import Hours, Kept
from .journal import Journal, Position, Segment, Stored, segments
from .missing import REASONS
from .node import Node
from .ranges import Ranges
from .received import Received
from .stretch import Stretch, absences, sequences
from .troubles import Troubles

log = logging.getLogger("driftscope.recorder")


class Writing:
    """Writes what is added. Parquet is written in a thread of its own, all else in the caller's."""

    def __init__(self, dataset: Dataset, nodes: Mapping[str, Node], troubles: Troubles) -> None:
        self.hours = Hours()
        self._dataset, self._nodes, self._troubles = dataset, nodes, troubles
        self._rows: dict[str, dict[int, list[Stretch]]] = {name: {} for name in nodes}
        self._extra: dict[str, dict[int, list[Stretch]]] = {name: {} for name in nodes}
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._under_way: Future[None] | None = None

    def recover(self) -> None:
        """Take up what is in the dataset, and in the journal of a recorder before us."""
        self._recall()
        for number in segments(self._dataset.journal):
            segment = Segment(self._dataset.journal, number)
            count = 0
            for position, stored in segment.replay():
                self.hours.add(position, stored)
                if stored.node in self._nodes:
                    self._nodes[stored.node].keep(stored)
                count += 1
            segment.close()
            if count:
                log.info("recovered %d samples from %s", count, segment.path)
            else:
                segment.path.unlink()

    def _recall(self) -> None:
        """Tell the nodes what of them is in the dataset."""
        for name, node in self._nodes.items():
            for epoch, gone in self._dataset.about["nodes"].get(name, {}).get("gone", {}).items():
                for reason in REASONS:
                    node.missing.gone[epoch][reason] = Ranges(gone.get(reason, ()))
        for file in self._dataset.files():
            if file.node in self._nodes:
                try:
                    for there in self._look(file.node, file.hour):
                        self._nodes[file.node].recall(there)
                except OSError as error:
                    log.warning("%s", error)

    def add(self, samples: Iterable[tuple[Position, Stored]]) -> None:
        """Collect samples that are in the journal."""
        for position, stored in samples:
            self.hours.add(position, stored)

    def begin(self, now: int, journal: Journal) -> None:
        """Begin to write the hours that are due at this time, in seconds since 1970."""
        if self._under_way is None or self._under_way.done():
            due = self.hours.due(now)
            if due:
                self._under_way = self._executor.submit(self._write, due, journal)

    def finish(self, journal: Journal) -> None:
        """Write all hours."""
        self._executor.shutdown()
        journal.rotate()
        self._write(sorted(self.hours.open), journal)

    def save(self) -> None:
        """Write dataset.json."""
        try:
            for name, node in self._nodes.items():
                self._dataset.describe_node(name, node.inventories, **self._facts(name, node))
            self._dataset.save()
        except OSError as error:
            if not str(self._troubles):
                about = self._dataset.folder / "dataset.json"
                self._troubles.begin("Parquet", f"cannot write {about}: {error.strerror}")

    def _write(self, due: list[int], journal: Journal) -> None:
        """Write hours into Parquet; what fails stays in the journal."""
        failed = False
        for hour in due:
            taken = self.hours.take(hour)
            try:
                self._write_hour(hour, taken)
            except OSError as error:
                self.hours.give_back(hour, taken)
                what = f"cannot write {self._dataset.folder}: {error.strerror or error}; it stays in the journal"
                self._troubles.begin("Parquet", what)
                failed = True
                continue
            self.hours.written(taken)
        if not failed:
            self._troubles.end("Parquet")
        for segment in self.hours.free(journal.segment):
            journal.remove(segment)
        self.save()

    def _write_hour(self, hour: int, taken: dict[str, list[Kept]]) -> None:
        samples: dict[str, Callable[[], pa.Table]] = dict.fromkeys(self._nodes, hour_file.empty)
        for name, kept in taken.items():
            samples[name] = partial(hours.table, self._dataset.journal, name, kept)
        self._dataset.write_hour(hour, samples, {one.second for kept in taken.values() for one in kept})
        for name in self._nodes:
            self._look(name, hour)

    def _look(self, name: str, hour: int) -> list[Received]:
        """Note what the files of a node's hour hold."""
        path = self._dataset.hour_path(name, hour)
        found = [received.of_file(one) for one in (path, hour_file.extra_path(path)) if one.exists()]
        self._rows[name][hour] = found[0].stretches
        self._extra[name][hour] = [stretch for one in found[1:] for stretch in one.stretches]
        return found

    def _facts(self, name: str, node: Node) -> dict[str, Any]:
        """What dataset.json says of a node (docs/formats/dataset.md)."""
        rows, extra = (
            [one for _, some in sorted(of[name].items()) for one in some] for of in (self._rows, self._extra)
        )
        gone = node.missing.lost()
        return {
            "samples": sum(one.last - one.first + 1 for one in rows if one.present),
            "epochs": {epoch: [*there] for epoch, there in sequences([*rows, *extra]).items()},
            "gone": {epoch: {reason: [*there] for reason, there in of.items()} for epoch, of in gone.items()},
            "absent": [
                {
                    "first": text_of(one.first),
                    "last": text_of(one.last),
                    "seconds": one.last - one.first + 1,
                    "reason": one.reason,
                }
                for one in absences(rows, gone)
            ],
            "duplicates": node.duplicates,
            "failures": dict(node.failures),
            "complaints": dict(node.complaints),
        }

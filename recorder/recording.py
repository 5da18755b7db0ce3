"""A recording while it runs: collects what the scrapers bring, makes it durable once a second, closes the hours.

One thread, the main one, places, journals and counts; each scraper has a thread, and one more writes Parquet. Nothing
that a node does or says ends a recording, and neither does a full disk: it is counted, shown, and tried again.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from queue import Empty, SimpleQueue
from typing import Any

import pyarrow as pa

from . import hour_file, hours, wire
from .dataset import HOUR, Dataset
from .dataset import now as now_text
from .grid import Grid
from .hours import Hours, Kept
from .journal import Journal, JournalFullError, Position, Segment, Stored, segments
from .scrape import Described, Failed, Outcome, Scraped, Scraper
from .targets import Target

log = logging.getLogger("driftscope.recorder")

SECOND = 1_000_000_000
LATE = 10
"""Seconds after an hour's end at which it is written; what comes later is merged into the file."""


@dataclass
class Node:
    """One node of the recording, as people want to see it."""

    target: Target
    grid: Grid = field(default_factory=Grid)
    samples: int = 0
    missed: int = 0
    """Samples that the node made and we never saw, by its sequence."""
    series: int = 0
    last: Scraped | None = None
    failing: Failed | None = None
    inventories: dict[str, Any] = field(default_factory=dict)
    failures: Counter[str] = field(default_factory=Counter)
    complaints: Counter[str] = field(default_factory=Counter)

    @property
    def state(self) -> str:
        """In a word or a few: waiting, recording, or why not."""
        if self.failing:
            return "".join(filter(str.isprintable, self.failing.detail))  # a node may answer in escape codes
        return "recording" if self.samples else "waiting"

    def count(self, scraped: Scraped) -> None:
        """Count a sample that was placed."""
        before = self.last and wire.meaning(self.last.page.layout).sample(self.last.page)
        sample = wire.meaning(scraped.page.layout).sample(scraped.page)
        if before and sample and before[0] == sample[0]:
            self.missed += max(0, sample[1] - before[1] - 1)
        self.samples += 1
        self.series = len(scraped.page.values)
        self.last = scraped


class Recording:
    """Records ``targets`` into ``dataset``. ``start``, then ``turn`` about once a second, then ``finish``."""

    def __init__(self, targets: Iterable[Target], dataset: Dataset) -> None:
        self.dataset = dataset
        self.nodes = {target.node: Node(target) for target in targets}
        self._troubles: dict[str, str] = {}
        self._hours = Hours()
        self._recover()
        self.journal = Journal(dataset.journal)
        self._inbox: SimpleQueue[Outcome] = SimpleQueue()
        self._uncommitted: list[tuple[Position, Stored]] = []
        self._scrapers = [Scraper(node.target, self._inbox.put) for node in self.nodes.values()]
        self._writing: Future[None] | None = None
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="parquet")
        self._journal_hour = time.time() // HOUR
        self._run = dataset.begin_run({name: node.target.base for name, node in self.nodes.items()})

    @property
    def trouble(self) -> str:
        """Why samples cannot be made durable or written at the moment; empty if they can."""
        return "; ".join(list(self._troubles.values()))

    def start(self) -> None:
        """Begin to ask all nodes, with the next whole second, so that all of them are asked in the first one."""
        begin = _next_second()
        for scraper in self._scrapers:
            scraper.start(begin)

    def turn(self) -> None:
        """Take in what has come, make it durable, and write the hours that are over."""
        self._take_in()
        self._commit()
        over = [hour for hour in list(self._hours.open) if hour + HOUR + LATE <= time.time()]
        if over and (self._writing is None or self._writing.done()):
            self._writing = self._executor.submit(self._write, sorted(over))
        if time.time() // HOUR != self._journal_hour:
            self._journal_hour = time.time() // HOUR
            self.journal.rotate()

    @property
    def unsaved(self) -> int:
        """Samples that only memory holds."""
        return len(self._uncommitted)

    def finish(self) -> bool:
        """Stop asking with the end of this second, and write everything; whether all received is in Parquet."""
        end = _next_second()
        for scraper in self._scrapers:
            scraper.stop(end)
        for scraper in self._scrapers:
            scraper.join()
        self._take_in()
        self._commit()
        self._executor.shutdown()
        self.journal.rotate()
        self._write(sorted(self._hours.open))
        self._run["ended"] = now_text()
        self._save()
        return not self._hours.open and not self.unsaved

    def _recover(self) -> None:
        """Take up what a recorder before us received and did not write."""
        for number in segments(self.dataset.journal):
            segment = Segment(self.dataset.journal, number)
            count = 0
            for position, stored in segment.replay():
                self._hours.add(position, stored)
                count += 1
            segment.close()
            if count:
                log.info("recovered %d samples from %s", count, segment.path)
            else:
                segment.path.unlink()

    def _take_in(self) -> None:
        while True:
            try:
                outcome = self._inbox.get_nowait()
            except Empty:
                return
            node = self.nodes[outcome.target.node]
            if isinstance(outcome, Failed):
                node.failures[outcome.reason] += 1
                node.failing = outcome
            elif isinstance(outcome, Described):
                node.inventories[outcome.epoch] = outcome.inventory
            else:
                node.failing = None
                self._place(node, outcome)

    def _place(self, node: Node, scraped: Scraped) -> None:
        node.complaints.update(scraped.page.complaints)
        second = node.grid.place(scraped)
        if second is None:
            return
        stored = Stored(node.target.node, second, scraped.offset, scraped.page)
        try:
            self._uncommitted.append((self.journal.append(stored), stored))
        except JournalFullError as full:
            node.failures["disk full"] += 1
            self._in_trouble("memory", f"samples are lost: {full}")
            return
        node.count(scraped)

    def _commit(self) -> None:
        try:
            self.journal.commit()
        except OSError as error:
            self._in_trouble("journal", f"{self.dataset.journal} takes nothing: {error.strerror}; will try again")
            return
        if self._uncommitted:
            self._over("memory", "journal")
        for position, stored in self._uncommitted:
            self._hours.add(position, stored)
        self._uncommitted.clear()

    def _write(self, over: list[int]) -> None:
        """Write hours into Parquet; what fails stays in the journal."""
        for hour in over:
            taken = self._hours.take(hour)
            try:
                self._write_hour(hour, taken)
            except OSError as error:
                self._hours.give_back(hour, taken)
                what = f"cannot write {self.dataset.folder}: {error.strerror or error}; it stays in the journal"
                self._in_trouble("Parquet", what)
                continue
            self._hours.written(taken)
            self._over("Parquet")
        for segment in self._hours.free(self.journal.segment):
            self.journal.remove(segment)
        self._save()

    def _write_hour(self, hour: int, taken: dict[str, list[Kept]]) -> None:
        samples: dict[str, Callable[[], pa.Table]] = dict.fromkeys(self.nodes, hour_file.empty)
        for name, kept in taken.items():
            samples[name] = partial(hours.table, self.dataset.journal, name, kept)
        self.dataset.write_hour(hour, samples, {one.second for kept in taken.values() for one in kept})

    def _save(self) -> None:
        try:
            for name, node in self.nodes.items():
                self.dataset.describe_node(name, node.inventories, node.failures, node.complaints)
            self.dataset.save()
        except OSError as error:
            if not self.trouble:
                self._in_trouble("Parquet", f"cannot write {self.dataset.folder / 'dataset.json'}: {error.strerror}")

    def _in_trouble(self, about: str, what: str) -> None:
        """Say what is wrong, once."""
        if self._troubles.get(about) != what:
            log.error("%s", what)
        self._troubles[about] = what

    def _over(self, *abouts: str) -> None:
        """Say that a trouble is over, if there was one."""
        if [about for about in abouts if self._troubles.pop(about, None)] and not self._troubles:
            log.info("samples are being written again")


def _next_second() -> int:
    """The next whole second of our clock, in nanoseconds since 1970."""
    return (time.time_ns() // SECOND + 1) * SECOND

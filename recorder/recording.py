"""A recording while it runs: collects what comes, makes it durable once a second, writes the hours.

One thread, the main one, places, journals and counts; each scraper has a thread, the healer has a few, and one more
writes Parquet. Nothing that a node does or says ends a recording, and neither does a full disk: it is counted, shown,
and tried again.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from queue import Empty, SimpleQueue
from typing import TypeVar

from .dataset import HOUR, Dataset
from .healing import Healed, Healer, Unhealed
from .journal import Journal, JournalFullError, Position, Stored
from .node import Node
from .reference import Reference
from .scrape import Described, Failed, Outcome, Scraper
from .targets import Target
from .troubles import Troubles
from .writing import Writing

log = logging.getLogger("driftscope.recorder")

Item = TypeVar("Item")

SECOND = 1_000_000_000
TURN = 0.5
"""Seconds of a turn in which samples out of histories are taken in; the rest is for what comes live."""

PATIENCE = 10.0
"""Seconds without a sample after which, at the end, no more is expected from the histories."""


class Recording:
    """Records ``targets`` into ``dataset``. ``start``, then ``turn`` about once a second, then ``finish``."""

    def __init__(self, targets: Iterable[Target], dataset: Dataset) -> None:
        self.dataset = dataset
        self.clock = Reference()
        self.nodes = {target.node: Node(target) for target in targets}
        self._troubles = Troubles()
        self.writing = Writing(dataset, self.nodes, self._troubles)
        self.writing.recover()
        self.journal = Journal(dataset.journal)
        self._inbox: SimpleQueue[Outcome] = SimpleQueue()
        self._healed: SimpleQueue[Healed | Unhealed] = SimpleQueue()
        self._uncommitted: list[tuple[Position, Stored]] = []
        self._scrapers = [Scraper(node.target, self._inbox.put, self.clock) for node in self.nodes.values()]
        self.healer = Healer(self._healed.put)
        self._journal_hour = self.clock.now() // SECOND // HOUR
        self._run = dataset.begin_run({name: node.target.base for name, node in self.nodes.items()})

    @property
    def trouble(self) -> str:
        """Why samples cannot be made durable or written at the moment; empty if they can."""
        return str(self._troubles)

    @property
    def unsaved(self) -> int:
        """Samples that only memory holds."""
        return len(self._uncommitted)

    def start(self) -> None:
        """Begin to ask all nodes, with the next whole second, so that all of them are asked in the first one."""
        begin = self._next_second()
        for scraper in self._scrapers:
            scraper.start(begin)
        self.healer.start((node.target, node.missing) for node in self.nodes.values())

    def turn(self) -> None:
        """Take in what has come, make it durable, and write the hours that are over."""
        self._take_in()
        self._take_in_healed()
        self._commit()
        now = self.clock.now() // SECOND
        self.writing.begin(now, self.journal)
        if now // HOUR != self._journal_hour:
            self._journal_hour = now // HOUR
            self.journal.rotate()

    def finish(self) -> bool:
        """Stop asking with the end of this second, and write everything; whether all received is in Parquet."""
        end = self._next_second()
        for scraper in self._scrapers:
            scraper.stop(end)
        for scraper in self._scrapers:
            scraper.join()
        self._heal_the_rest()
        self.healer.stop()
        self.turn()
        self.writing.finish(self.journal)
        self.dataset.end_run(self._run, self.clock.stepped)
        self.writing.save()
        return not self.writing.hours.open and not self.unsaved

    def _heal_the_rest(self) -> None:
        """Fetch what was missed, as long as something comes."""
        expected = [name for name, node in self.nodes.items() if not node.failing]
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            before = self._healed_so_far()
            self.turn()
            if self._healed_so_far() > before:
                deadline = time.monotonic() + PATIENCE
            elif not any(self.healer.open(name) for name in expected):
                return
            time.sleep(0.1)

    def _healed_so_far(self) -> int:
        return sum(node.healed for node in self.nodes.values())

    def _take_in(self) -> None:
        for outcome in _queued(self._inbox):
            node = self.nodes[outcome.target.node]
            if isinstance(outcome, Failed):
                node.failures[outcome.reason] += 1
                node.failing = outcome
            elif isinstance(outcome, Described):
                node.inventories[outcome.epoch] = outcome.inventory
            else:
                if node.failing:
                    self.healer.back(outcome.target.node)
                node.failing = None
                node.complaints.update(outcome.page.complaints)
                self._keep(node, node.place(outcome))

    def _take_in_healed(self) -> None:
        begin = time.monotonic()
        for healed in _queued(self._healed):
            node = self.nodes[healed.target.node]
            if isinstance(healed, Unhealed):
                node.failures[f"history: {healed.reason}"] += 1
                continue
            for sequence, page in healed.samples.items():
                node.complaints.update(page.complaints)
                node.healed += self._keep(node, node.place_healed(healed.epoch, sequence, page))
            self.healer.taken_in(healed)
            if time.monotonic() - begin > TURN:
                return

    def _keep(self, node: Node, stored: Stored | None) -> bool:
        """Put a sample into the journal; whether it is there."""
        if stored is None:
            return False
        try:
            self._uncommitted.append((self.journal.append(stored), stored))
        except JournalFullError as full:
            node.failures["disk full"] += 1
            node.missing.ask_again()
            self._troubles.begin("memory", f"no more samples are kept: {full}")
            return False
        node.keep(stored)
        node.samples += 1
        return True

    def _commit(self) -> None:
        try:
            self.journal.commit()
        except OSError as error:
            what = f"{self.dataset.journal} takes nothing: {error.strerror}; will try again"
            self._troubles.begin("journal", what)
            return
        if self._uncommitted:
            self._troubles.end("memory", "journal")
        self.writing.add(self._uncommitted)
        self._uncommitted = []

    def _next_second(self) -> int:
        """The next whole second of our clock, in nanoseconds since 1970."""
        return (self.clock.now() // SECOND + 1) * SECOND


def _queued(queue: SimpleQueue[Item]) -> Iterator[Item]:
    """What is in a queue at this moment, one by one."""
    while True:
        try:
            yield queue.get_nowait()
        except Empty:
            return

"""Which of a node's samples we do not have, which of those to ask for next, and which are gone for good.

A sample is identified by its node, its epoch and its sequence. The node's history only knows the present epoch, so
only in that one samples are asked for; what was missing in an earlier one is lost with its history.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from typing import Literal, get_args

from .history import Answer
from .ranges import Range, Ranges

Reason = Literal["never sampled", "history expired", "history lost"]
REASONS: tuple[Reason, ...] = get_args(Reason)


class Missing:
    """The numbers of one node. One thread adds what has come, another asks for what is missing."""

    def __init__(self) -> None:
        self.received: defaultdict[str, Ranges] = defaultdict(Ranges)
        """By epoch: what is in the journal or in the dataset."""
        self.gone: defaultdict[str, dict[Reason, Ranges]] = defaultdict(_nothing_gone)
        """By epoch: what the history does not hold, and why."""
        self.epoch: str | None = None
        """The present numbering; None until the node has answered."""
        self._begin = self._newest = 0
        self._settled = Ranges()  # in the present epoch: received, on its way, or gone
        self._oldest_is_next = False
        self._mutex = threading.Lock()

    def has(self, epoch: str, sequence: int) -> bool:
        """Whether the sample was received."""
        return epoch in self.received and sequence in self.received[epoch]

    def add(self, epoch: str, first: int, last: int | None = None) -> None:
        """Note a sample, or many with consecutive numbers, as received."""
        with self._mutex:
            self.received[epoch].add(first, last)
            if epoch == self.epoch:
                self._settled.add(first, last)

    def seen(self, epoch: str, sequence: int) -> None:
        """Note the number of the sample that the node has at this moment: all before it, and since we began, exist."""
        with self._mutex:
            if epoch != self.epoch:
                self._note("history lost", Range(self._begin, self._newest))
                self.gone[epoch]["history lost"] = Ranges()  # of a node that comes back under its name
                earlier = [other for other, there in self.received.items() if there and other != epoch]
                held = self.received[epoch].first
                first = sequence if held is None else min(held, sequence)
                self._begin = min(1, first) if earlier else first
                self.epoch, self._newest = epoch, sequence
                self._settle()
            self._newest = max(self._newest, sequence)

    def begins_at(self, sequence: int) -> None:
        """Ask for nothing before this number of the present epoch."""
        with self._mutex:
            self._begin = max(self._begin, sequence)

    def ask_again(self) -> None:
        """Forget what is on its way: it could not be kept."""
        with self._mutex:
            self._settle()

    @property
    def open(self) -> int:
        """How many samples of the present epoch are neither received, nor on their way, nor gone."""
        with self._mutex:
            return sum(hole.length for hole in self._holes())

    @property
    def complete(self) -> bool:
        """Whether none is open."""
        with self._mutex:
            return self.epoch is None or self._settled.covers(self._begin, self._newest)

    def next(self, limit: int) -> tuple[int, int] | None:
        """What to ask for: samples after a number, and how many; None if nothing is missing.

        The oldest and the newest in turn: the oldest expire first, the newest are what people look at.
        """
        with self._mutex:
            holes = self._holes()
            if not holes:
                return None
            self._oldest_is_next = not self._oldest_is_next
            hole = holes[0 if self._oldest_is_next else -1]
            many = min(limit, hole.length)
            return (hole.first - 1 if self._oldest_is_next else hole.last - many), many

    def answered(self, after: int, answer: Answer) -> list[int]:
        """Note what the node answered; which of the samples in it were missing and are on their way now."""
        with self._mutex:
            if answer.epoch != self.epoch:  # the next page will have the new numbering
                return []
            if answer.oldest is not None:
                self._note("history expired", Range(self._begin, min(answer.oldest - 1, self._newest)))
            ours = [sequence for sequence in answer.samples if self._begin <= sequence <= self._newest]
            new = [sequence for sequence in ours if sequence not in self._settled]
            for sequence in new:
                self._settled.add(sequence)
            if answer.samples:
                last = min(max(answer.samples), self._newest)
                self._note("never sampled", Range(max(after + 1, self._begin), last))
            return new

    def lost(self) -> dict[str, dict[Reason, Ranges]]:
        """A copy of what is gone: by epoch and reason, without those for which nothing is."""
        with self._mutex:
            return {
                epoch: {reason: Ranges(ranges) for reason, ranges in reasons.items() if len(ranges)}
                for epoch, reasons in self.gone.items()
                if any(map(len, reasons.values()))
            }

    def _holes(self) -> list[Range]:
        return [] if self.epoch is None else list(self._settled.gaps(self._begin, self._newest))

    def _note(self, reason: Reason, between: Range) -> None:
        """What is not settled in a range is gone."""
        if self.epoch is None:
            return
        for gap in list(self._settled.gaps(*between)):
            self.gone[self.epoch][reason].add(*gap)
            self._settled.add(*gap)

    def _settle(self) -> None:
        epoch = self.epoch or ""
        self._settled = Ranges([*self.received[epoch], *(one for gone in self.gone[epoch].values() for one in gone)])


def _nothing_gone() -> dict[Reason, Ranges]:
    return {reason: Ranges() for reason in REASONS}

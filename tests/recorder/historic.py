"""A node of ours with a history, served by a real HTTP server as its contract says, from a list of samples."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from tests.recorder.samples import SECOND, node_page
from tests.recorder.servers import OPENMETRICS, Question


@dataclass(frozen=True)
class Taken:
    """One sample as the node took it: its number, its clocks in nanoseconds, and more lines of its page."""

    sequence: int
    realtime: int
    raw: int
    more: str = ""
    epoch: str = "e1"

    @property
    def page(self) -> str:
        """The page that /metrics would have been."""
        return node_page(self.sequence, self.realtime, self.raw, self.epoch, self.more)


def history_text(samples: Iterable[Taken]) -> str:
    """Samples transposed, as OpenMetrics wants them: all points of a series together."""
    comments: dict[str, None] = {}
    points: defaultdict[str, list[str]] = defaultdict(list)
    for sample in samples:
        stamp = f"{sample.realtime // SECOND}.{sample.realtime % SECOND:09}"
        for line in sample.page.splitlines():
            if line.startswith("#"):
                comments[line] = None
            else:
                points[line.rpartition(" ")[0]].append(f"{line} {stamp}")
    return "\n".join((*comments, *(line for lines in points.values() for line in lines), "# EOF\n"))


@dataclass
class HistoricNode:
    """Answers /metrics with the sample that is the newest now, and /history with those that it holds.

    ``taken`` may grow while it runs; ``oldest`` is the first number still held; ``spoil`` changes a body.
    """

    taken: list[Taken]
    oldest: int = 1
    ahead: int = 0
    largest: int = 600
    up: threading.Event = field(default_factory=threading.Event)
    spoil: Callable[[str], str] = str
    questions: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])

    def __call__(self, question: Question) -> None:
        """One answer."""
        parts = urlsplit(question.path)
        if parts.path == "/inventory":
            question.say("{}")
        elif parts.path == "/metrics":
            now = str(time.time_ns() + self.ahead)
            question.say(self.taken[-1].page, Driftscope_Realtime_Nanoseconds=now)
        else:
            asked = parse_qs(parts.query)
            self.say_history(question, int(asked["after"][0]), int(asked["limit"][0]))

    def say_history(self, question: Question, after: int, limit: int) -> None:
        """The samples after a number, as the contract has it."""
        self.questions.append((after, limit))
        epoch = self.taken[-1].epoch
        held = [one for one in self.taken if one.epoch == epoch and one.sequence >= self.oldest]
        told: list[Taken] = []
        for one in held:
            if one.sequence > after and len(told) < min(limit, self.largest):
                if told and one.realtime <= told[-1].realtime:
                    break
                told.append(one)
        headers = {"Driftscope_Sample_Epoch": epoch}
        if held:
            headers |= {"Driftscope_Sample_Oldest": str(held[0].sequence)}
            headers |= {"Driftscope_Sample_Newest": str(held[-1].sequence)}
        question.say(self.spoil(history_text(told)), OPENMETRICS, 200, **headers)


def ticking(first: int, last: int, begin: int, ahead: int = 0, epoch: str = "e1") -> list[Taken]:
    """Samples ``first`` to ``last``, one a second; number 0 would be at the second ``begin`` of our clock."""
    late = 200_000
    return [
        Taken(number, (begin + number) * SECOND + ahead + late, (number + 7) * SECOND + late, f"v {number}\n", epoch)
        for number in range(first, last + 1)
    ]

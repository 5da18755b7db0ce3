"""A short look at every node before a recording: what each says in some seconds, kept as it came.

It is asked in the same way, by the same threads, as a recording would: what goes wrong there goes wrong here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from . import wire
from .node_clock import Offset
from .parse import Page
from .reference import Reference
from .scrape import Described, Outcome, Scraped, Scraper
from .targets import Target


@dataclass
class Look:
    """What one node said: its pages in order, its best-bounded offset, its inventory, and what went wrong at last."""

    target: Target
    pages: list[Page] = field(default_factory=list)
    offset: Offset | None = None
    inventory: dict[str, Any] | None = None
    failure: str = ""

    def note(self, outcome: Outcome) -> None:
        """Keep what came."""
        if isinstance(outcome, Scraped):
            self.pages.append(outcome.page)
            if outcome.offset and (self.offset is None or outcome.offset.bound < self.offset.bound):
                self.offset = outcome.offset
        elif isinstance(outcome, Described):
            self.inventory = outcome.inventory
        else:
            self.failure = outcome.detail

    @property
    def sequences(self) -> list[int]:
        """The numbers of its samples, as often as each was seen."""
        found = [wire.meaning(page.layout).sequence for page in self.pages]
        return [int(page.number(at)) for page, at in zip(self.pages, found, strict=True) if at is not None]

    def values(self, metric: str, label: str = "") -> dict[str, float]:
        """The last page's numbers of one metric, by one of its labels; by "" without."""
        if not self.pages:
            return {}
        page = self.pages[-1]
        return {
            dict(series.labels).get(label, ""): page.number(at)
            for at, series in enumerate(page.layout.series)
            if series.metric == metric
        }


def look(targets: Sequence[Target], seconds: float, progress: Callable[[float], None]) -> list[Look]:
    """Ask all of them for so long; ``progress`` is called with the seconds that have passed."""
    looks = [Look(target) for target in targets]
    clock = Reference()
    scrapers = [Scraper(each.target, each.note, clock) for each in looks]
    for scraper in scrapers:
        scraper.start()
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < seconds:
        progress(passed)
        threading.Event().wait(min(0.1, seconds - passed))
    for scraper in scrapers:
        scraper.stop()
    for scraper in scrapers:
        scraper.join()
    return looks

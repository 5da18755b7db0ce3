"""Which whole second of UTC a sample belongs to: the grid that all nodes share.

A node of ours reads its sensors on whole seconds of its own clock. Taken to our clock by the measured offset, that is
some instant near one of our whole seconds, and the sample belongs to the nearest. A node whose clock is half a second
off would flicker between two, so once a node is placed it stays where it is until it is off by three quarters.
A foreign exporter reads when it is asked; its sample belongs to the second in which we asked.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import wire
from .scrape import Scraped

SECOND = 1_000_000_000
STAY = 3 * SECOND // 4
BELIEVED = 7 * 86_400 * SECOND
"""A sample that claims to be further than this from when it was asked for has a clock that says nothing."""


@dataclass
class Grid:
    """Places one node's samples.

    ``shift`` is our grid second minus the node's own whole second; None before its first sample.
    """

    shift: int | None = None
    last: tuple[str, int] | None = None

    def place(self, scraped: Scraped) -> int | None:
        """The grid second, in whole seconds since 1970; None if this very sample was placed before."""
        meaning = wire.meaning(scraped.page.layout)
        sample = meaning.sample(scraped.page)
        if sample is not None:
            if sample == self.last:
                return None
            self.last = sample
        realtime = meaning.clock(scraped.page, "realtime")
        if sample is None or realtime is None or scraped.offset is None:
            return scraped.exchange.requested // SECOND
        our_time = realtime - scraped.offset.ns
        if abs(our_time - scraped.exchange.requested) > BELIEVED:
            return scraped.exchange.requested // SECOND
        return self._nearest(realtime, our_time)

    def _nearest(self, node_time: int, our_time: int) -> int:
        """The second of a sample that was read at ``node_time`` on its clock and ``our_time`` on ours."""
        node_second = round_to_second(node_time)
        if self.shift is None or abs(our_time - (node_second + self.shift) * SECOND) > STAY:
            self.shift = round_to_second(our_time) - node_second
        return node_second + self.shift


def round_to_second(nanoseconds: int) -> int:
    """The nearest whole second, in seconds."""
    return (nanoseconds + SECOND // 2) // SECOND

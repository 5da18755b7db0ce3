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
    """Places one node's samples as they come.

    ``shift`` is our grid second minus the node's own whole second; None before its first sample.
    """

    shift: int | None = None

    def place(self, scraped: Scraped) -> int:
        """The grid second, in whole seconds since 1970."""
        asked = scraped.exchange.requested
        realtime = wire.meaning(scraped.page.layout).clock(scraped.page, "realtime")
        ours = our_time(scraped)
        if realtime is None or ours is None or abs(ours - asked) > BELIEVED:
            return asked // SECOND
        second = nearest(realtime, ours, self.shift)
        self.shift = second - round_to_second(realtime)
        return second


def our_time(scraped: Scraped) -> int | None:
    """When the sample was read, on our clock; None if that is not known, or it was read because we asked."""
    meaning = wire.meaning(scraped.page.layout)
    realtime = meaning.clock(scraped.page, "realtime")
    if meaning.sample(scraped.page) is None or realtime is None or scraped.offset is None:
        return None
    return realtime - scraped.offset.ns


def nearest(node_time: int, our_time: int, shift: int | None) -> int:
    """The second of a sample that was read at ``node_time`` on its clock and ``our_time`` on ours; nanoseconds.

    ``shift``, as in ``Grid``, is that of the node's samples near by.
    """
    node_second = round_to_second(node_time)
    if shift is None or abs(our_time - (node_second + shift) * SECOND) > STAY:
        return round_to_second(our_time)
    return node_second + shift


def round_to_second(nanoseconds: int) -> int:
    """The nearest whole second, in seconds."""
    return (nanoseconds + SECOND // 2) // SECOND

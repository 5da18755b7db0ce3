"""What four timestamps say of two clocks (RFC 5905, section 8).

    T1  the request left us                         T4  the reply reached us          by our clock
    T2  it reached the peer                         T3  the reply left it             by the peer's clock

If the peer is ahead by theta, ``T2 - T1`` is theta and the way there, ``T4 - T3`` is the way back less theta. No way
takes less than nothing, so theta lies between ``T3 - T4`` and ``T2 - T1``: a bound that holds however unlike the two
ways are, and for stamps taken anywhere between leaving and arriving, if T1 and T3 are not late and T2 and T4 not early.
"""

from __future__ import annotations

from typing import NamedTuple

FASTEST = 1000
"""While an exchange lasts, two clocks drift apart by less than a part in so many: each is slewed by 500 ppm at most."""

ROUNDING = 2
"""Nanoseconds by which a timestamp of 2^-32 s and a middle may be rounded."""


class Exchange(NamedTuple):
    """T1 to T4, nanoseconds since 1970."""

    t1: int
    t2: int
    t3: int
    t4: int

    @property
    def forward(self) -> int:
        """T2 - T1: the way to the peer, and by how much it is ahead; nanoseconds."""
        return self.t2 - self.t1

    @property
    def backward(self) -> int:
        """T4 - T3: the way back, less by how much the peer is ahead; nanoseconds."""
        return self.t4 - self.t3

    @property
    def delay(self) -> int:
        """Both ways together, without what the peer took to answer; nanoseconds."""
        return self.forward + self.backward

    @property
    def offset(self) -> int:
        """By how much the peer is ahead, if both ways take equally long; nanoseconds."""
        return (self.forward - self.backward) // 2

    @property
    def bound(self) -> int:
        """The peer is ahead by ``offset`` give or take at most this, however unlike the ways are; nanoseconds."""
        return (self.delay + 1) // 2 + (self.t4 - self.t1) // FASTEST + ROUNDING

    @property
    def is_possible(self) -> bool:
        """Whether time passed as it must: both ways together take something, and so does the peer."""
        return self.delay >= 0 and self.t4 >= self.t1 and self.t3 >= self.t2

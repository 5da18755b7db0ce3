"""What one peer is asked and what its answers are worth: packets in, packets out, no socket (RFC 5905, RFC 9769).

A question carries nothing but random numbers, by which its answer is known (RFC 9109): an answer to a number that is
not awaited is somebody's guess, a duplicate, or too late, and none of these can shift those that follow. When the
question left is kept here.

The first answers are basic: T1 and T3 are taken before a packet leaves. A peer that remembers when its last answer
left says so in the next one, which is interleaved; then T1 and T3 are both the kernel's stamps. One of each kind would
err by the way through the kernel on one side.
"""

from __future__ import annotations

import secrets
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from .exchange import Exchange
from .keys import Key, id_of
from .packet import SERVER, SIZE, Packet, nanoseconds, parse
from .timestamping import USER, Stamp

AWAITED = 32
"""Questions that are remembered; an answer to an older one is too late to be told from a guess."""

LATE = 1_000_000_000
"""Nanoseconds after which an answer does not count any more."""


class RejectedError(Exception):
    """An answer that counts for nothing; its text is the reason, a word."""


@dataclass
class Asked:
    """A question that was sent: what it is known by, and when it left."""

    org: int
    rec: int
    xmt: int
    called: int
    """When it was given to the kernel; CLOCK_REALTIME, nanoseconds."""
    left: Stamp | None = None
    """When it left by the kernel, once that has said so."""


class Half(NamedTuple):
    """An exchange whose T3 the next answer will say."""

    asked: Asked
    t2: int
    t4: Stamp
    rec: int
    """The timestamp by which the peer knows it."""


class Result(NamedTuple):
    """An exchange, by what stamps it was measured, and what the peer says of itself."""

    exchange: Exchange
    stamps: str
    """The worse one of the two at our side: ``user``, ``kernel`` or ``hardware``."""
    interleaved: bool
    answer: Packet


@dataclass
class Association:
    """One peer. Times are CLOCK_REALTIME, nanoseconds."""

    key: Key | None = None
    _awaited: OrderedDict[int, Asked] = field(default_factory=OrderedDict[int, Asked])
    """By ``xmt``, the number that only this question has; oldest first."""
    _half: Half | None = None

    def question(self) -> tuple[bytes, int]:
        """A packet to send, and the number that it is known by."""
        half = self._half
        # org says which answer's departure we ask for; rec is where the peer is to put our number then.
        org, rec = (half.rec, _random()) if half else (0, 0)
        asked = Asked(org, rec, _random(), called=0)
        self._awaited[asked.xmt] = asked
        if len(self._awaited) > AWAITED:
            self._awaited.popitem(last=False)
        packed = Packet(org=asked.org, rec=asked.rec, xmt=asked.xmt).pack()
        return self.key.sign(packed) if self.key else packed, asked.xmt

    def sent(self, number: int, called: int) -> None:
        """Note when a question was given to the kernel."""
        if number in self._awaited:
            self._awaited[number].called = called

    def left(self, number: int, stamp: Stamp) -> None:
        """Note when a question left. The kernel may say so after its answer has come."""
        for asked in (self._awaited.get(number), self._half.asked if self._half else None):
            if asked and asked.xmt == number:
                asked.left = stamp

    def answer(self, data: bytes, came: Stamp) -> Result | None:
        """What an answer measured; None if it only begins an exchange. Raises RejectedError."""
        said = self._checked(data)
        asked, interleaved = self._asked(said)
        if came.at - asked.called > LATE:
            raise RejectedError("late")
        before, t2 = self._half, nanoseconds(said.rec, near=came.at)
        self._half = Half(asked, t2, came, said.rec)
        if not interleaved:
            exchange = Exchange(asked.called, t2, nanoseconds(said.xmt, near=came.at), came.at)
            return self._possible(Result(exchange, USER, interleaved, said))
        if before is None or before.rec != asked.org or before.asked.left is None:
            return None
        t3 = nanoseconds(said.xmt, near=before.t4.at)
        exchange = Exchange(before.asked.left.at, before.t2, t3, before.t4.at)
        worse = min(before.asked.left.kind, before.t4.kind, key=("user", "kernel", "hardware").index)
        return self._possible(Result(exchange, worse, interleaved, said))

    def _checked(self, data: bytes) -> Packet:
        said = parse(data)
        if said is None:
            raise RejectedError("short")
        if said.mode != SERVER:
            raise RejectedError("mode")
        if self.key and not (id_of(data) == self.key.id and self.key.has_signed(data)):
            raise RejectedError("key")
        if not self.key and len(data) != SIZE:
            raise RejectedError("long")
        return said

    def _asked(self, said: Packet) -> tuple[Asked, bool]:
        """The question that this answers, and whether it does so interleaved; it is not awaited any more."""
        asked = self._awaited.get(said.org)
        interleaved = asked is None
        if interleaved:
            asked = next((each for each in self._awaited.values() if each.rec and each.rec == said.org), None)
        if asked is None or not said.org:
            raise RejectedError("bogus")
        del self._awaited[asked.xmt]
        if not said.stratum:
            raise RejectedError("kiss")
        return asked, interleaved

    def _possible(self, result: Result) -> Result:
        if not result.exchange.is_possible:
            raise RejectedError("impossible")
        return result


def _random() -> int:
    return secrets.randbits(64) or 1

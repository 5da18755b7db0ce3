"""How far the clocks of other nodes and of NTP servers are from this one's, asked each second by NTPv4 (RFC 5905).

Stamped by the kernel on both sides where the peer remembers (RFC 9769): on one link some 20 ns of noise, and a bound
that holds however unlike the two ways are. Answers others on the same port. A thread of its own asks in the middle of
each second, so a sample shows what was measured half a second before: ``peer_exchange_age_seconds``. Cost: 1 ms of CPU
time a second and peer. No privilege needed. psutil knows nothing of it.
"""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..host import Host
from ..peers.answering import Responder, State
from ..peers.association import Association
from ..peers.keys import Key, KeyFileError, load
from ..peers.listening import bound
from ..peers.options import ALLOW, BURST, KEY_ID, KEYS, LISTEN, OPTIONS, PEERS, STAMPS, Peer
from ..peers.resolving import Resolver
from ..peers.service import Asked, Service
from ..peers.watch import Watch
from ..source import Absent, Reader, Value
from . import timex
from .peer_series import QUESTIONS, SILENT, is_up, of_peer

__all__ = ["OPTIONS", "find"]

log = logging.getLogger("driftscope.exporter")

SECOND = 1_000_000_000

TIME_ERROR, STA_UNSYNC = 5, 0x40
"""Of linux/timex.h: nobody disciplines the clock."""


def find(host: Host) -> Reader | Absent:
    """Always there if there is somebody to ask, or a port to answer on."""
    peers, listen = PEERS.of(host), LISTEN.of(host)
    if not peers and listen is None:
        return Absent("no --peers, and --peer.listen is off")
    file = KEYS.of(host)
    try:
        keys = dict(load(file)) if file else dict[int, Key]()
    except KeyFileError as error:
        return Absent(str(error))
    if keys and KEY_ID.of(host) not in keys:
        return Absent(f"{file} has no key {KEY_ID.of(host)}, which --peer.key-id names")
    return Peers(host, peers, listen, keys)


@dataclass
class Peers:
    """Starts the service at the first read, and says what it knows at each."""

    host: Host = field(repr=False)
    peers: tuple[Peer, ...]
    listen: tuple[str, int] | None
    keys: dict[int, Key] = field(repr=False)
    trouble: str = field(default="", compare=False)
    """Why nobody is answered."""
    _service: Service | None = field(default=None, compare=False, repr=False)
    _since: int = field(default=0, compare=False, repr=False)
    """When the service was started; CLOCK_MONOTONIC_RAW."""
    _down: set[str] = field(default_factory=set[str], compare=False, repr=False)

    cadence = 1
    beside = False

    @property
    def found(self) -> Mapping[str, Any]:
        """Whom it asks, where it answers, and what goes wrong there."""
        asked = self._service.asked if self._service else ()
        return {
            "peers": {peer.name: f"{peer.host}:{peer.port}" for peer in self.peers},
            "answers_on": self.listen,
            "trouble": {
                **({"answering": self.trouble} if self.trouble else {}),
                **{each.watch.name: each.trouble for each in asked if each.trouble},
            },
        }

    def read(self) -> Iterable[Value]:
        """What was measured last, of each peer; of one that is silent only that it is.

        Raises:
            RuntimeError: the service's thread has ended, which it never should.

        """
        service = self._service or self._start()
        if not service.alive:
            raise RuntimeError("the thread that asks peers has ended")
        now = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
        values: list[Value] = []
        with service.lock:
            for each in service.asked:
                values += of_peer(each, now)
                self._say(each, now)
            if self.listen and not self.trouble:
                counts = {"answered": 0, **service.responder.counts}
                values += [(QUESTIONS.series(result=result), count) for result, count in counts.items()]
        return values

    def close(self) -> None:
        """End the service."""
        if self._service:
            self._service.close()

    def _start(self) -> Service:
        key = self.keys.get(KEY_ID.of(self.host))
        asked = [Asked(Watch(peer.name, Association(key)), Resolver(peer.host, peer.port)) for peer in self.peers]
        responder = Responder(ALLOW.of(self.host), self.keys)
        kind, burst = STAMPS.of(self.host), BURST.of(self.host)
        self._service = Service(
            self.host,
            asked,
            self._listening(),
            responder,
            kind=kind,
            interval=SECOND,
            burst=burst,
            state=lambda: state(self.host),
        )
        self._service.start()
        self._since = self.host.clock_ns(time.CLOCK_MONOTONIC_RAW)
        return self._service

    def _listening(self) -> socket.socket | None:
        """The socket on which questions come; None, and why, if the port is another's."""
        if self.listen is None:
            return None
        try:
            return bound(*self.listen)
        except OSError as error:
            self.trouble = f"UDP port {self.listen[1]}: {error.strerror}"
            log.warning("NTP questions of others are not answered: %s", self.trouble)
            return None

    def _say(self, each: Asked, now: int) -> None:
        """Say once that a peer is silent, and what may be the matter, and once that it answers again."""
        name, silent = each.watch.name, not is_up(each.watch, now)
        if silent and name not in self._down and now - self._since > SILENT:
            self._down.add(name)
            place = f"{each.place.host}:{each.place.port}"
            log.warning("peer %s: %s", name, each.trouble or f"no answer from {place}; is UDP open there, and back?")
        elif not silent and name in self._down:
            self._down.discard(name)
            log.info("peer %s answers", name)


def state(host: Host) -> State:
    """Of this node's clock. Where nobody disciplines it, it is only itself, as chronyd with ``local`` is."""
    try:
        code, text = host.adjtimex()
    except OSError:  # a container's filter
        return State(True, 0)
    said = dict(zip(timex.FIELDS, timex.LAYOUT.unpack(text)))
    follows = code != TIME_ERROR and not said["status"] & STA_UNSYNC
    return State(True, said["maxerror"] * 1000 if follows else 0)

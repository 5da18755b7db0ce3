"""Answers NTP clients (RFC 5905, section 9.2), in interleaved mode too (RFC 9769): packets in, packets out, no socket.

An answer is as long as its question, goes to nobody else, and is not given at all to whoever is not allowed, asks too
often, is too short, or is no client. It says when the question came (rec) and when it leaves (xmt). The latter is known
exactly only after it has left, so an interleaved answer carries that of the answer before; a client asks for it by
saying (org) what that answer said in rec.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import NamedTuple, Union

from .keys import Key, id_of
from .packet import CLIENT, RATE, SERVER, SIZE, UNSYNCHRONISED, Packet, parse, timestamp

Network = Union[IPv4Network, IPv6Network]

MOST_CLIENTS = 4096
"""Clients that are remembered; who was silent for longest is forgotten first."""

SECOND = 1_000_000_000

BURST = 16
"""Answers that an address may have at once; it gets one back in each EVERY."""

EVERY = SECOND // 8
"""Nanoseconds: eight answers a second, which eight peers behind one address may ask for."""

STRATUM = 10
"""How far a node says that it is from a reference: far enough that nobody prefers it to a time server."""

REFID = bytes((127, 127, 1, 1))
"""A clock that is only itself, as chronyd's ``local`` says."""

PRECISION = -23
"""2^-23 s, 119 ns: what it takes to read the clock."""


class State(NamedTuple):
    """Of this node's clock: whether it follows a reference, and how wrong it may be; nanoseconds."""

    synchronised: bool
    maxerror: int


@dataclass
class Client:
    """One address: what it may still ask for, and when the last answer to it came and left."""

    full_at: int
    """When it may have BURST answers again; nanoseconds. Each answer puts that off by EVERY."""
    rec: int = 0
    """The timestamp in the last answer of when its question came."""
    xmt: int = 0
    """When that answer left, as a timestamp; 0 until that is known."""


@dataclass
class Responder:
    """Knows its clients, and makes answers. ``allowed`` are networks; with ``keys`` only signed questions count."""

    allowed: Sequence[Network]
    keys: Mapping[int, Key] = field(default_factory=dict[int, Key])
    counts: Counter[str] = field(default_factory=Counter[str])
    """What became of questions: ``answered``, or why not."""
    _clients: OrderedDict[str, Client] = field(default_factory=OrderedDict[str, Client])

    def answer(self, question: bytes, host: str, came: int, now: int, state: State) -> bytes | None:
        """The answer to a question from an address, or None. ``came`` and ``now``: CLOCK_REALTIME, nanoseconds."""
        asked = parse(question)
        refusal = self._refusal(question, asked, host)
        if refusal or asked is None:
            self.counts[refusal or "short"] += 1
            return None
        client = self._client(host, now)
        client.full_at = max(client.full_at, now) + EVERY
        if client.full_at > now + BURST * EVERY:
            client.full_at = now + (BURST + 1) * EVERY  # who goes on asking is not locked out for longer
            self.counts["rate"] += 1
            kiss = Packet(leap=UNSYNCHRONISED, version=asked.version, mode=SERVER, poll=asked.poll, refid=RATE)
            return self._signed(question, kiss, org=asked.xmt) if self.counts["rate"] % BURST == 1 else None
        self.counts["answered"] += 1
        reply = Packet(
            leap=0 if state.synchronised else UNSYNCHRONISED,
            version=asked.version,
            mode=SERVER,
            stratum=STRATUM,
            poll=asked.poll,
            precision=PRECISION,
            rootdisp=min(state.maxerror * (1 << 16) // SECOND, (1 << 32) - 1),
            refid=REFID,
            reftime=timestamp(now),
            rec=timestamp(came),
        )
        # A client that says in org what rec was has seen that answer, and now asks when it left.
        interleaved = client.xmt and asked.org == client.rec and asked.org != asked.xmt
        client_xmt, client.rec, client.xmt = client.xmt, reply.rec, 0
        return self._signed(
            question,
            reply,
            org=asked.rec if interleaved else asked.xmt,
            xmt=client_xmt if interleaved else timestamp(now),
        )

    def left(self, host: str, answer: bytes, at: int) -> None:
        """Note when an answer left; nanoseconds."""
        client, said = self._clients.get(host), parse(answer)
        if client and said and said.rec == client.rec:
            client.xmt = timestamp(at)

    def _refusal(self, question: bytes, asked: Packet | None, host: str) -> str | None:
        if asked is None:
            return "short"
        if asked.mode != CLIENT or not 1 <= asked.version <= 4:
            return "mode"
        address = ip_address(host.partition("%")[0])
        address = getattr(address, "ipv4_mapped", None) or address
        if not any(address in network for network in self.allowed):
            return "address"
        if self.keys or id_of(question) is not None:
            key = self.keys.get(id_of(question) or 0)
            return None if key and key.has_signed(question) else "key"
        return None if len(question) == SIZE else "long"

    def _client(self, host: str, now: int) -> Client:
        client = self._clients.pop(host, None) or Client(full_at=now)
        self._clients[host] = client
        if len(self._clients) > MOST_CLIENTS:
            self._clients.popitem(last=False)
        return client

    def _signed(self, question: bytes, reply: Packet, org: int, xmt: int = 0) -> bytes:
        packed = replace(reply, org=org, xmt=xmt).pack()
        key = self.keys.get(id_of(question) or 0)
        return key.sign(packed) if key else packed

"""What may be said of peers on the command line, and how it is understood."""

from __future__ import annotations

import re
from ipaddress import ip_network
from pathlib import Path
from typing import NamedTuple, Optional

from ..source import Option, at_least_one
from .answering import Network
from .timestamping import HARDWARE, KERNEL, USER

PORT = 19777
SECOND = 1_000_000_000

NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
PLACE = re.compile(r"(?:\[(?P<bracketed>[^\]]+)\]|(?P<plain>[^:\[\]]*)):(?P<port>\d{1,5})")

TIMESTAMPING = {"auto": HARDWARE, "hardware": HARDWARE, "kernel": KERNEL, "user": USER}


class Peer(NamedTuple):
    """A node that is asked: what it is called, and where it answers."""

    name: str
    host: str
    port: int


def peers(text: str) -> tuple[Peer, ...]:
    """``homelab=10.0.0.2:19777,ares=[2001:db8::1]:19777``. Raises ValueError."""
    found: dict[str, Peer] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, where = part.partition("=")
        if not NAME.fullmatch(name):
            raise ValueError(f"{part!r}: expected NAME=HOST:PORT, with a name of letters, digits, '.', '_' and '-'")
        if name in found:
            raise ValueError(f"two peers are called {name}")
        found[name] = Peer(name, *place(where))
    return tuple(found.values())


def place(text: str) -> tuple[str, int]:
    """``10.0.0.2:19777``, ``[2001:db8::1]:19777`` or ``ares.example:19777``. Raises ValueError."""
    match = PLACE.fullmatch(text)
    if not match or not 0 < int(match["port"]) < 1 << 16:
        raise ValueError(f"{text!r}: expected HOST:PORT, as in 10.0.0.2:{PORT} or [2001:db8::1]:{PORT}")
    return match["bracketed"] or match["plain"], int(match["port"])


def networks(text: str) -> tuple[Network, ...]:
    """``10.0.0.0/8,2001:db8::/32``. Raises ValueError."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


def stamps(text: str) -> str:
    """One of TIMESTAMPING. Raises ValueError."""
    if text not in TIMESTAMPING:
        raise ValueError(f"{text!r}: expected one of {', '.join(TIMESTAMPING)}")
    return TIMESTAMPING[text]


def listening(text: str) -> tuple[str, int] | None:
    """``off``, or a place; an empty host is every address. Raises ValueError."""
    return None if text == "off" else place(text)


PEERS = Option[tuple[Peer, ...]](
    "peers", (), "nodes and NTP servers whose clocks are compared with this one's (default: none)",
    "NAME=HOST:PORT,...", peers,
)  # fmt: skip
LISTEN = Option[Optional[tuple[str, int]]](
    "peer.listen", None, "where NTP questions are answered, or off (default: the address of --listen, by UDP)",
    "HOST:PORT", listening,
)  # fmt: skip
ALLOW = Option[tuple[Network, ...]](
    "peer.allow", networks("0.0.0.0/0,::/0"), "whose questions are answered (default: everybody's, few a second each)",
    "NETWORK,...", networks,
)  # fmt: skip
BURST = Option(
    "peer.burst", 4, "questions to each peer in a second, of which the quickest counts (default: 4)",
    "N", at_least_one,
)  # fmt: skip
STAMPS = Option(
    "peer.timestamping", HARDWARE, "the best stamps to use: auto, hardware, kernel or user (default: auto)",
    "KIND", stamps,
)  # fmt: skip
KEYS = Option[Optional[Path]](
    "peer.keys", None, "a file of keys in chrony's format; then only signed packets count (default: none)",
    "FILE", Path,
)  # fmt: skip
KEY_ID = Option(
    "peer.key-id", 1, "the key by which questions are signed, if there is a file of keys (default: 1)",
    "ID", at_least_one,
)  # fmt: skip

OPTIONS = (PEERS, LISTEN, ALLOW, BURST, STAMPS, KEYS, KEY_ID)

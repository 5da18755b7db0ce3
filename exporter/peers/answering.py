"""Answers NTP clients (RFC 5905, section 9.2), in interleaved mode too (RFC 9769): packets in, packets out, no socket.

An answer is as long as its question, goes to nobody else, and is not given at all to whoever is not allowed, asks too
often, is too short, or is no client. It says when the question came (rec) and when it leaves (xmt). The latter is known
exactly only after it has left: an interleaved answer carries that of the answer before, and a client asks for it by
saying (org) when its last question came here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network, IPv6Network, ip_address

from .keys import Key, id_of
from .packet import CLIENT, RATE, SERVER, SIZE, UNSYNCHRONISED, VERSION, Packet, parse, timestamp

Network = IPv4Network | IPv6Network

MOST_CLIENTS = 4096
"""Clients that are remembered; who was silent for longest is forgotten first."""

SECOND = 1_000_000_000
BURST = 16
"""Answers that a client may have at once, and that it gets back one a second, or ``per_second`` of them."""

STRATUM = 10
"""What a clock that is only itself says of its distance to a reference, as chronyd's ``local`` does."""

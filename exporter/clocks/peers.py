"""How far the clocks of other nodes and of NTP servers are from this one's, asked each second by NTPv4 (RFC 5905).

Stamped by the kernel on both sides where the peer remembers (RFC 9769): on one link some 20 ns of noise, and a bound that
holds however unlike the two ways are. Answers others on the same port. A thread of its own asks in the middle of each
second, so samples are half a second newer than what they show: ``peer_exchange_age_seconds``. No privilege needed.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..host import Host
from ..peers.answering import Responder
from ..peers.association import Association
from ..peers.keys import Key, load
from ..peers.options import ALLOW, BURST, KEY_ID, KEYS, LISTEN, OPTIONS, PEERS, STAMPS, Peer
from ..peers.resolving import Resolver
from ..peers.service import Asked, Service
from ..peers.watch import Watch
from ..source import Absent, Family, Reader, Value

__all__ = ["OPTIONS", "find"]

SECOND = 1_000_000_000

SILENT = 5
"""Seconds after which a peer that does not answer is down."""

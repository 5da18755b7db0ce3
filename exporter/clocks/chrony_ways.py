"""Finds a way to ask chronyd: its port, its Unix socket, or the program chronyc; and the flag that says where.

The Unix socket is that of the chronyd of this machine, so it is tried only if no other address was asked for.
"""

from __future__ import annotations

import shutil
import socket

from ..host import Host
from ..source import Absent, Option
from .chrony_reports import Way
from .chrony_socket import Address, ChronySocket
from .chronyc import Chronyc
from .daemons import CHRONYD, running

UDP: Address = ("127.0.0.1", 323)
SOCKET: Address = "/run/chrony/chronyd.sock"
CHRONYC = "chronyc"


def address(text: str) -> Address:
    """For ``Option.parse``: ``HOST:PORT``, or the path of a Unix socket."""
    if text.startswith("/"):
        return text
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 1 << 16:
        raise ValueError(f"{text!r} is not HOST:PORT, such as 127.0.0.1:323, or the path of a socket")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_DGRAM)
    except OSError as error:
        raise ValueError(f"{host!r} cannot be found: {error.strerror}") from None
    return str(found[0][4][0]), int(port)


ADDRESS = Option[Address](
    "chrony.address",
    UDP,
    "where chronyd takes commands: HOST:PORT, or the path of its socket; this machine's own /run/chrony/chronyd.sock "
    "is tried as well unless another is named (default: 127.0.0.1:323)",
    "HOST:PORT",
    address,
)


def first_way(host: Host, *, socket_first: bool = False) -> Way | Absent:
    """The first way in which chronyd can be asked. Through its socket it says more."""
    named = ADDRESS.of(host)
    addresses = [named, SOCKET] if named == UDP else [named]
    refusals: list[str] = []
    for each in reversed(addresses) if socket_first else addresses:
        way = ChronySocket(each)
        refusal = way.refusal()
        if refusal is None:
            return way
        way.close()
        refusals.append(f"{way.found['address']}: {refusal.strerror}")
    reason = "; ".join(refusals)
    if not running(host.procfs, CHRONYD):
        return Absent(f"no chronyd runs ({reason})")
    if program := shutil.which(CHRONYC):
        return Chronyc(program)
    return Absent(f"chronyd runs, but cannot be asked: {reason}; give its address by --chrony.address")

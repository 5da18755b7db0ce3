"""The UDP socket on which others ask: at one address, or at every one of this machine."""

from __future__ import annotations

import socket


def bound(host: str, port: int) -> socket.socket:
    """A UDP socket at an address; an empty host is every address of both kinds. Raises OSError."""
    family = socket.AF_INET6 if ":" in host or not host else socket.AF_INET
    if host and family == socket.AF_INET:
        host = socket.gethostbyname(host)
    try:
        there = socket.socket(family, socket.SOCK_DGRAM)
    except OSError:  # a kernel without IPv6
        family, there = socket.AF_INET, socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            there.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, int(bool(host)))
        there.bind((host, port))
    except OSError:
        there.close()
        raise
    return there

"""Where a peer is: a name is looked up in a thread of its own, because that may take seconds, and again each minute."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

EVERY = 60
"""Seconds after which a name is looked up again: an address behind a home router changes."""


class Resolver:
    """A name and a port, or an address and a port. ``trouble`` is why there is no address."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        self.trouble = f"{host} is being looked up"
        self._address: tuple[Any, ...] | None = None
        self._look_at = 0.0
        self._busy = False
        with suppress(ValueError):
            self._address = (str(ip_address(host)), port)
            self._look_at = float("inf")

    def address(self) -> tuple[Any, ...] | None:
        """The address, as a socket takes it; None while there is none. Never waits."""
        if time.monotonic() >= self._look_at and not self._busy:
            self._busy = True
            # A daemon, because a resolver that hangs would otherwise keep the process from ending.
            threading.Thread(target=self._look_up, name=f"looking up {self.host}", daemon=True).start()
        return self._address

    def _look_up(self) -> None:
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_DGRAM)
            self._address, self.trouble = found[0][4], ""
        except OSError as error:  # one that was found before stays: the name server may be down
            self.trouble = f"{self.host} cannot be found: {error.strerror}"
        self._look_at = time.monotonic() + EVERY
        self._busy = False

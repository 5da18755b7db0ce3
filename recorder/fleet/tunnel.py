"""Keeps an ssh connection to a node, through which a port of this machine is the exporter's."""

from __future__ import annotations

import logging
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field

from .inventory import Node
from .ssh import OPTIONS

log = logging.getLogger("driftscope.recorder")

SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
"""Seconds before ssh is started anew: doubled each time, until a connection has lasted longer than the longest."""


def free_port() -> int:
    """A port of the loopback interface that nobody has."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Tunnel:
    """A port here that leads to one node, from ``open`` to ``close``, over as many connections as it takes."""

    node: Node
    port: int = field(default_factory=free_port)
    _closed: threading.Event = field(default_factory=threading.Event)
    _process: subprocess.Popen[bytes] | None = None
    _thread: threading.Thread | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def command(self) -> list[str]:
        """The ssh that is kept."""
        forward = f"127.0.0.1:{self.port}:{self.node.local_address}"
        return ["ssh", *OPTIONS, "-N", "-o", "ExitOnForwardFailure=yes", "-L", forward, self.node.ssh]

    def open(self) -> None:
        """Begin to connect."""
        self._thread = threading.Thread(target=self._keep, name=f"tunnel to {self.node.name}", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it."""
        with self._lock:
            self._closed.set()
            if self._process:
                self._process.terminate()
        if self._thread:
            self._thread.join()

    def _keep(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._closed.is_set():
            lasted = self._connect()
            pause = SHORTEST_PAUSE if lasted > LONGEST_PAUSE else min(2 * pause, LONGEST_PAUSE)
            self._closed.wait(pause)

    def _connect(self) -> float:
        """One connection, until it ends: how many seconds it lasted."""
        started = time.monotonic()
        with self._lock:
            if self._closed.is_set():
                return 0
            self._process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        _, said = self._process.communicate()
        if not self._closed.is_set():
            reason = said.decode(errors="replace").strip().splitlines()
            log.warning("%s: the tunnel has ended: %s", self.node.name, reason[-1] if reason else "no reason given")
        return time.monotonic() - started

"""Stands where chronyd would, on a socket of its own: answers what a real one answered, or misbehaves on demand."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from exporter.clocks import chrony_wire as wire
from exporter.clocks.chrony_socket import Address
from tests.lab.chrony_captures import packet, packets

ONCE = {wire.N_SOURCES.command: "n_sources", wire.TRACKING.command: "tracking"}
BY_PLACE = {wire.SOURCE_DATA.command: "source_data", wire.SOURCESTATS.command: "sourcestats"}

Answer = Callable[[bytes, bytes], Sequence[bytes]]
"""What to send for a request, and the good reply to it."""


def good(request: bytes, reply: bytes) -> Sequence[bytes]:
    """The reply."""
    return [reply]


@dataclass
class StandIn:
    """A chronyd of this version; ``answer`` may be changed while it runs."""

    address: Address
    version: str = "4.3"
    answer: Answer = good
    clients: list[object] = field(default_factory=list)
    commands: list[int] = field(default_factory=list)

    def reply(self, request: bytes) -> bytes:
        """What the real one said, to this sequence number."""
        command, place = int.from_bytes(request[4:6], "big"), int.from_bytes(request[20:24], "big")
        if command in ONCE:
            reply = packet(self.version, ONCE[command])
        elif command in BY_PLACE:
            known = packets(self.version, BY_PLACE[command])
            reply = known[place] if place < len(known) else packet(self.version, "no_such_source")
        elif isinstance(self.address, str):
            replies = {reply[28:48]: reply for reply in packets(self.version, "ntp_data")}
            reply = replies.get(request[20:40], packets(self.version, "ntp_data")[-1])
        else:
            reply = packet(self.version, "not_authorised")
        return reply[:4] + request[4:6] + reply[6:16] + request[8:12] + reply[20:]


@contextmanager
def standing_in(address: Address = ("127.0.0.1", 0), version: str = "4.3") -> Generator[StandIn, None, None]:
    """One that answers while inside; nobody listens there afterwards."""
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as server:
        server.bind(address)
        daemon = StandIn(server.getsockname(), version)
        ended = threading.Event()
        thread = threading.Thread(target=_serve, args=(server, daemon, ended))
        thread.start()
        try:
            yield daemon
        finally:
            ended.set()
            with socket.socket(family, socket.SOCK_DGRAM) as wake:
                wake.sendto(b"", daemon.address)
            thread.join()
            if isinstance(address, str):
                Path(address).unlink()


def _serve(server: socket.socket, daemon: StandIn, ended: threading.Event) -> None:
    while True:
        request, client = server.recvfrom(1 << 16)
        if ended.is_set():
            return
        daemon.clients.append(client)
        daemon.commands.append(int.from_bytes(request[4:6], "big"))
        for reply in daemon.answer(request, daemon.reply(request)):
            server.sendto(reply, client)

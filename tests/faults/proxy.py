"""A link that can be cut: passes TCP on to one address, or lets everything that is sent vanish."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable


class Link:
    """Listens on loopback and passes on to ``address``. While it is cut, connections stand and nothing gets through."""

    def __init__(self, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._to = host, int(port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._address = f"127.0.0.1:{self._listening.getsockname()[1]}"
        self._up = threading.Event()
        self._up.set()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._begin(self._accept)

    @property
    def address(self) -> str:
        """HOST:PORT to connect to."""
        return self._address

    def cut(self) -> None:
        """Let nothing through from now on."""
        self._up.clear()

    def mend(self) -> None:
        """Let new connections through; those that were there are reset, as after a long cut."""
        for one in list(self._open):
            _end(one)
        self._up.set()

    def close(self) -> None:
        """Pass nothing on any more."""
        _end(self._listening)
        for thread in self._threads:
            self.mend()
            thread.join()
        self._listening.close()

    def _begin(self, work: Callable[..., None], *about: socket.socket) -> threading.Thread:
        thread = threading.Thread(target=work, args=about, daemon=True)
        self._threads = [one for one in self._threads if one.is_alive()] + [thread]
        thread.start()
        return thread

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                self._begin(self._connect, near)

    def _connect(self, near: socket.socket) -> None:
        self._up.wait()
        with near, contextlib.suppress(OSError), socket.create_connection(self._to, timeout=5) as far:
            far.settimeout(None)
            self._open |= {near, far}
            back = threading.Thread(target=self._pass, args=(far, near), daemon=True)
            back.start()
            self._pass(near, far)
            back.join()
            self._open -= {near, far}

    def _pass(self, one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(1 << 16):
                self._up.wait()
                other.sendall(data)
        for end in (one, other):
            _end(end)


def _end(connection: socket.socket) -> None:
    """Wake whoever waits for something to come."""
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)

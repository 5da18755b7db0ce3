"""The exporter's HTTP server: connections, their threads, and limits on everything that comes from outside.

The standard library's request handler does HTTP/1.1; what it lacks for a port on the open network is here: a
thread for each connection, so that none waits for another's silence; a deadline and a size limit for each request;
a bounded number of connections, of which the one silent for longest makes room. prometheus-client's own server has
none of these.
"""

from __future__ import annotations

import io
import logging
import os
import re
import select
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

log = logging.getLogger("driftscope.exporter")

REQUEST_SECONDS = 30
"""A request has arrived whole so long after the one before it, or the connection is closed."""

ANSWER_SECONDS = 10
"""An answer has been taken whole in this time, or the connection is closed."""

REQUEST_BYTES = 16 * 1024
"""Request line and headers together."""

MAX_CONNECTIONS = 64

ACCEPT_AGAIN_SECONDS = 0.1
"""Pause after a connection could not be accepted."""


class CannotListenError(Exception):
    """The address cannot be had, and why."""


@dataclass(frozen=True)
class Request:
    """What somebody asks for. ``gzip`` says that they can take it compressed."""

    path: str
    accept: str
    gzip: bool
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    authorization: str = field(default="", repr=False)


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


def in_the_clear(connection: socket.socket) -> socket.socket:
    """Without TLS, a connection is used as it is."""
    return connection


class Server:
    """Answers on one address from construction until ``close``. ``answer`` is called in any number of threads.

    ``wrap`` makes a TLS connection of one that was accepted, without waiting for anything.
    """

    def __init__(
        self,
        address: tuple[str, int],
        answer: Callable[[Request], Answer],
        wrap: Callable[[socket.socket], socket.socket] = in_the_clear,
    ) -> None:
        """Listen on ``address``; an empty host is every address of this machine. Raises CannotListenError."""
        self.answer = answer
        self._wrap = wrap
        self._socket = _listen(*address)
        self._wakeup, self._wake = socket.socketpair()
        self._silent_since: dict[socket.socket, float] = {}
        self._threads: set[threading.Thread] = set()
        self._lock = threading.Lock()
        self._accepting = threading.Thread(target=self._accept, name="web")
        self._accepting.start()

    @property
    def address(self) -> tuple[str, int]:
        """Host and port it really listens on."""
        return self._socket.getsockname()[:2]

    def silent(self, connection: socket.socket) -> None:
        """Note that a connection now waits for its next request."""
        self._silent_since[connection] = time.monotonic()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._socket, self._wakeup], [], [])
            if self._wakeup in ready:
                return
            try:
                accepted, client = self._socket.accept()
                connection = self._wrap(accepted)
            except OSError as error:  # the client left already, or there is no descriptor left for it
                log.debug("a connection could not be accepted: %s", error)
                select.select([self._wakeup], [], [], ACCEPT_AGAIN_SECONDS)  # which would be so at once again
                continue
            thread = threading.Thread(target=self._serve, args=(connection, client), name="web-client")
            with self._lock:
                if len(self._silent_since) >= MAX_CONNECTIONS:
                    _hang_up(min(self._silent_since, key=self._silent_since.__getitem__))
                self.silent(connection)
                self._threads.add(thread)
            try:
                thread.start()
            except RuntimeError as error:  # this system has no thread left for it
                log.warning("a connection could not be served: %s", error)
                self._forget(connection, thread)
                connection.close()

    def _serve(self, connection: socket.socket, client: Any) -> None:
        try:
            with connection:
                if isinstance(connection, ssl.SSLSocket):
                    connection.settimeout(ANSWER_SECONDS)
                    connection.do_handshake()
                _Handler(connection, client, cast(Any, self))  # which the base class expects to be a socketserver
        except OSError as error:
            log.debug("connection from %s: %s", client[0], error)
        finally:
            self._forget(connection, threading.current_thread())

    def _forget(self, connection: socket.socket, thread: threading.Thread) -> None:
        with self._lock:
            del self._silent_since[connection]
            self._threads.discard(thread)

    def close(self) -> None:
        """Stop accepting, hang up on everyone, wait for the threads to end."""
        self._wake.send(b".")
        self._accepting.join()
        self._socket.close()
        with self._lock:
            threads = list(self._threads)
            for connection in self._silent_since:
                _hang_up(connection)
        for thread in threads:
            thread.join()
        self._wakeup.close()
        self._wake.close()


class _Handler(BaseHTTPRequestHandler):
    """One connection: any number of requests, one after another."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def setup(self) -> None:
        super().setup()
        self._limited = _LimitedReader(self.connection)
        self.rfile = io.BufferedReader(self._limited)

    def handle_one_request(self) -> None:
        self.server.silent(self.connection)
        self._limited.allow(REQUEST_SECONDS, REQUEST_BYTES)
        self.wfile = answer = io.BytesIO()
        super().handle_one_request()
        self.connection.settimeout(ANSWER_SECONDS)
        self.connection.sendall(answer.getvalue())  # headers and body together, in that time as a whole

    def do_GET(self) -> None:
        if "Content-Length" in self.headers or "Transfer-Encoding" in self.headers:
            self.close_connection = True  # a body that nobody reads would pass for the next request
        coding = self.headers.get("Accept-Encoding", "")
        accept, authorization = self.headers.get("Accept", ""), self.headers.get("Authorization", "")
        path, query = _target(self.path)
        answer = self.server.answer(Request(path, accept, _accepts_gzip(coding), query, authorization))
        self.send_response(answer.status)
        for name, value in answer.headers:
            self.send_header(name, value)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def version_string(self) -> str:
        return "driftscope"

    def log_message(self, format: str, *args: Any) -> None:
        log.debug("%s " + format, self.client_address[0], *args)


class _LimitedReader(io.RawIOBase):
    """A socket's bytes, no more and no longer than was allowed last."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    def allow(self, seconds: float, size: int) -> None:
        self._deadline, self._left = time.monotonic() + seconds, size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._left <= 0:
            raise OSError("the request is too long")
        self._connection.settimeout(max(self._deadline - time.monotonic(), 0.001))
        count = self._connection.recv_into(buffer)
        self._left -= count
        return count


def _listen(host: str, port: int) -> socket.socket:
    try:
        return _listening_socket(host, port)
    except OSError as error:
        # Python's own text of a system error repeats the address.
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror
    except UnicodeError as error:
        reason = str(error)
    raise CannotListenError(f"cannot listen on {host}:{port}: {reason}")


def _listening_socket(host: str, port: int) -> socket.socket:
    if host:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=128, dualstack_ipv6=True)
    return socket.create_server(("", port), backlog=128)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have hung up itself
        socket.socket.shutdown(connection, socket.SHUT_RDWR)  # not TLS's own, which its thread is in the middle of


def _target(target: str) -> tuple[str, Mapping[str, str]]:
    """Of ``/history?after=7`` or ``http://node:19777/metrics`` path and query; nothing of what is no such thing."""
    try:
        parts = urlsplit(target)
        return parts.path, dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=16))
    except ValueError:
        return "", {}


_REFUSED = re.compile(r"q=0(\.0*)?")


def _accepts_gzip(header: str) -> bool:
    codings = [coding.replace(" ", "").split(";") for coding in header.lower().split(",")]
    return any(coding[0] == "gzip" and not any(map(_REFUSED.fullmatch, coding[1:])) for coding in codings)

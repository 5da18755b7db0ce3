"""The exporter's HTTP server: /metrics, /inventory, /-/healthy, /-/ready and a landing page.

The standard library's request handler does HTTP/1.1; what it lacks for a port on the open network is here: a
thread for each connection, so that none waits for another's silence; a deadline and a size limit for each request;
a bounded number of connections, of which the one silent for longest makes room. prometheus-client's own server has
none of these.
"""

from __future__ import annotations

import io
import json
import logging
import re
import select
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from typing import Any, cast
from urllib.parse import urlsplit

from .exposition import Pages, negotiate

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

CLOCK_HEADER = "Driftscope-Realtime-Nanoseconds"
"""Header of /metrics: this node's CLOCK_REALTIME while it answers. With the times of the request and the reply on the
asker's clock, it bounds the offset between the two clocks rigorously."""

LANDING = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>driftscope exporter</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3em auto; max-width: 40em; padding: 0 1em }}</style>
</head><body><h1>driftscope exporter</h1>
<p>{state}</p>
<ul>
<li><a href="/metrics">/metrics</a>: the last sample, for Prometheus</li>
<li><a href="/inventory">/inventory</a>: what was found on this machine, what was left out and why</li>
<li><a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a>: is it running, has it a sample</li>
</ul></body></html>
"""


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: HTTPStatus
    content_type: str
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()


class WebServer:
    """Answers on one address from construction until ``close``."""

    def __init__(self, address: tuple[str, int], pages: Pages, inventory: Callable[[], dict[str, Any]]) -> None:
        """Listen on ``address``; an empty host is every address of this machine. Raises OSError."""
        self.pages = pages
        self.inventory = inventory
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

    def answer(self, path: str, accept: str, gzip: bool) -> Answer:
        """What there is at ``path``. ``gzip`` says that the asker can take it compressed."""
        if path == "/metrics":
            return self._metrics(negotiate(accept), gzip)
        pages = {"/": self._landing, "/inventory": self._inventory, "/-/healthy": _healthy, "/-/ready": self._ready}
        return pages.get(path, _not_found)()

    def _metrics(self, content_type: str, gzip: bool) -> Answer:
        body = self.pages.page(content_type, compressed=gzip)
        if body is None:
            return self._ready()
        headers = [("Vary", "Accept, Accept-Encoding")]
        if gzip:
            headers.append(("Content-Encoding", "gzip"))
        headers.append((CLOCK_HEADER, str(time.time_ns())))
        return Answer(HTTPStatus.OK, content_type, body, tuple(headers))

    def _landing(self) -> Answer:
        sample = self.pages.sample
        state = f"Sample {sample.sequence}, {len(sample.values)} series." if sample else "No sample yet."
        return Answer(HTTPStatus.OK, "text/html; charset=utf-8", LANDING.format(state=state).encode())

    def _inventory(self) -> Answer:
        return Answer(HTTPStatus.OK, "application/json", json.dumps(self.inventory(), indent=2).encode())

    def _ready(self) -> Answer:
        if self.pages.sample is None:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"no sample yet\n")
        return Answer(HTTPStatus.OK, "text/plain", b"ready\n")

    def silent(self, connection: socket.socket) -> None:
        """Note that a connection now waits for its next request."""
        self._silent_since[connection] = time.monotonic()

    def _accept(self) -> None:
        while True:
            ready, _, _ = select.select([self._socket, self._wakeup], [], [])
            if self._wakeup in ready:
                return
            try:
                connection, client = self._socket.accept()
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
            thread.start()

    def _serve(self, connection: socket.socket, client: Any) -> None:
        try:
            with connection:
                _Handler(connection, client, cast(Any, self))  # which the base class expects to be a socketserver
        except OSError as error:
            log.debug("connection from %s: %s", client[0], error)
        finally:
            with self._lock:
                del self._silent_since[connection]
                self._threads.discard(threading.current_thread())

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
    server: WebServer  # pyright: ignore[reportIncompatibleVariableOverride]

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
        answer = self.server.answer(_path(self.path), self.headers.get("Accept", ""), _accepts_gzip(coding))
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
    if host:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((host, port), family=family, backlog=128)
    if socket.has_dualstack_ipv6():
        return socket.create_server(("", port), family=socket.AF_INET6, backlog=128, dualstack_ipv6=True)
    return socket.create_server(("", port), backlog=128)


def _hang_up(connection: socket.socket) -> None:
    with suppress(OSError):  # it may have hung up itself
        connection.shutdown(socket.SHUT_RDWR)


def _healthy() -> Answer:
    return Answer(HTTPStatus.OK, "text/plain", b"healthy\n")


def _not_found() -> Answer:
    return Answer(HTTPStatus.NOT_FOUND, "text/plain", b"not here; / lists what is\n")


def _path(target: str) -> str:
    """Of ``/metrics?x=y`` or ``http://node:19777/metrics`` the path; nothing of what is no target of a request."""
    try:
        return urlsplit(target).path
    except ValueError:
        return ""


_REFUSED = re.compile(r"q=0(\.0*)?")


def _accepts_gzip(header: str) -> bool:
    codings = [coding.replace(" ", "").split(";") for coding in header.lower().split(",")]
    return any(coding[0] == "gzip" and not any(map(_REFUSED.fullmatch, coding[1:])) for coding in codings)

"""A real HTTP server on loopback that answers as it is told, well or badly."""

from __future__ import annotations

import gzip
import ssl
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
CERTIFICATE = Path(__file__).with_name("tls") / "ares.example.pem"
"""Of ares.example, signed by itself; valid for a hundred years and known to nobody but these tests."""


class Question(BaseHTTPRequestHandler):
    """One request, with words for the ways to answer it."""

    protocol_version = "HTTP/1.1"
    server: Server  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        """Answer as the server was told."""
        self.server.asked.append((self.path, dict(self.headers)))
        self.server.answer(self)

    def say(self, body: str | bytes, type: str = TEXT, status: int = 200, **headers: str) -> None:
        """A whole answer; a header's underscores stand for dashes."""
        body = body.encode() if isinstance(body, str) else body
        self.begin(type, status, Content_Length=str(len(body)), **headers)
        self.wfile.write(body)

    def say_compressed(self, body: bytes, type: str = TEXT) -> None:
        """A whole answer under gzip."""
        self.say(gzip.compress(body), type, Content_Encoding="gzip")

    def begin(self, type: str = TEXT, status: int = 200, **headers: str) -> None:
        """Status and headers."""
        self.send_response(status)
        self.send_header("Content-Type", type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def drip(self, piece: bytes, pause: float = 0.05) -> None:
        """The same bytes again and again, until nobody listens or the server is closed."""
        while not self.server.closing.wait(pause):
            self.wfile.write(piece)

    def log_message(self, format: str, *args: Any) -> None:
        """Not a line; the asker tells what happened."""


class Server(ThreadingHTTPServer):
    """Answers every question by ``answer``, which may be changed while it runs."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, answer: Callable[[Question], None], address: tuple[str, int] = ("127.0.0.1", 0)) -> None:
        super().__init__(address, Question)
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.connections = 0
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.server_port}"

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://{self.address}/metrics"

    def process_request(self, request: Any, client_address: Any) -> None:
        """Count the connection."""
        self.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """An asker that hangs up is none of our business; anything else is a fault of the test."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)


def says(body: str | bytes, type: str = TEXT, status: int = 200, **headers: str) -> Callable[[Question], None]:
    """The same answer to every question."""
    return lambda question: question.say(body, type, status, **headers)


@contextmanager
def serving(answer: Callable[[Question], None], tls: bool = False) -> Generator[Server, None, None]:
    """The server while inside."""
    server = Server(answer)
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE, CERTIFICATE.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name=f"server {server.address}")
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()

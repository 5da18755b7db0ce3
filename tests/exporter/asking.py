"""Asks the exporter's web server over real connections, politely or otherwise."""

from __future__ import annotations

import socket
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from typing import Any, NamedTuple

from exporter.exposition import Pages
from exporter.sample import Sample
from exporter.server import Server
from exporter.source import Family
from exporter.web import Site
from tests.exporter.made import LIMIT

LOOPBACK = "127.0.0.1"
GET = b"GET /metrics HTTP/1.1\r\nHost: node\r\n\r\n"


class Reply(NamedTuple):
    """An HTTP answer, its headers by their names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@contextmanager
def serving(pages: Pages, host: str = LOOPBACK, **inventory: Any) -> Generator[Server, None, None]:
    """A server of these pages while inside, on a port of its own."""
    with closing(Server((host, 0), Site(pages, lambda: inventory).answer)) as server:
        yield server


def pages_of(*numbers: int) -> Pages:
    """Pages of one sample with a series for each number; of no sample if there are none."""
    pages = Pages()
    if numbers:
        show(pages, *numbers)
    return pages


def show(pages: Pages, *numbers: int) -> None:
    """Make these numbers the newest sample."""
    family = Family("a", "gauge", "A.")
    pages.show(Sample(7, 0, tuple(family.series(n=str(n)) for n in range(len(numbers))), numbers))


def get(address: tuple[str, int], path: str = "/metrics", method: str = "GET", **headers: str) -> Reply:
    """One request on a connection of its own; headers are named with underscores."""
    with closing(HTTPConnection(*address, timeout=LIMIT)) as connection:
        return ask(connection, path, method, **headers)


def ask(connection: HTTPConnection, path: str = "/metrics", method: str = "GET", **headers: str) -> Reply:
    """One request on a connection that is there already."""
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    response = connection.getresponse()
    return Reply(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())


@contextmanager
def dialled(server: Server) -> Generator[socket.socket, None, None]:
    """A bare connection to the server."""
    with socket.create_connection(server.address, timeout=LIMIT) as connection:
        yield connection


def everything(connection: socket.socket) -> bytes:
    """All that the server sends until it hangs up."""
    pieces: list[bytes] = []
    try:
        while piece := connection.recv(1 << 16):
            pieces.append(piece)
    except ConnectionResetError:  # it did not want to hear the rest
        pass
    return b"".join(pieces)

"""A web server behind a guard, with certificates of its own, and clients that trust them."""

from __future__ import annotations

import base64
import ssl
from collections.abc import Generator
from contextlib import closing, contextmanager
from functools import partial
from http.client import HTTPConnection, HTTPSConnection
from pathlib import Path

import bcrypt
import trustme

from exporter.guard import Guard
from exporter.server import Server
from exporter.web import Site
from tests.exporter.asking import LOOPBACK, Reply, ask, pages_of
from tests.exporter.made import LIMIT

PASSWORD = "correct horse battery"


def hashed(password: str = PASSWORD, cost: int = 4) -> str:
    """As htpasswd makes it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(cost)).decode()


class Authority:
    """One that signs certificates for a server's folder, and clients that know it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ca = trustme.CA()
        self.ca.cert_pem.write_to_path(str(folder / "ca.pem"))

    def sign(self) -> None:
        """A new certificate for the server."""
        certificate = self.ca.issue_cert(LOOPBACK)
        certificate.private_key_pem.write_to_path(str(self.folder / "key.pem"))
        certificate.cert_chain_pems[0].write_to_path(str(self.folder / "cert.pem"))

    def client(self, certified: bool = False) -> ssl.SSLContext:
        """What a client trusts; with a certificate of its own if it is certified."""
        context = ssl.create_default_context()
        self.ca.configure_trust(context)
        if certified:
            self.ca.issue_cert("prometheus@driftscope.example").configure_cert(context)
        return context


@contextmanager
def guarded(file: Path, text: str) -> Generator[Server, None, None]:
    """A server that this configuration protects, while inside."""
    file.write_text(text)
    guard = Guard(file)
    site = Site(pages_of(1), dict).answer
    with closing(Server((LOOPBACK, 0), partial(guard.answer, site=site), guard.wrap)) as server:
        yield server


def get(server: Server, context: ssl.SSLContext | None = None, user: str = "", password: str = PASSWORD) -> Reply:
    """One request on a connection of its own."""
    host, port = server.address
    if context:
        connection = HTTPSConnection(host, port, timeout=LIMIT, context=context)
    else:
        connection = HTTPConnection(host, port, timeout=LIMIT)
    with closing(connection):
        return ask(connection, **({"Authorization": basic(user, password)} if user else {}))


def basic(user: str, password: str = PASSWORD) -> str:
    """The header that says who asks."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

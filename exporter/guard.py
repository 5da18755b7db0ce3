"""Stands before the site: TLS and passwords, as ``--web.config.file`` says; read again when its files change."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from http import HTTPStatus
from pathlib import Path

from . import bcrypt, web_config
from .server import Answer, Request
from .web_config import Tls, WebConfig, WebConfigError

log = logging.getLogger("driftscope.exporter")

UNAUTHORIZED = Answer(
    HTTPStatus.UNAUTHORIZED, "text/plain", b"unauthorized\n", (("WWW-Authenticate", 'Basic realm="driftscope"'),)
)
LATER = Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"too many passwords to check\n", (("Retry-After", "1"),))

NOBODY = b"$2b$10$CgGU8.URJygsjfXJImYKMOYJ2EFmfhJLcP9IbSl8ue5gwuCBheTF."
"""Checked for users who do not exist, so that the time it takes does not tell who does."""

CHECKS = 4
"""Passwords that are checked without a pause; then one a second, so that nobody can warm the machine with guesses."""

Stamp = tuple[int, int, int]


class Guard:
    """Of one file. Raises WebConfigError if that cannot be used at first; what is wrong later is not taken over."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._checks, self._refilled = float(CHECKS), time.monotonic()
        self._salt = os.urandom(16)
        self._load()

    def wrap(self, connection: socket.socket) -> socket.socket:
        """The connection as it is to be used; a TLS handshake is still to be made. Raises OSError."""
        self._look_again()
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)

    def answer(self, request: Request, site: Callable[[Request], Answer]) -> Answer:
        """What the site answers, if whoever asks may know."""
        config = self._config
        answer = self._refusal(request.authorization, config) or site(request)
        return Answer(answer.status, answer.content_type, answer.body, (*answer.headers, *config.headers))

    def _refusal(self, authorization: str, config: WebConfig) -> Answer | None:
        if not config.users:
            return None
        user, password = credentials(authorization)
        if user is None:
            return UNAUTHORIZED
        hashed = config.users.get(user)
        seen = hmac.new(self._salt, b"\0".join([user.encode(), password, hashed or b""]), hashlib.sha256).digest()
        with self._lock:
            if seen in self._good:
                return None
            if not self._may_check():
                return LATER
        if not bcrypt.matches(password, hashed or NOBODY) or hashed is None:
            return UNAUTHORIZED
        with self._lock:
            self._good.add(seen)
        return None

    def _may_check(self) -> bool:
        now = time.monotonic()
        self._checks = min(float(CHECKS), self._checks + now - self._refilled)
        self._refilled = now
        if self._checks < 1:
            return False
        self._checks -= 1
        return True

    def _load(self) -> None:
        config = web_config.read(self._path)
        if config.users and not bcrypt.available():
            raise WebConfigError(f"{self._path}: basic_auth_users: this system's C library has no bcrypt")
        self._context = _context(config.tls, self._path) if config.tls else None
        self._config = config
        self._good: set[bytes] = set()
        """Passwords that were right: of each, with its user and hash, a hash of our own."""
        self._stamps = _stamps([self._path, *config.files])

    def _look_again(self) -> None:
        with self._lock:
            stamps = _stamps([self._path, *self._config.files])
            if stamps == self._stamps:
                return
            try:
                self._load()
                log.info("%s was read again", self._path)
            except WebConfigError as error:
                self._stamps = stamps
                log.error("%s; what it said before still holds", error)


def credentials(authorization: str) -> tuple[str | None, bytes]:
    """User and password of an Authorization header; no user if it is none."""
    scheme, _, encoded = authorization.partition(" ")
    try:
        decoded = base64.b64decode(encoded.strip(), validate=True) if scheme.lower() == "basic" else b""
        user, colon, password = decoded.partition(b":")
        return (user.decode(), password) if colon else (None, b"")
    except (binascii.Error, UnicodeError):
        return None, b""


def _context(tls: Tls, path: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version, context.maximum_version = tls.oldest, tls.newest
    for file in filter(None, (tls.cert, tls.key, tls.ca)):
        if not os.access(file, os.R_OK):
            raise WebConfigError(f"{path}: {file} cannot be read")
    try:
        context.load_cert_chain(tls.cert, tls.key)
        if tls.ca:
            context.load_verify_locations(tls.ca)
    except (OSError, ValueError) as error:
        raise WebConfigError(f"{path}: {tls.cert}, {tls.key}: {error.args[-1]}") from None
    context.verify_mode = tls.client_auth
    return context


def _stamps(paths: Sequence[Path]) -> list[Stamp | None]:
    """What changes when a file does: when it was written, its size and which it is."""
    return [_stamp(path) for path in paths]


def _stamp(path: Path) -> Stamp | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino

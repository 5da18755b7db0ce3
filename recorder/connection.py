"""One kept-alive HTTP connection to a target, and reading its answers with limits on length and time."""

from __future__ import annotations

import time
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError, InsecureRequestWarning, ProtocolError, ReadTimeoutError

from .targets import Target

ACCEPT = "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
CHUNK = 1 << 16

NOT_HTTP = (requests.RequestException, HTTPError, OSError, ValueError, RecursionError)
"""What an answer that is not what it should be can bring up, in requests, in urllib3 below it, or in json."""


class Refused(Exception):  # noqa: N818
    """An answer that counts for nothing: (reason, detail)."""

    def __str__(self) -> str:
        return self.args[1]


def session(target: Target) -> requests.Session:
    """What keeps the connection to a target, with all that its configuration says of how to ask."""
    session = requests.Session()
    session.trust_env = False  # proxies and passwords come from the configuration, as with Prometheus
    session.headers.update({"Accept": ACCEPT, "User-Agent": "driftscope-recorder", **target.headers})
    if not target.verify:
        urllib3.disable_warnings(InsecureRequestWarning)  # the configuration asks for it
    session.auth, session.verify, session.cert = target.auth, target.verify, target.cert
    if target.proxy:
        session.proxies = {"http": target.proxy, "https": target.proxy}
    session.mount("https://", _NamedAdapter(target.server_name))
    return session


class _NamedAdapter(HTTPAdapter):
    """TLS to a server whose certificate is for another name than its address (tls_config.server_name)."""

    def __init__(self, server_name: str | None) -> None:
        self._name = server_name
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        if self._name:
            kwargs.update(server_hostname=self._name, assert_hostname=self._name)
        super().init_poolmanager(*args, **kwargs)


def body(answer: requests.Response, limit: int, deadline: float) -> bytes:
    """The whole body, decompressed; refused as soon as it is too long or too late."""
    pieces: list[bytes] = []
    size = 0
    while piece := _piece(answer):
        pieces.append(piece)
        size += len(piece)
        if size > limit:
            raise Refused("too long", f"more than {limit} bytes")
        if time.monotonic() > deadline:
            raise Refused("timeout", f"only {size} bytes in time")
    return b"".join(pieces)


def _piece(answer: requests.Response) -> bytes:
    """The next bytes of the body, decompressed."""
    try:
        return answer.raw.read1(CHUNK, decode_content=True)
    except ProtocolError as error:
        raise Refused("cut off", innermost(error)) from None
    except ReadTimeoutError:
        raise Refused("timeout", "the answer stopped half-way") from None


def innermost(error: BaseException) -> str:
    """The cause at the bottom, without the library's layers around it."""
    while True:
        context = None if error.__suppress_context__ else error.__context__
        inner = error.__cause__ or context or getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            break
        error = inner
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).splitlines()[0]

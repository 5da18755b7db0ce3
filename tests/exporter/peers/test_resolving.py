"""Where a peer is."""

from __future__ import annotations

import socket
import threading

import pytest

from exporter.peers import resolving
from exporter.peers.resolving import Resolver
from tests.exporter.made import eventually


def test_an_address_is_known_at_once() -> None:
    """And never looked up."""
    assert Resolver("127.0.0.1", 7).address() == ("127.0.0.1", 7)
    assert Resolver("::1", 7).address() == ("::1", 7)


def test_a_name_is_looked_up_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """A resolver that hangs holds up nobody; until it answers there is no address, and that is said."""
    go_on = threading.Event()
    look_up = socket.getaddrinfo

    def slow(*arguments: object, **how: object) -> object:
        go_on.wait(10)
        return look_up("127.0.0.1", 7, type=socket.SOCK_DGRAM)

    monkeypatch.setattr(socket, "getaddrinfo", slow)
    there = Resolver("ares.example", 7)

    assert there.address() is None
    assert there.trouble == "ares.example is being looked up"
    go_on.set()
    eventually("it is known", lambda: there.address() == ("127.0.0.1", 7))


def test_a_name_that_changes_its_address_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """As behind a home router; while the name server is down, the old one stays."""
    monkeypatch.setattr(resolving, "EVERY", 0)
    answers: list[object] = [[(0, 0, 0, "", ("10.0.0.1", 7))]]

    def answer(*_: object, **__: object) -> object:
        if isinstance(answers[-1], OSError):
            raise answers[-1]
        return answers[-1]

    monkeypatch.setattr(socket, "getaddrinfo", answer)
    there = Resolver("ares.example", 7)
    eventually("the first", lambda: there.address() == ("10.0.0.1", 7))
    answers.append(socket.gaierror(-3, "Temporary failure in name resolution"))
    eventually("trouble", lambda: bool(there.address() and "Temporary failure" in there.trouble))
    answers.append([(0, 0, 0, "", ("10.0.0.2", 7))])

    eventually("the second", lambda: there.address() == ("10.0.0.2", 7))

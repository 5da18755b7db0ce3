"""The socket on which others ask."""

from __future__ import annotations

import socket
from contextlib import closing

import pytest

from exporter.peers.listening import bound


@pytest.mark.parametrize("asker", [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")])
def test_an_empty_host_is_every_address_of_both_kinds(asker: tuple[int, str]) -> None:
    """One socket hears both."""
    family, host = asker
    with closing(bound("", 0)) as there, socket.socket(family, socket.SOCK_DGRAM) as here:
        there.settimeout(10)
        here.sendto(b"x", (host, there.getsockname()[1]))

        assert there.recv(10) == b"x"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_one_address_is_that_one(host: str) -> None:
    """By number or by name."""
    with closing(bound(host, 0)) as there:
        assert there.getsockname()[0] in ("127.0.0.1", "::1")


def test_a_taken_port_is_an_error() -> None:
    """And nothing stays open."""
    with closing(bound("127.0.0.1", 0)) as there, pytest.raises(OSError, match="in use"):
        bound("127.0.0.1", there.getsockname()[1])

"""Flags of peers, as people write them."""

from __future__ import annotations

import pytest

from exporter.peers.options import Peer, listening, networks, peers, place, stamps
from exporter.peers.timestamping import HARDWARE, USER


def test_peers_have_names_and_places() -> None:
    """Of all kinds that there are."""
    assert peers("a=10.0.0.2:19777, b=[2001:db8::1]:123,c=c.example:1") == (
        Peer("a", "10.0.0.2", 19777),
        Peer("b", "2001:db8::1", 123),
        Peer("c", "c.example", 1),
    )
    assert peers("") == ()


@pytest.mark.parametrize("text", ["10.0.0.2:1", "a=10.0.0.2", "a=:70000", "a b=x:1", "a=2001:db8::1:123", "a=x:0"])
def test_what_is_no_peer_is_refused(text: str) -> None:
    """The message shows how one is written."""
    with pytest.raises(ValueError, match=r"expected (NAME=)?HOST:PORT"):
        peers(text)


def test_two_of_one_name_are_a_mistake() -> None:
    """Their series would be one."""
    with pytest.raises(ValueError, match="two peers are called a"):
        peers("a=x:1,a=y:2")


def test_other_flags() -> None:
    """And what they refuse."""
    assert listening("off") is None
    assert listening(":7") == ("", 7)
    assert place("[::1]:9") == ("::1", 9)
    assert [str(network) for network in networks("10.0.0.0/8, 2001:db8::/32")] == ["10.0.0.0/8", "2001:db8::/32"]
    assert (stamps("auto"), stamps("user")) == (HARDWARE, USER)
    with pytest.raises(ValueError, match="expected one of auto, hardware, kernel, user"):
        stamps("best")
    with pytest.raises(ValueError, match="does not appear"):
        networks("ten")

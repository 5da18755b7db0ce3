"""The thread that asks and answers, over real sockets."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from ipaddress import ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exporter.host import Host
from exporter.peers.answering import Responder, State
from exporter.peers.association import Association
from exporter.peers.keys import Key
from exporter.peers.listening import bound
from exporter.peers.packet import CLIENT, SIZE, Packet, parse
from exporter.peers.resolving import Resolver
from exporter.peers.service import Asked, Service
from exporter.peers.timestamping import KERNEL
from exporter.peers.watch import Watch
from tests.exporter.made import eventually

TENTH = 100_000_000
EVERYBODY = [ip_network("0.0.0.0/0"), ip_network("::/0")]
KEY = Key(7, "SHA256", b"secret")


@contextmanager
def service(*places: Resolver, key: Key | None = None, host: str = "127.0.0.1", port: int = 0) -> Iterator[Service]:
    """One that asks these ten times a second, and answers on a port of its own."""
    asked = [Asked(Watch(f"peer{n}", Association(key)), place) for n, place in enumerate(places)]
    responder = Responder(EVERYBODY, {key.id: key} if key else {})
    running = Service(
        Host(), asked, bound(host, port), responder, kind=KERNEL, interval=TENTH, burst=2, state=lambda: State(True, 0)
    )
    running.start()
    try:
        yield running
    finally:
        running.close()


def port_of(running: Service) -> int:
    """Where it answers."""
    assert running._listening
    return running._listening.socket.getsockname()[1]


def watch_of(running: Service) -> Watch:
    """Of its only peer."""
    return running.asked[0].watch


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("key", [None, KEY])
def test_two_find_that_their_clocks_are_one(host: str, key: Key | None) -> None:
    """This machine's: the bound holds, and is microseconds."""
    with service(key=key, host=host) as there, service(Resolver(host, port_of(there)), key=key) as here:
        watch = watch_of(here)
        eventually("a measurement", lambda: bool(watch.best and watch.best.result.interleaved))

    assert watch.best
    exchange = watch.best.result.exchange
    assert abs(exchange.offset) <= exchange.bound < 1_000_000
    assert watch.best.result.stamps == "kernel"
    assert not watch.rejected


def test_one_that_dies_and_returns() -> None:
    """Questions to it are lost meanwhile; nothing else happens."""
    with service() as there:
        port = port_of(there)
        with service(Resolver("127.0.0.1", port)) as here:
            watch = watch_of(here)
            eventually("a measurement", lambda: watch.best is not None)
            there.close()
            lost = watch.lost
            eventually("losses", lambda: watch.lost > lost + 3)
            before = watch.best
            with service(port=port):
                eventually("another measurement", lambda: watch.best is not before)
            assert here.alive


def test_another_key_gets_no_answer() -> None:
    """Nor does it take one."""
    with service(key=KEY) as there, service(Resolver("127.0.0.1", port_of(there)), key=Key(7, "SHA256", b"x")) as here:
        eventually("losses", lambda: watch_of(here).lost > 3)

        assert watch_of(here).best is None
        assert there.responder.counts["key"] > 0


@contextmanager
def liar(answer: Callable[[bytes], list[bytes]]) -> Iterator[Resolver]:
    """Somebody who answers each question with what a function makes of it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there:
        there.bind(("127.0.0.1", 0))
        there.settimeout(0.05)
        stop = threading.Event()

        def lie() -> None:
            while not stop.is_set():
                try:
                    question, address = there.recvfrom(2048)
                except OSError:  # nothing came yet
                    continue
                for packet in answer(question):
                    there.sendto(packet, address)

        thread = threading.Thread(target=lie)
        thread.start()
        try:
            yield Resolver(*there.getsockname())
        finally:
            stop.set()
            thread.join()


def wrong(**fields: object) -> Callable[[bytes], list[bytes]]:
    """Answers that are right but for these fields."""

    def answer(question: bytes) -> list[bytes]:
        asked = parse(question)
        assert asked
        now = (int(time.time()) + 2_208_988_800) << 32
        right = {"mode": 4, "stratum": 1, "org": asked.xmt, "rec": now, "xmt": now + 1}
        return [Packet(**{**right, **fields}).pack()]  # pyright: ignore[reportArgumentType]

    return answer


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (wrong(org=12345), "bogus"),
        (wrong(org=0), "bogus"),
        (wrong(stratum=0, refid=b"DENY"), "kiss"),
        (wrong(mode=CLIENT), "mode"),
        (wrong(xmt=0), "impossible"),
        (lambda question: [b"", b"x" * 47], "short"),
        (lambda question: [os.urandom(2000)], "mode"),
    ],
)
def test_a_liar_is_not_believed(answer: Callable[[bytes], list[bytes]], reason: str) -> None:
    """What is wrong with an answer is counted; nothing is measured, and it goes on asking."""
    with liar(answer) as place, service(place) as here:
        watch = watch_of(here)
        eventually("rejections", lambda: sum(watch.rejected.values()) > 3)

        assert watch.best is None
        assert here.alive
    if reason != "mode":
        assert watch.rejected[reason] > 0


def test_a_duplicate_counts_once() -> None:
    """The second is an answer to nothing."""
    with liar(lambda question: wrong()(question) * 2) as place, service(place) as here:
        watch = watch_of(here)
        eventually("rejections", lambda: watch.rejected["bogus"] > 2)

    assert watch.rejected["bogus"] <= watch.sent


def test_a_question_that_cannot_be_sent_is_lost() -> None:
    """As by a local firewall, and for a broadcast address. The reason is kept, and it is tried again."""
    with service(Resolver("127.255.255.255", 9)) as here:
        eventually("losses", lambda: watch_of(here).lost > 3)

        assert here.asked[0].trouble == "Permission denied"
        assert here.alive


@settings(max_examples=60)
@given(st.binary(max_size=200))
def test_no_packet_stops_it_or_gets_a_longer_one(packet: bytes) -> None:
    """Whatever comes; afterwards a right question is answered."""
    with service() as there, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here:
        here.connect(("127.0.0.1", port_of(there)))
        here.settimeout(10)
        here.send(packet)
        here.send(Packet(xmt=77).pack())
        answers = [here.recv(2048)]
        here.settimeout(0.001)
        with suppress(OSError):
            answers.append(here.recv(2048))

    assert all(len(answer) <= max(SIZE, len(packet)) for answer in answers)
    assert any((said := parse(answer)) and said.org == 77 for answer in answers)

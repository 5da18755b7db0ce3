"""Answers to NTP clients, and to those who are none."""

from __future__ import annotations

from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.peers import answering
from exporter.peers.answering import BURST, EVERY, MOST_CLIENTS, Responder, State
from exporter.peers.keys import Key
from exporter.peers.packet import RATE, SERVER, UNSYNCHRONISED, Packet, parse, timestamp

NOW = 1_795_460_191_203_077_383
LATER = NOW + 50_000
HOST = "192.0.2.7"
IN_STEP = State(synchronised=True, maxerror=1_000_000)


def responder(*networks: str, **keys: Key) -> Responder:
    """One that answers these networks, or everybody."""
    allowed = [ip_network(network) for network in networks or ("0.0.0.0/0", "::/0")]
    return Responder(allowed, {key.id: key for key in keys.values()})


def asked(there: Responder, question: bytes, host: str = HOST, now: int = LATER) -> Packet | None:
    """The answer to a question that came 50 us ago."""
    answer = there.answer(question, host, now - 50_000, now, IN_STEP)
    if answer is None:
        return None
    assert len(answer) == len(question)
    return parse(answer)


def answered(there: Responder, question: bytes, now: int = LATER) -> Packet:
    """The answer, which must be there."""
    answer = asked(there, question, now=now)
    assert answer is not None
    return answer


def test_an_answer_says_when_the_question_came_and_when_it_leaves() -> None:
    """And gives back the question's transmit timestamp, whatever that was: it is the client's secret."""
    answer = answered(responder(), Packet(xmt=0x0123_4567_89AB_CDEF, poll=3).pack())

    assert (answer.mode, answer.version, answer.poll, answer.leap) == (SERVER, 4, 3, 0)
    assert (answer.org, answer.rec, answer.xmt) == (0x0123_4567_89AB_CDEF, timestamp(NOW), timestamp(LATER))
    assert answer.rootdisp == 65


def test_a_clock_that_follows_nobody_says_so() -> None:
    """Its answers are right all the same, for whoever wants to know how far it is away."""
    answer = responder().answer(Packet().pack(), HOST, NOW, LATER, State(synchronised=False, maxerror=16_000_000_000))
    said = parse(answer or b"")

    assert said is not None
    assert said.leap == UNSYNCHRONISED


def test_an_interleaved_answer_says_when_the_one_before_left() -> None:
    """The client asks for it by giving back what rec was; it finds its own rec in org."""
    there = responder()
    question = Packet(xmt=11).pack()
    first = there.answer(question, HOST, NOW, LATER, IN_STEP)
    assert first is not None
    there.left(HOST, first, LATER + 7_000)

    answer = answered(there, Packet(org=timestamp(NOW), rec=22, xmt=33).pack(), now=LATER + 10**9)

    assert answer.org == 22
    assert answer.xmt == timestamp(LATER + 7_000)


def test_without_the_stamp_of_the_one_before_the_answer_is_a_basic_one() -> None:
    """A client takes either, and tells them apart by org."""
    there = responder()
    there.answer(Packet(xmt=11).pack(), HOST, NOW, LATER, IN_STEP)

    assert answered(there, Packet(org=timestamp(NOW), rec=22, xmt=33).pack()).org == 33


def test_no_other_client_is_told() -> None:
    """An address that guesses a timestamp of another's gets a basic answer."""
    there = responder()
    first = there.answer(Packet(xmt=11).pack(), HOST, NOW, LATER, IN_STEP)
    there.left(HOST, first or b"", LATER)

    answer = asked(there, Packet(org=timestamp(NOW), rec=22, xmt=33).pack(), host="192.0.2.8")

    assert answer is not None
    assert answer.org == 33


@pytest.mark.parametrize(
    ("question", "host", "why"),
    [
        (Packet().pack()[:47], HOST, "short"),
        (b"", HOST, "short"),
        (Packet(mode=SERVER).pack(), HOST, "mode"),
        (Packet(mode=6).pack(), HOST, "mode"),
        (Packet(mode=7).pack(), HOST, "mode"),
        (Packet(version=0).pack(), HOST, "mode"),
        (Packet(version=5).pack(), HOST, "mode"),
        (Packet().pack() + b"x", HOST, "long"),
        (Packet().pack() + bytes(1000), HOST, "long"),
        (Packet().pack() + bytes(24), HOST, "key"),
        (Packet().pack(), "198.51.100.1", "address"),
        (Packet().pack(), "2001:db8::1", "address"),
    ],
)
def test_who_gets_no_answer(question: bytes, host: str, why: str) -> None:
    """And what is counted."""
    there = responder("192.0.2.0/24")

    assert asked(there, question, host) is None
    assert there.counts == {why: 1}


def test_an_address_of_ipv4_within_ipv6_is_what_it_is() -> None:
    """A socket for both shows it so."""
    assert asked(responder("192.0.2.0/24"), Packet().pack(), "::ffff:192.0.2.7") is not None


def test_who_asks_too_often_is_told_and_then_ignored() -> None:
    """A burst is answered; then one kiss-o'-death of as many bytes, and silence, until time has passed."""
    there = responder()
    answers = [asked(there, Packet(xmt=n).pack()) for n in range(BURST + 10)]

    assert all(answer and answer.stratum for answer in answers[:BURST])
    kiss, *rest = answers[BURST:]
    assert kiss is not None
    assert (kiss.stratum, kiss.refid, kiss.org) == (0, RATE, BURST)
    assert rest == [None] * 9
    assert answered(there, Packet().pack(), now=LATER + 3 * EVERY).stratum


def test_eight_a_second_is_not_too_often() -> None:
    """For as long as one likes."""
    there = responder()

    assert all(answered(there, Packet().pack(), now=LATER + n * EVERY).stratum for n in range(200))


def test_clients_are_forgotten_before_they_are_too_many() -> None:
    """The one that was silent for longest."""
    there = responder()
    for n in range(MOST_CLIENTS + 10):
        asked(there, Packet().pack(), host=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}")

    assert len(there._clients) == MOST_CLIENTS
    assert "10.0.0.0" not in there._clients


KEY = Key(7, "SHA256", b"secret")


def test_with_keys_only_signed_questions_are_answered() -> None:
    """And the answer is signed by the same key."""
    there = responder(key=KEY)
    question = KEY.sign(Packet(xmt=11).pack())

    answer = there.answer(question, HOST, NOW, LATER, IN_STEP)

    assert answer is not None
    assert KEY.has_signed(answer)
    assert len(answer) == len(question)
    for wrong in (Packet().pack(), question[:-1] + b"x", Key(8, "SHA256", b"secret").sign(Packet().pack())):
        assert there.answer(wrong, HOST, NOW, LATER, IN_STEP) is None
    assert there.counts["key"] == 3


@given(st.binary(max_size=200) | st.binary(max_size=100).map(lambda rest: Packet().pack() + rest), st.booleans())
def test_no_packet_makes_it_raise_or_say_too_much(question: bytes, with_keys: bool) -> None:
    """No answer is longer than its question, whatever that is."""
    there = responder(key=KEY) if with_keys else responder()

    answer = there.answer(question, HOST, NOW, LATER, IN_STEP)

    assert answer is None or len(answer) == len(question)
    assert sum(there.counts.values()) == 1
    there.left(HOST, question, LATER)


def test_the_limits_are_those_of_the_docs() -> None:
    """Eight a second, sixteen at once."""
    assert (answering.SECOND // EVERY, BURST) == (8, 16)

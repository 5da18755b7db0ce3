"""What a peer is asked, and what its answers are worth."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.peers.answering import Responder, State
from exporter.peers.association import Association, RejectedError, Result
from exporter.peers.keys import Key
from exporter.peers.packet import RATE, SERVER, Packet, parse
from exporter.peers.timestamping import KERNEL, USER, Stamp

START = 1_795_460_191_203_077_383
SECOND = 1_000_000_000
KEY = Key(7, "SHA256", b"secret")


@dataclass
class Link:
    """An association and a responder that is ahead, with a way between them that takes its time; all nanoseconds."""

    theta: int = 3_000_000
    way: int = 100_000
    kernel: int = 10_000
    """What a packet takes from the call to the stamp of its leaving."""
    key: Key | None = None
    now: int = START
    association: Association = field(init=False)
    responder: Responder = field(init=False)

    def __post_init__(self) -> None:
        self.association = Association(self.key)
        self.responder = Responder([ip_network("0.0.0.0/0")], {self.key.id: self.key} if self.key else {})

    def ask(self) -> tuple[bytes, Stamp]:
        """Ask, have it answered, and give the answer, with when it came."""
        question, number = self.association.question()
        self.association.sent(number, self.now)
        left = self.now + self.kernel
        self.association.left(number, Stamp(left, KERNEL))
        came = left + self.way + self.theta
        answer = self.responder.answer(question, "192.0.2.7", came, came + 5000, State(True, 0))
        assert answer is not None
        self.responder.left("192.0.2.7", answer, came + 5000 + self.kernel)
        back = left + self.way + 5000 + self.kernel + self.way
        self.now += SECOND
        return answer, Stamp(back, KERNEL)

    def measure(self) -> Result | None:
        """Ask, and take the answer."""
        return self.association.answer(*self.ask())


@pytest.mark.parametrize("key", [None, KEY])
def test_the_first_answer_is_basic_and_the_next_ones_are_interleaved(key: Key | None) -> None:
    """Basic ones see the way through the kernel as delay; interleaved ones, stamped by the kernel, do not."""
    link = Link(key=key)

    first, second, third = (link.measure() for _ in range(3))

    assert first is not None
    assert second is not None
    assert third is not None
    assert [each.interleaved for each in (first, second, third)] == [False, True, True]
    assert (first.exchange.offset, first.exchange.delay) == (link.theta, 2 * link.way + 2 * link.kernel)
    assert (second.exchange.offset, second.exchange.delay) == (link.theta, 2 * link.way)
    assert (first.stamps, second.stamps) == (USER, KERNEL)


def test_a_peer_without_interleaved_mode_is_asked_all_the_same() -> None:
    """It answers each question as a basic one."""
    link = Link()
    results = []
    for _ in range(3):
        link.responder._clients.clear()
        results.append(link.measure())

    assert [result and result.interleaved for result in results] == [False, False, False]


def test_a_lost_answer_costs_only_itself() -> None:
    """The answer after it is a basic one or begins anew, and what is measured stays right."""
    link = Link()
    for lost in (False, True, False, True, True, False, False):
        answer, came = link.ask()
        if not lost:
            result = link.association.answer(answer, came)
            assert result is None or result.exchange.offset == link.theta


def test_a_late_answer_shifts_none_that_follow() -> None:
    """One that comes after its successor's question counts for nothing, and the next ones count."""
    link = Link()
    late = link.ask()
    assert link.measure()

    with pytest.raises(RejectedError, match="late"):
        link.association.answer(late[0], Stamp(late[1].at + 2 * SECOND, KERNEL))

    for _ in range(3):
        result = link.measure()
        assert result is None or result.exchange.offset == link.theta


def test_a_duplicate_is_bogus() -> None:
    """Its question is not awaited any more."""
    link = Link()
    answer = link.ask()
    assert link.association.answer(*answer)

    with pytest.raises(RejectedError, match="bogus"):
        link.association.answer(*answer)


@given(st.integers(0, 2**64 - 1))
def test_a_guess_is_bogus(guess: int) -> None:
    """Nobody who has not seen the question knows its number."""
    link = Link()
    link.association.question()

    with pytest.raises(RejectedError, match="bogus"):
        link.association.answer(Packet(mode=SERVER, stratum=1, org=guess).pack(), Stamp(START, KERNEL))


def changed(answer: bytes, **fields: object) -> bytes:
    """An answer with other fields."""
    said = parse(answer)
    assert said is not None
    return replace(said, **fields).pack()


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"mode": 3}, "mode"),
        ({"stratum": 0, "refid": RATE}, "kiss"),
        ({"org": 0}, "bogus"),
        ({"xmt": 0}, "impossible"),
    ],
)
def test_what_is_no_answer_is_rejected_with_its_reason(fields: dict[str, object], why: str) -> None:
    """A word, which becomes a label."""
    link = Link()
    answer, came = link.ask()

    with pytest.raises(RejectedError, match=f"^{why}$"):
        link.association.answer(changed(answer, **fields), came)


def test_with_a_key_only_signed_answers_count() -> None:
    """Neither one without a code nor one with another."""
    link = Link(key=KEY)
    answer, came = link.ask()

    for wrong in (answer[:48], answer[:-1] + b"x", Key(7, "SHA256", b"other").sign(answer[:48])):
        with pytest.raises(RejectedError, match="key"):
            link.association.answer(wrong, came)
    assert link.association.answer(answer, came)


def test_a_question_tells_nothing_of_who_asks() -> None:
    """All but its first byte and three numbers is zero, and no number is a time."""
    link = Link()
    link.measure()

    question, _ = link.association.question()

    said = parse(question)
    assert said is not None
    assert question[1:24] == bytes(23)
    assert len({said.rec, said.xmt}) == 2


@given(st.binary(max_size=100) | st.binary(min_size=48, max_size=48).map(lambda data: b"\x24" + data[1:]))
def test_no_packet_makes_it_do_more_than_reject(data: bytes) -> None:
    """And after any packet the next answers count."""
    link = Link()

    with pytest.raises(RejectedError):
        link.association.answer(data, Stamp(START, KERNEL))

    assert link.measure()

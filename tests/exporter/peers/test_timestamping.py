"""When packets came and left, on real sockets."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Generator
from contextlib import ExitStack, closing

import pytest

from exporter.peers import timestamping
from exporter.peers.timestamping import HARDWARE, KERNEL, USER, Arrived, Left, StampedSocket

PACKET = b"\x23" + bytes(47)


@pytest.fixture(params=["127.0.0.1", "::1"])
def address(request: pytest.FixtureRequest) -> str:
    """An address of this machine."""
    return request.param


@pytest.fixture
def stack() -> Generator[ExitStack, None, None]:
    """Closes what a test opens."""
    with ExitStack() as stack:
        yield stack


def stamped(stack: ExitStack, address: str, wanted: str) -> StampedSocket:
    """A socket at a port of its own."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    bare = stack.enter_context(closing(socket.socket(family, socket.SOCK_DGRAM)))
    bare.bind((address, 0))
    return StampedSocket(bare, wanted)


def happened(there: StampedSocket, count: int) -> list[Arrived | Left]:
    """The next things that happen to a socket."""
    seen: list[Arrived | Left] = []
    poll = select.poll()
    poll.register(there.socket, select.POLLIN)
    deadline = time.monotonic() + 10
    while len(seen) < count and time.monotonic() < deadline:
        poll.poll(100)
        seen += there.receive()
    return seen


@pytest.mark.parametrize("wanted", [KERNEL, HARDWARE])
def test_the_kernel_says_when_a_packet_left_and_came(stack: ExitStack, address: str, wanted: str) -> None:
    """Between the call that sent it and the one that received it, in this order; a loopback has no hardware."""
    asking, answering = stamped(stack, address, wanted), stamped(stack, address, wanted)

    number, called = asking.send(PACKET, answering.socket.getsockname())
    (came,) = happened(answering, 1)
    (left,) = happened(asking, 1)

    assert isinstance(came, Arrived)
    assert isinstance(left, Left)
    assert came.data == PACKET
    assert came.address[:2] == asking.socket.getsockname()[:2]
    assert left.number == number
    assert (left.stamp.kind, came.stamp.kind) == (KERNEL, KERNEL)
    assert called.at <= left.stamp.at <= came.stamp.at <= time.time_ns()


def test_every_packet_has_its_own_stamp(stack: ExitStack) -> None:
    """They are told apart by the order in which they were sent."""
    asking, answering = (stamped(stack, "127.0.0.1", KERNEL) for _ in range(2))

    sent = [asking.send(PACKET, answering.socket.getsockname()) for _ in range(5)]
    left = [each for each in happened(asking, 5) if isinstance(each, Left)]

    assert [each.number for each in left] == [number for number, _ in sent]
    for (_, called), each in zip(sent, left):
        assert called.at <= each.stamp.at


def test_without_the_kernels_stamps_the_clock_is_read_around_the_call(stack: ExitStack) -> None:
    """Then nothing says when a packet left but the call."""
    asking, answering = (stamped(stack, "127.0.0.1", USER) for _ in range(2))

    _, called = asking.send(PACKET, answering.socket.getsockname())
    (came,) = happened(answering, 1)

    assert isinstance(came, Arrived)
    assert came.stamp.kind == called.kind == USER
    assert called.at <= came.stamp.at
    assert list(asking.receive()) == []


def test_a_stamp_that_the_clock_contradicts_is_not_used(stack: ExitStack) -> None:
    """The clock was set between the stamp and its reading: both say user, and the packets are not lost."""
    asking, answering = (stamped(stack, "127.0.0.1", KERNEL) for _ in range(2))
    for each in (asking, answering):
        each.clock_ns = lambda clock: time.clock_gettime_ns(clock) + 3600 * 10**9

    asking.send(PACKET, answering.socket.getsockname())
    (came,) = happened(answering, 1)

    assert isinstance(came, Arrived)
    assert came.stamp.kind == USER
    assert list(asking.receive()) == []


def test_a_port_that_nobody_listens_on_is_no_error(stack: ExitStack) -> None:
    """What it answers is told to whoever reads next; nothing has come, and that is all."""
    asking = stamped(stack, "127.0.0.1", KERNEL)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = closed.getsockname()
    asking.socket.connect(nobody)
    asking.socket.send(PACKET)
    time.sleep(0.05)

    assert [each for each in asking.receive() if isinstance(each, Arrived)] == []


def test_a_long_packet_is_cut_and_not_lost(stack: ExitStack) -> None:
    """Whoever parses it sees more bytes than any packet has."""
    asking, answering = (stamped(stack, "127.0.0.1", KERNEL) for _ in range(2))

    asking.send(bytes(10_000), answering.socket.getsockname())
    (came,) = happened(answering, 1)

    assert isinstance(came, Arrived)
    assert len(came.data) == timestamping.LONGEST_PACKET

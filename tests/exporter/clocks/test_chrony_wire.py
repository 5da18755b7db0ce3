"""chronyd's protocol: what real chronyds of several versions sent, and what nobody should send."""

from __future__ import annotations

import errno
import math
import struct
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import chrony_wire as wire
from exporter.clocks.chrony_fields import ReplyError
from exporter.clocks.chrony_wire import Report
from tests.lab.chrony_captures import VERSIONS, packet, packets

PARSERS: dict[str, tuple[Report, Callable[[bytes], Any]]] = {
    "n_sources": (wire.N_SOURCES, wire.n_sources),
    "tracking": (wire.TRACKING, wire.tracking),
    "source_data": (wire.SOURCE_DATA, wire.source_data),
    "sourcestats": (wire.SOURCESTATS, wire.sourcestats),
    "ntp_data": (wire.NTP_DATA, wire.ntp_data),
}
REPLIES = [(name, reply) for version in VERSIONS for name in PARSERS for reply in packets(version, name)]


def with_field(reply: bytes, offset: int, format: str, value: int | bytes) -> bytes:
    """The reply with another value in one field."""
    changed = bytearray(reply)
    struct.pack_into(f"!{format}", changed, offset, value)
    return bytes(changed)


def parsed(name: str, reply: bytes) -> Any:
    """What the parser of this name makes of a reply."""
    return PARSERS[name][1](reply)


@pytest.mark.parametrize("version", VERSIONS)
def test_tracking_of_every_version(version: str) -> None:
    """A clock 3 ms behind a server that is 50 ppm faster: it is slow, and would run slow."""
    tracking = wire.tracking(packet(version, "tracking"))

    assert (tracking.reference_id, tracking.address, tracking.stratum, tracking.leap) == (0x7F000001, "127.0.0.1", 2, 0)
    assert 0.003 < tracking.system_time < 0.004
    assert -51 < tracking.frequency_ppm < -49
    assert tracking.reference_time // 10**15 == 1795
    assert abs(tracking.last_offset) < tracking.rms_offset * 10 < 1e-4
    assert 0 < tracking.root_delay < 1e-3 < tracking.root_dispersion * 2 < 3e-3
    assert 0 < tracking.skew_ppm < 1
    assert 0.9 < tracking.update_interval < 2.1


@pytest.mark.parametrize("version", VERSIONS)
def test_sources_of_every_version(version: str) -> None:
    """Addresses of all families, states, modes, and the age of a sample that there never was."""
    sources = [wire.source_data(reply) for reply in packets(version, "source_data")]

    assert len(sources) == wire.n_sources(packet(version, "n_sources"))
    assert [source.address for source in sources] == [
        "80.80.83.88",
        "127.0.0.1",
        "127.0.0.2",
        "::1",
        "127.0.0.9",
        "ID#0000000001",
    ]
    assert [source.age is None for source in sources] == [True, False, False, False, True, True]
    assert [source.state for source in sources] == ["unreach", "sync", *["unreach"] * 4]
    assert [source.mode for source in sources] == ["reference clock", *["client"] * 5]
    assert [source.reachability for source in sources] == [0, 0o377, 0o377, 0o377, 0, 0]
    assert [source.poll for source in sources] == [4, 0, 0, 0, 6, 6]


@pytest.mark.parametrize("version", VERSIONS)
def test_signs_of_every_version(version: str) -> None:
    """The clock is 3.7 ms ahead of 127.0.0.2 and 50 ppm faster; only ``ntpdata`` says it the other way round."""
    data = [wire.source_data(reply) for reply in packets(version, "source_data")][2]
    stats = [wire.sourcestats(reply) for reply in packets(version, "sourcestats")][2]
    ntp = [wire.ntp_data(reply) for reply in packets(version, "ntp_data")][1]

    assert data.address == stats.address == ntp.address == "127.0.0.2"
    assert 0.0035 < data.measured_offset < 0.0038
    assert 0.0035 < data.offset < 0.0038
    assert 0.0035 < stats.offset < 0.0038
    assert 49 < stats.frequency_ppm < 51
    assert -0.0038 < ntp.offset < -0.0035


@pytest.mark.parametrize("version", VERSIONS)
def test_exchanges_of_every_version(version: str) -> None:
    """The reply to ``ntpdata`` has another number and is longer since 4.6, and has the same results."""
    reply = packets(version, "ntp_data")[0]
    ntp = wire.ntp_data(reply)

    assert len(reply) == (152 if version < "4.6" else 172)
    assert (ntp.transmit_stamp, ntp.receive_stamp) == ("kernel", "kernel")
    assert (ntp.interleaved, ntp.authenticated) == (False, False)
    assert 5e-6 < ntp.delay < 5e-5
    assert 9e-7 < ntp.dispersion < 1e-6
    assert 5e-5 < ntp.response_time < 5e-4
    assert -0.5 <= ntp.jitter_asymmetry <= 0.5


@pytest.mark.parametrize("version", VERSIONS)
def test_no_exchange_has_no_stamps(version: str) -> None:
    """Of a source that never answered all is 0, and nobody took a stamp."""
    ntp = wire.ntp_data(packets(version, "ntp_data")[-1])

    assert (ntp.transmit_stamp, ntp.receive_stamp, ntp.delay) == ("", "", 0)


@pytest.mark.parametrize(("name", "code"), [("no_such_source", errno.ENOENT), ("not_authorised", errno.EACCES)])
@pytest.mark.parametrize("version", VERSIONS)
def test_a_refusal_says_what_chronyd_says(version: str, name: str, code: int) -> None:
    """Each status that can be expected has an error number of its own."""
    reply = packet(version, name)
    parse = wire.source_data if name == "no_such_source" else wire.ntp_data

    with pytest.raises(ReplyError, match=name.replace("_", " ")) as raised:
        parse(reply)

    assert raised.value.errno == code


@given(st.sampled_from(sorted(PARSERS)), st.binary(max_size=256))
def test_any_bytes_are_refused(name: str, reply: bytes) -> None:
    """What is no reply raises ReplyError, and nothing else."""
    with pytest.raises(ReplyError, match="not understood"):
        parsed(name, reply)


@given(st.sampled_from(REPLIES), st.data())
def test_damaged_replies_raise_only_one_error(reply: tuple[str, bytes], data: st.DataObject) -> None:
    """A reply with any bytes changed is refused, or all its numbers are finite."""
    name, good = reply
    at = data.draw(st.integers(0, len(good) - 1))
    bad = good[:at] + data.draw(st.binary(min_size=1, max_size=12)) + good[at + 12 :]
    try:
        report = parsed(name, bad)
    except ReplyError:
        return

    numbers = vars(report).values() if name != "n_sources" else [report]
    assert all(math.isfinite(number) for number in numbers if isinstance(number, float))


@pytest.mark.parametrize("reply", REPLIES)
def test_a_reply_must_be_whole(reply: tuple[str, bytes]) -> None:
    """One byte less or more, and it is refused."""
    name, good = reply
    for size in range(len(good)):
        with pytest.raises(ReplyError):
            parsed(name, good[:size])
    with pytest.raises(ReplyError):
        parsed(name, good + b"\0")


@pytest.mark.parametrize(
    ("offset", "format", "value", "why"),
    [
        (0, "B", 5, "version 5"),
        (1, "B", 1, "type 1"),
        (4, "H", 34, "command 34"),
        (6, "H", 6, "reply 6"),
        (8, "H", 1, "failed"),
        (8, "H", 18, "another version"),
        (8, "H", 99, "status 99"),
        (28 + 26, "H", 4, "leap status 4"),
        (28 + 28, "I", 1 << 31, "time"),
        (28 + 36, "I", 1_000_000_000, "time"),
        (28 + 40, "I", 0x7EFF_FFFF, "too large"),
        (28 + 40, "I", 0x7F00_0000, "too large"),
        (28 + 20, "H", 9, "address family 9"),
    ],
)
def test_what_cannot_be_is_named(offset: int, format: str, value: int, why: str) -> None:
    """Another version, type, command, status, or a value out of its range is refused, saying which."""
    with pytest.raises(ReplyError, match=why):
        wire.tracking(with_field(packet("4.3", "tracking"), offset, format, value))


@pytest.mark.parametrize(
    ("offset", "value"),
    [(28 + 20, 40), (28 + 24, 6), (28 + 26, 3), (28 + 30, 0x100)],
    ids=["poll", "state", "mode", "reach"],
)
def test_a_source_that_cannot_be_is_refused(offset: int, value: int) -> None:
    """A state or mode that nobody knows, a poll interval of centuries, a reachability of more than eight bits."""
    with pytest.raises(ReplyError, match="not understood"):
        wire.source_data(with_field(packets("4.3", "source_data")[1], offset, "H", value))


def test_stamps_by_nobody_known_are_refused() -> None:
    """The letter says daemon, kernel or hardware."""
    reply = packets("4.3", "ntp_data")[0]
    where = reply.rindex(b"KK")

    assert wire.ntp_data(with_field(reply, where, "2s", b"HD")).transmit_stamp == "hardware"
    with pytest.raises(ReplyError, match="stamps"):
        wire.ntp_data(with_field(reply, where, "2s", b"?K"))


def test_too_many_sources_are_no_number() -> None:
    """Nobody is asked for four thousand million sources."""
    with pytest.raises(ReplyError, match="sources"):
        wire.n_sources(with_field(packet("4.3", "n_sources"), 28, "I", 0xFFFF_FFFF))


@pytest.mark.parametrize("version", VERSIONS)
def test_only_the_reply_to_this_request_answers_it(version: str) -> None:
    """Its sequence number and command tell it from late replies to others; even a refusal answers."""
    reply = packet(version, "tracking")
    refusal = packet(version, "not_authorised")
    sequence = int.from_bytes(reply[16:20], "big")

    assert wire.answers(reply, wire.TRACKING, sequence)
    assert wire.answers(refusal, wire.NTP_DATA, int.from_bytes(refusal[16:20], "big"))
    assert not wire.answers(reply, wire.TRACKING, sequence + 1)
    assert not wire.answers(reply, wire.SOURCESTATS, sequence)
    assert not wire.answers(with_field(reply, 1, "B", 1), wire.TRACKING, sequence)


@given(st.binary(max_size=64))
def test_any_bytes_may_come(packet: bytes) -> None:
    """Whether they answer can be asked of any bytes."""
    assert wire.answers(packet, wire.TRACKING, 1) in (True, False)


@pytest.mark.parametrize(
    ("report", "size"),
    [(wire.N_SOURCES, 32), (wire.SOURCE_DATA, 76), (wire.TRACKING, 104), (wire.SOURCESTATS, 84), (wire.NTP_DATA, 172)],
)
def test_a_request_is_as_long_as_its_longest_reply(report: Report, size: int) -> None:
    """What is shorter chronyd does not answer, as that would amplify an attack."""
    request = wire.request(report, 0x01020304, b"data")

    assert len(request) == size
    assert request[:24] == bytes([6, 1, 0, 0, 0, report.command, 0, 0, 1, 2, 3, 4]) + bytes(8) + b"data"

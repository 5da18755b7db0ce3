"""Asking chronyd, over real sockets: one that answers, is late, talks rubbish, says nothing, or is not there."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from exporter.clocks import chrony_socket, chrony_wire
from exporter.clocks.chrony_fields import ReplyError
from exporter.clocks.chrony_reports import SourceData, SourceStats
from exporter.clocks.chrony_socket import ChronySocket, belongs
from tests.exporter.chronyds import good, standing_in
from tests.lab.chrony_captures import VERSIONS, packet, packets


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a stand-in may take its time; a test of silence sets its own patience."""
    monkeypatch.setattr(chrony_socket, "PATIENCE", 20)
    monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 20)


def silent(request: bytes, reply: bytes) -> Sequence[bytes]:
    """No answer."""
    return []


@pytest.mark.parametrize("version", VERSIONS)
def test_tracking_by_udp(version: str) -> None:
    """What chronyd sent is what is said."""
    with standing_in(version=version) as daemon, closing(ChronySocket(daemon.address)) as way:
        assert way.tracking() == chrony_wire.tracking(packet(version, "tracking"))


def test_the_socket_stays_open() -> None:
    """Each question comes from the same port."""
    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        for _ in range(3):
            way.tracking()

        assert len(daemon.clients) == 3
        assert len(set(daemon.clients)) == 1


def test_sources_by_udp() -> None:
    """All that have an address, with their statistics; chronyd keeps exchanges to itself and is asked for them once."""
    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        reports, refused = way.sources()
        way.sources()
        commands = daemon.commands

    assert [report.data.address for report in reports] == ["80.80.83.88", "127.0.0.1", "127.0.0.2", "::1", "127.0.0.9"]
    assert [report.stats.samples for report in reports if report.stats] == [0, 12, 14, 16, 0]
    assert [report.ntp for report in reports] == [None] * 5
    assert refused == []
    assert commands.count(chrony_wire.NTP_DATA.command) == 1


@pytest.mark.parametrize("version", VERSIONS)
def test_sources_by_the_unix_socket(version: str, tmp_path: Path) -> None:
    """There is the last exchange with each NTP source as well."""
    with standing_in(str(tmp_path / "sock"), version) as daemon, closing(ChronySocket(daemon.address)) as way:
        reports, refused = way.sources()

    exchanges = [report.ntp.receive_stamp for report in reports if report.ntp]
    assert exchanges == ["kernel", "kernel", "kernel", ""]
    assert refused == []


def test_our_socket_is_beside_chronyds_and_is_removed(tmp_path: Path) -> None:
    """There chronyd can answer, also if it runs as another user."""
    with standing_in(str(tmp_path / "sock")) as daemon:
        way = ChronySocket(daemon.address)
        way.tracking()
        (ours,) = {path for path in tmp_path.iterdir() if path.name != "sock"}
        mode = ours.stat().st_mode
        way.close()

        assert mode & 0o777 == 0o666
        assert [path.name for path in tmp_path.iterdir()] == ["sock"]


def test_nobody_there_is_known_at_once(tmp_path: Path) -> None:
    """A refusal is said without waiting, and leaves nothing behind."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        address = unused.getsockname()
    began = time.monotonic()
    by_udp, by_unix = ChronySocket(address).refusal(), ChronySocket(str(tmp_path / "sock")).refusal()

    assert by_udp
    assert by_udp.errno == errno.ECONNREFUSED
    assert by_unix
    assert by_unix.errno == errno.ENOENT
    assert time.monotonic() - began < 10
    assert list(tmp_path.iterdir()) == []


def test_a_socket_that_nobody_listens_on(tmp_path: Path) -> None:
    """What a killed chronyd leaves behind refuses."""
    with standing_in(str(tmp_path / "sock")):
        pass
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as left:
        left.bind(str(tmp_path / "sock"))
    refusal = ChronySocket(str(tmp_path / "sock")).refusal()

    assert refusal
    assert refusal.errno == errno.ECONNREFUSED
    assert [path.name for path in tmp_path.iterdir()] == ["sock"]


def test_silence_is_a_time_out_and_not_waited_for_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """One who stops answering costs the patience once; afterwards it is only looked whether it is back."""
    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        way.tracking()
        daemon.answer = silent
        monkeypatch.setattr(chrony_socket, "PATIENCE", 0.3)
        monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 0.01)
        began = time.monotonic()
        with pytest.raises(TimeoutError, match=r"no answer within 0.3 s"):
            way.tracking()
        with pytest.raises(TimeoutError, match=r"no answer within 0.01 s"):
            way.tracking()
        waited = time.monotonic() - began
        there = way.refusal() is None
        daemon.answer = good
        monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 20)

        assert waited >= 0.3
        assert there
        assert way.tracking().stratum == 2


def test_one_that_is_started_anew_is_asked_again(tmp_path: Path) -> None:
    """The first question to a dead one fails, and the first to the next one opens a socket to that."""
    for address in (("127.0.0.1", 0), str(tmp_path / "sock")):
        with standing_in(address) as daemon:
            way = ChronySocket(daemon.address)
            way.tracking()
        with pytest.raises(OSError):  # noqa: PT011  # which one differs: refused, or not there
            way.tracking()
        with standing_in(daemon.address):
            assert way.tracking().stratum == 2
            way.close()


def test_late_replies_and_rubbish_are_passed_over() -> None:
    """Only the reply with the number of this request is taken."""

    def late(request: bytes, reply: bytes) -> Sequence[bytes]:
        other = (int.from_bytes(reply[16:20], "big") ^ 1).to_bytes(4, "big")
        wrong = packet("4.9", "tracking")
        return [b"", b"rubbish", reply[:16] + other + reply[20:], wrong, request, reply]

    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        daemon.answer = late
        answers = [way.tracking() for _ in range(3)]

    assert answers == [chrony_wire.tracking(packet("4.3", "tracking"))] * 3


def test_a_malformed_reply_is_an_error_and_the_next_is_read() -> None:
    """It is no time-out: chronyd is there."""
    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        daemon.answer = lambda request, reply: [reply[:-1]]
        with pytest.raises(ReplyError, match="103 bytes"):
            way.tracking()
        there = way.refusal() is None
        daemon.answer = good

        assert there
        assert way.tracking().stratum == 2


def test_a_source_that_is_refused_costs_only_itself() -> None:
    """The others are there, and the refusal is known; one that was removed meanwhile is no refusal."""
    unlike = packets("4.3", "source_data")

    def damaged(request: bytes, reply: bytes) -> Sequence[bytes]:
        if reply[28:] == unlike[1][28:]:
            return [reply[: 28 + 26] + b"\0\x09" + reply[28 + 28 :]]
        if reply[28:] == unlike[2][28:]:
            gone = packet("4.3", "no_such_source")
            return [gone[:4] + reply[4:6] + gone[6:16] + reply[16:20] + gone[20:]]
        return [reply]

    with standing_in() as daemon, closing(ChronySocket(daemon.address)) as way:
        daemon.answer = damaged
        reports, refused = way.sources()

    assert [report.data.address for report in reports] == ["80.80.83.88", "::1", "127.0.0.9"]
    assert ["mode 9" in str(error) for error in refused] == [True]


def test_statistics_of_another_source_are_not_taken() -> None:
    """Places move when a source is added or removed between the two questions."""
    sources = [chrony_wire.source_data(reply) for reply in packets("4.3", "source_data")]
    stats = [chrony_wire.sourcestats(reply) for reply in packets("4.3", "sourcestats")]

    def pairs(data: SourceData) -> list[bool]:
        return [belongs(each, data) for each in stats]

    assert pairs(sources[0]) == [True, False, False, False, False, False]
    assert pairs(sources[3]) == [False, False, False, True, False, False]
    assert not belongs(None, sources[0])
    assert isinstance(stats[0], SourceStats)


def test_ways_to_one_address_are_equal() -> None:
    """Looking again at a machine that has not changed keeps the open socket."""
    with standing_in() as daemon:
        way, same = ChronySocket(daemon.address), ChronySocket(daemon.address)
        way.tracking()
        equal = way == same
        way.close()

    assert equal
    assert way != ChronySocket(("127.0.0.1", 323))
    assert ChronySocket(("127.0.0.1", 323)).found == {"asked": "udp", "address": "127.0.0.1:323"}
    assert ChronySocket("/run/chrony/chronyd.sock").found["asked"] == "unix socket"

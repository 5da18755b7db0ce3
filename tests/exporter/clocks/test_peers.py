"""The source ``peers``: real questions to a real service."""

from __future__ import annotations

import logging
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from exporter.clocks import peers, timex
from exporter.clocks.peers import Peers, state
from exporter.peers.answering import State
from exporter.peers.options import Peer
from exporter.source import Absent, Number
from tests.exporter.made import eventually
from tests.exporter.reading import by_series, host


def free_port() -> int:
    """A UDP port that nobody has."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def node(tree: Path, port: int, **asked: int) -> Iterator[Peers]:
    """A node that answers on this port, and asks others by their names and ports."""
    named = tuple(Peer(name, "127.0.0.1", where) for name, where in asked.items())
    with closing(find(tree, {"peer.listen": ("127.0.0.1", port), "peers": named})) as reader:
        assert isinstance(reader, Peers)
        yield reader


def find(tree: Path, options: dict[str, Any]) -> Peers:
    """The source's reader; it must be there."""
    reader = peers.find(host(tree, **options))
    assert isinstance(reader, Peers)
    return reader


def read(reader: Peers) -> dict[str, Number]:
    """What it says now."""
    return by_series(reader.read())


def test_a_peer_on_this_machine_has_the_same_clock(tmp_path: Path) -> None:
    """All series of one that answers; of one that does not, that it is down."""
    there, here = free_port(), free_port()
    with node(tmp_path, there) as ares, node(tmp_path, here, ares=there, gone=free_port()) as reader:
        read(ares)
        eventually("an estimate", lambda: 'peer_drift_ratio{peer="ares"}' in read(reader))
        values, answered = read(reader), read(ares)

    offset, bound = (values[f'peer_clock_{name}_seconds{{peer="ares"}}'] for name in ("offset", "offset_bound"))
    forward, backward = (values[f'peer_{name}_seconds{{peer="ares"}}'] for name in ("forward", "backward"))
    assert abs(offset) <= bound < 0.001
    assert values['peer_clock_delay_seconds{peer="ares"}'] == pytest.approx(forward + backward, abs=1e-9)
    assert offset == pytest.approx((forward - backward) / 2, abs=1.1e-9)
    assert 0 <= values['peer_exchange_age_seconds{peer="ares"}'] < 2
    assert values['peer_up{peer="ares"}'] == 1
    assert values['peer_up{peer="gone"}'] == 0
    assert values['peer_probes_lost_total{peer="gone"}'] > 0
    assert not [series for series in values if "gone" in series and "offset" in series]
    assert answered['peer_questions_total{result="answered"}'] > 0


def test_a_peer_that_falls_silent_is_absent_and_said_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Never stale; the log says what may be the matter."""
    monkeypatch.setattr(peers, "SILENT", 25 * 10**8)
    monkeypatch.setattr("exporter.clocks.peer_series.SILENT", 25 * 10**8)
    there = free_port()
    with node(tmp_path, free_port(), ares=there) as reader, caplog.at_level(logging.INFO, "driftscope.exporter"):
        with node(tmp_path, there) as ares:
            read(ares)
            eventually("up", lambda: read(reader)['peer_up{peer="ares"}'] == 1)
        eventually("down", lambda: read(reader)['peer_up{peer="ares"}'] == 0)
        values = read(reader)

    said = [record.getMessage() for record in caplog.records if "ares" in record.getMessage()]
    assert not [series for series in values if "clock_offset" in series]
    assert said == [f"peer ares: no answer from 127.0.0.1:{there}; is UDP open there, and back?"]


def test_a_taken_port_costs_the_answers_only(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """One line; whom it asks is asked all the same."""
    port = free_port()
    with node(tmp_path, port) as first, node(tmp_path, port, first=port) as second:
        read(first)
        with caplog.at_level(logging.WARNING, "driftscope.exporter"):
            eventually("up", lambda: read(second)['peer_up{peer="first"}'] == 1)
        values, trouble = read(second), second.found["trouble"]

    assert len([record for record in caplog.records if "not answered" in record.getMessage()]) == 1
    assert "in use" in trouble["answering"]
    assert not [series for series in values if series.startswith("peer_questions_total")]


def test_reasons_for_absence(tmp_path: Path) -> None:
    """Nothing to do; no keys; not the right key."""
    (tmp_path / "keys").write_text("1 SHA256 HEX:00ff\n")

    def reason(**options: Any) -> str:
        answer = peers.find(host(tmp_path, **{name.replace("_", "."): value for name, value in options.items()}))
        assert isinstance(answer, Absent)
        return answer.reason

    asked = (Peer("a", "127.0.0.1", 1),)
    assert "no --peers" in reason()
    assert "No such file" in reason(peers=asked, peer_keys=tmp_path / "none")
    found = peers.find(host(tmp_path, **{"peers": asked, "peer.keys": tmp_path / "keys", "peer.key-id": 2}))
    assert isinstance(found, Absent)
    assert "has no key 2" in found.reason


def test_what_is_asked_is_the_identity(tmp_path: Path) -> None:
    """Looking again for the same peers does not begin anew."""
    options = {"peers": (Peer("a", "127.0.0.1", 1),), "peer.listen": None}

    first, second = find(tmp_path, options), find(tmp_path, options)

    assert first == second
    second.close()


@pytest.mark.parametrize(
    ("code", "status", "expected"),
    [(0, 0x2001, State(True, 23_456_000)), (5, 0x2041, State(True, 0)), (0, 0x2041, State(True, 0))],
)
def test_a_disciplined_clock_says_how_wrong_it_may_be(code: int, status: int, expected: State, tmp_path: Path) -> None:
    """One that is not, that it is only itself."""
    fields = dict.fromkeys(timex.FIELDS, 0)
    fields.update(status=status, maxerror=23_456)
    text = timex.LAYOUT.pack(*fields.values())

    assert state(replace(host(tmp_path), adjtimex=lambda: (code, text))) == expected


def test_where_adjtimex_is_refused_it_answers_all_the_same(tmp_path: Path) -> None:
    """In a container."""

    def refused() -> tuple[int, bytes]:
        raise PermissionError(1, "Operation not permitted", "adjtimex")

    assert state(replace(host(tmp_path), adjtimex=refused)) == State(True, 0)


def test_any_ntp_client_can_ask(tmp_path: Path) -> None:
    """48 bytes that begin with 0x23, as since 1985 or so."""
    port = free_port()
    with node(tmp_path, port) as reader, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        read(reader)
        client.settimeout(10)
        client.sendto(b"\x23" + bytes(47), ("127.0.0.1", port))
        answer = client.recv(100)

    seconds = struct.unpack_from("!I", answer, 40)[0] - 2_208_988_800
    assert len(answer) == 48
    assert abs(seconds - time.time()) < 5

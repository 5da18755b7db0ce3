"""What chronyd measured of its sources: values, signs, and what is absent of a source without a sample."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.clocks import chrony_socket, chrony_sources, chrony_ways, chrony_wire
from exporter.clocks.chrony_reports import REFERENCE_CLOCK, SourceReport
from exporter.clocks.chrony_socket import ChronySocket
from exporter.clocks.chrony_sources import ChronySources
from exporter.clocks.chronyc import Chronyc
from exporter.source import Number, PartlyReadError
from tests.exporter.chronyds import StandIn, standing_in
from tests.exporter.reading import by_series, found, host
from tests.exporter.standing_in import program
from tests.lab.chrony_captures import VERSIONS, packets, printed

DATA = chrony_wire.source_data(packets("4.3", "source_data")[2])
STATS = chrony_wire.sourcestats(packets("4.3", "sourcestats")[2])
EXCHANGE = chrony_wire.ntp_data(packets("4.3", "ntp_data")[1])
REPORT = SourceReport(DATA, STATS, EXCHANGE)
LABELS = '{source_address="127.0.0.2",source_name="127.0.0.2"}'


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a stand-in may take its time."""
    monkeypatch.setattr(chrony_socket, "PATIENCE", 20)
    monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 20)


def said(report: SourceReport) -> dict[str, Number]:
    """What is published of a source."""
    return by_series(chrony_sources.values(report))


def read(daemon: StandIn, tree: Path) -> dict[str, Number]:
    """What is published of all sources of a chronyd."""
    with closing(found(chrony_sources, host(tree, **{"chrony.address": daemon.address}))) as reader:
        return by_series(reader.read())


def test_one_source() -> None:
    """All that chrony_exporter has of a source, under its names, and what only the protocol tells."""
    assert said(REPORT) == {
        'chrony_sources_state_info{source_address="127.0.0.2",source_mode="client",source_name="127.0.0.2",'
        'source_state="unreach"}': 1,
        f"chrony_sources_polling_interval_seconds{LABELS}": 1.0,
        f"chrony_sources_reachability_ratio{LABELS}": 1.0,
        f"chrony_sources_reachability_success{LABELS}": 1,
        f"chrony_sources_last_sample_age_seconds{LABELS}": 1,
        f"chrony_sources_last_sample_offset_seconds{LABELS}": DATA.offset,
        f"chrony_sources_last_sample_measured_offset_seconds{LABELS}": DATA.measured_offset,
        f"chrony_sources_last_sample_error_margin_seconds{LABELS}": DATA.error,
        f"chrony_sources_stratum{LABELS}": 1,
        f"chrony_sourcestats_samples{LABELS}": STATS.samples,
        f"chrony_sourcestats_runs{LABELS}": STATS.runs,
        f"chrony_sourcestats_span_seconds{LABELS}": STATS.span,
        f"chrony_sourcestats_stddev{LABELS}": STATS.deviation,
        f"chrony_sourcestats_frequency_ppms{LABELS}": STATS.frequency_ppm,
        f"chrony_sourcestats_frequency_skew_ppms{LABELS}": STATS.skew_ppm,
        f"chrony_sourcestats_offset{LABELS}": STATS.offset,
        f"chrony_sourcestats_offset_error{LABELS}": STATS.offset_error,
        'chrony_sources_peer_info{authenticated="false",interleaved="false",receive_stamp="kernel",'
        + LABELS[1:-1]
        + ',transmit_stamp="kernel"}': 1,
        f"chrony_sources_peer_offset_seconds{LABELS}": EXCHANGE.offset,
        f"chrony_sources_peer_delay_seconds{LABELS}": EXCHANGE.delay,
        f"chrony_sources_peer_dispersion_seconds{LABELS}": EXCHANGE.dispersion,
        f"chrony_sources_peer_response_time_seconds{LABELS}": EXCHANGE.response_time,
        f"chrony_sources_peer_jitter_asymmetry_seconds{LABELS}": EXCHANGE.jitter_asymmetry,
    }


def test_the_signs() -> None:
    """This clock is 3.7 ms ahead of the source and 50 ppm faster; the peer offset is that of the source."""
    published = said(REPORT)

    assert 0.0035 < published[f"chrony_sources_last_sample_offset_seconds{LABELS}"] < 0.0038
    assert 0.0035 < published[f"chrony_sources_last_sample_measured_offset_seconds{LABELS}"] < 0.0038
    assert 0.0035 < published[f"chrony_sourcestats_offset{LABELS}"] < 0.0038
    assert 49 < published[f"chrony_sourcestats_frequency_ppms{LABELS}"] < 51
    assert -0.0038 < published[f"chrony_sources_peer_offset_seconds{LABELS}"] < -0.0035


def test_a_source_that_never_answered_has_no_sample() -> None:
    """The age 4294967295 is none, and neither are the zeros beside it measurements."""
    data = chrony_wire.source_data(packets("4.3", "source_data")[4])
    stats = chrony_wire.sourcestats(packets("4.3", "sourcestats")[4])
    exchange = chrony_wire.ntp_data(packets("4.3", "ntp_data")[3])

    labels = '{source_address="127.0.0.9",source_name="127.0.0.9"'
    assert said(SourceReport(data, stats, exchange)) == {
        'chrony_sources_state_info{source_address="127.0.0.9",source_mode="client",source_name="127.0.0.9",'
        'source_state="unreach"}': 1,
        f"chrony_sources_polling_interval_seconds{labels}}}": 64.0,
        f"chrony_sources_reachability_ratio{labels}}}": 0.0,
        f"chrony_sources_reachability_success{labels}}}": 0,
        f"chrony_sourcestats_samples{labels}}}": 0,
    }


@pytest.mark.parametrize(("register", "ratio", "success"), [(0o377, 1.0, 1), (0o376, 0.875, 0), (0o1, 0.125, 1)])
def test_reachability_is_eight_polls(register: int, ratio: float, success: int) -> None:
    """The newest is the lowest bit."""
    published = said(SourceReport(replace(DATA, reachability=register)))

    assert published[f"chrony_sources_reachability_ratio{LABELS}"] == ratio
    assert published[f"chrony_sources_reachability_success{LABELS}"] == success


@pytest.mark.parametrize(("poll", "seconds"), [(10, 1024.0), (0, 1.0), (-4, 0.0625)])
def test_a_poll_interval_is_a_power_of_two(poll: int, seconds: float) -> None:
    """It may be less than a second."""
    assert said(SourceReport(replace(DATA, poll=poll)))[f"chrony_sources_polling_interval_seconds{LABELS}"] == seconds


def test_a_reference_clock_has_its_id_as_name() -> None:
    """Its address is that id as well, as chrony_exporter has it."""
    data = replace(DATA, address="80.80.83.48", mode=REFERENCE_CLOCK)

    assert 'chrony_sources_stratum{source_address="80.80.83.48",source_name="PPS0"}' in said(SourceReport(data))


@pytest.mark.parametrize("version", VERSIONS)
def test_all_sources_of_every_version(version: str, tmp_path: Path) -> None:
    """Through the socket with exchanges, by UDP without, and otherwise the same."""
    with standing_in(version=version) as daemon:
        by_udp = read(daemon, tmp_path)
    with standing_in(str(tmp_path / "sock"), version) as daemon:
        by_unix = read(daemon, tmp_path)
    exchanges = {name for name in by_unix if name.startswith("chrony_sources_peer")}

    assert len(exchanges) == 3 * 6
    assert {name: number for name, number in by_unix.items() if name not in exchanges} == by_udp
    assert 'chrony_sources_stratum{source_address="::1",source_name="::1"}' in by_udp
    assert not any("ID#" in name for name in by_udp)


def test_chronyc_says_the_same_series(tmp_path: Path) -> None:
    """But for what it does not print."""
    lines = {report: "\n".join(printed("4.3", report)) + "\n" for report in ("sources", "sourcestats")}
    path = program(tmp_path / "chronyc", f"say({lines!r}[sys.argv[3]])")
    reader = ChronySources(Chronyc(str(path)))
    with standing_in() as daemon:
        by_udp = read(daemon, tmp_path)

    printed_only = by_series(reader.read())
    assert reader.beside
    assert {name for name in by_udp if "offset_error" not in name} == set(printed_only)


def test_what_is_refused_of_one_is_counted(tmp_path: Path) -> None:
    """The other sources are there."""

    def damaged(request: bytes, reply: bytes) -> list[bytes]:
        return [reply[:54] + b"\0\7" + reply[56:]] if request[4:6] == b"\0\x0f" and request[23] == 2 else [reply]

    with standing_in() as daemon:
        daemon.answer = damaged
        with pytest.raises(PartlyReadError) as raised:
            read(daemon, tmp_path)

    addresses = {dict(series.labels)["source_address"] for series, _ in raised.value.values}
    assert addresses == {"80.80.83.88", "127.0.0.1", "::1", "127.0.0.9"}
    assert len(raised.value.errors) == 1


def test_looking_again_keeps_the_reader() -> None:
    """And it is read once in ten samples."""
    reader = ChronySources(ChronySocket(chrony_ways.UDP))

    assert reader == ChronySources(ChronySocket(chrony_ways.UDP))
    assert reader.cadence == 10
    assert not reader.beside


def test_the_inventory_says_what_is_left_out() -> None:
    """Exchanges are said through the socket only."""
    by_udp, by_unix = ChronySources(ChronySocket(chrony_ways.UDP)), ChronySources(ChronySocket(chrony_ways.SOCKET))

    assert by_udp.found["address"] == "127.0.0.1:323"
    assert "ntpdata" in by_udp.found["left_out"]
    assert by_unix.found == {"asked": "unix socket", "address": "/run/chrony/chronyd.sock"}

"""How chronyd steers the clock: values, signs, and the event that it follows somebody else."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from exporter.clocks import chrony, chrony_socket, chrony_wire
from exporter.clocks.chrony import Chrony
from exporter.clocks.chrony_reports import LOCAL_REFERENCE, NO_REFERENCE, NOT_SYNCHRONISED, Tracking
from exporter.host import Host
from exporter.sampler import Sampler
from exporter.source import Number
from tests.exporter.chronyds import StandIn, standing_in
from tests.exporter.made import TICK, values
from tests.exporter.reading import by_series, found, host
from tests.lab.chrony_captures import VERSIONS, packet

TRACKING = chrony_wire.tracking(packet("4.3", "tracking"))


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a stand-in may take its time."""
    monkeypatch.setattr(chrony_socket, "PATIENCE", 20)
    monkeypatch.setattr(chrony_socket, "SHORT_PATIENCE", 20)


@pytest.fixture(name="daemon")
def running_daemon() -> Generator[StandIn, None, None]:
    """A chronyd that answers."""
    with standing_in() as daemon:
        yield daemon


def machine(tmp_path: Path, daemon: StandIn) -> Host:
    """A machine on which it runs."""
    return host(tmp_path, **{"chrony.address": daemon.address})


def said(**changes: Number | str) -> dict[str, Number]:
    """What is published of a report with these changes."""
    return by_series(chrony.values(replace(TRACKING, **changes)))


@pytest.mark.parametrize("version", VERSIONS)
def test_every_version_is_published(version: str, tmp_path: Path) -> None:
    """All that chrony_exporter has of tracking, under its names, and the leap status."""
    with standing_in(version=version) as daemon, closing(found(chrony, machine(tmp_path, daemon))) as reader:
        published = by_series(reader.read())
    carried = chrony_wire.tracking(packet(version, "tracking"))

    assert published == {
        'chrony_tracking_info{tracking_address="127.0.0.1",tracking_name="127.0.0.1",tracking_refid="7F000001"}': 1,
        "chrony_tracking_remote_reference": 1,
        "chrony_tracking_stratum": 2,
        "chrony_tracking_leap_status": 0,
        "chrony_tracking_system_time_seconds": carried.system_time,
        "chrony_tracking_frequency_ppms": carried.frequency_ppm,
        "chrony_tracking_reference_timestamp_seconds": carried.reference_time / 10**9,
        "chrony_tracking_last_offset_seconds": carried.last_offset,
        "chrony_tracking_rms_offset_seconds": carried.rms_offset,
        "chrony_tracking_residual_frequency_ppms": carried.residual_frequency_ppm,
        "chrony_tracking_skew_ppms": carried.skew_ppm,
        "chrony_tracking_root_delay_seconds": carried.root_delay,
        "chrony_tracking_root_dispersion_seconds": carried.root_dispersion,
        "chrony_tracking_update_interval_seconds": carried.update_interval,
    }


def test_the_signs() -> None:
    """This clock is 3.7 ms behind and would run 50 ppm slow: system time > 0, frequency < 0."""
    assert 0.003 < said()["chrony_tracking_system_time_seconds"] < 0.004
    assert -51 < said()["chrony_tracking_frequency_ppms"] < -49


def test_the_frequency_is_what_the_protocol_carries() -> None:
    """To the last of its 24 bits: 9.5e-7 ppm of 10 ppm."""
    finer = 10 + 2.0**-20

    assert said(frequency_ppm=finer)["chrony_tracking_frequency_ppms"] == finer


def test_without_a_reference_there_is_no_more_than_the_clock() -> None:
    """For what it does not know chronyd has 0 and 1; its frequency and correction hold all the same."""
    assert said(reference_id=NO_REFERENCE, leap=NOT_SYNCHRONISED, address="", stratum=0).keys() == {
        "chrony_tracking_remote_reference",
        "chrony_tracking_leap_status",
        "chrony_tracking_system_time_seconds",
        "chrony_tracking_frequency_ppms",
    }


def test_a_clock_that_follows_itself_measures_nothing() -> None:
    """The directive ``local`` makes it a server, not a client."""
    published = said(reference_id=LOCAL_REFERENCE, address="", stratum=8)

    assert published["chrony_tracking_remote_reference"] == 0
    assert published["chrony_tracking_stratum"] == 8
    assert "chrony_tracking_skew_ppms" not in published
    assert "chrony_tracking_last_offset_seconds" not in published


def test_a_reference_clock_is_named_by_its_id() -> None:
    """It has no address."""
    published = said(reference_id=0x50505330, address="")

    assert 'chrony_tracking_info{tracking_address="",tracking_name="PPS0",tracking_refid="50505330"}' in published
    assert published["chrony_tracking_remote_reference"] == 1


def test_another_reference_is_an_event(daemon: StandIn, tmp_path: Path) -> None:
    """The first one is none; another id, or its loss, each is one."""
    here = machine(tmp_path, daemon)
    counts: list[int] = []
    with closing(found(chrony, here)) as reader:
        for reference in (b"\x7f\0\0\1", b"\x7f\0\0\1", b"\x7f\0\0\2", bytes(4), b"\x7f\0\0\2"):
            daemon.answer = lambda request, reply, other=reference: [reply[:28] + other + reply[32:]]
            reader.read()
            counts.append(here.events.log()["reference_change"].count)

    assert counts == [0, 0, 1, 2, 3]


def test_another_address_behind_the_same_id_is_an_event(daemon: StandIn, tmp_path: Path) -> None:
    """An id is a hash where addresses are of IPv6."""
    here = machine(tmp_path, daemon)
    with closing(found(chrony, here)) as reader:
        reader.read()
        daemon.answer = lambda request, reply: [reply[:35] + b"\7" + reply[36:]]
        reader.read()

    assert here.events.log()["reference_change"].count == 1


def test_looking_again_keeps_the_reader(daemon: StandIn, tmp_path: Path) -> None:
    """And with it the socket, and the reference that it has seen."""
    here = machine(tmp_path, daemon)
    with closing(found(chrony, here)) as reader, closing(found(chrony, here)) as again:
        reader.read()

        assert reader == again
        assert isinstance(reader, Chrony)
        assert reader.found == {"asked": "udp", "address": f"127.0.0.1:{daemon.address[1]}"}


def test_one_that_dies_is_absent_and_comes_back(tmp_path: Path) -> None:
    """Its error is counted; looking again says that it does not run; looking once more finds the next one."""
    with standing_in() as daemon:
        sampler = Sampler(machine(tmp_path, daemon), {"chrony": chrony})
        alive = values(sampler.sample(TICK))
    dead = values(sampler.sample(TICK))
    sampler.look_again()
    (watched,) = sampler.watched
    absent = watched.absent
    with standing_in(daemon.address):
        watched.look()
        back = values(sampler.sample(TICK))
        sampler.close()

    assert alive["chrony_tracking_stratum"] == back["chrony_tracking_stratum"] == 2
    assert "chrony_tracking_stratum" not in dead
    assert dead['driftscope_source_up{source="chrony"}'] == 0
    assert dead['driftscope_source_errors_total{error="ECONNREFUSED",source="chrony"}'] == 1
    assert "no chronyd runs" in absent


def test_the_report_has_no_field_that_is_not_published() -> None:
    """Every field of tracking changes something."""
    fields: dict[str, Number | str] = {name: 7 for name in Tracking.__dataclass_fields__ if name != "address"}

    assert all(said(**{name: value}) != said() for name, value in {**fields, "leap": 1, "address": "10.0.0.1"}.items())

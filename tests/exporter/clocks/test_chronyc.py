"""What chronyc prints, which must be what chronyd says over its protocol; and a chronyc that does anything else."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import chrony_wire, chronyc
from exporter.clocks.chrony_fields import UNRESOLVED_PREFIX
from exporter.clocks.chronyc import Chronyc
from tests.exporter.made import LIMIT, eventually
from tests.exporter.standing_in import is_reaped, program, started
from tests.lab.chrony_captures import PRINTED, packet, packets, printed

PARSERS: dict[str, Callable[[str], Any]] = {
    "tracking": chronyc.tracking,
    "sources": chronyc.source_data,
    "sourcestats": chronyc.sourcestats,
}
LINES = [(report, line) for version in PRINTED for report in PARSERS for line in printed(version, report)]
NANOSECOND, PPB = 1.001e-9, 1.001e-3
"""To how much chronyc prints: seconds, and ppm."""


@pytest.mark.parametrize("version", PRINTED)
def test_tracking_is_what_the_protocol_says(version: str) -> None:
    """Every number to what is printed of it; but for the clock, which moved 50 us a second until chronyc ran."""
    (line,) = printed(version, "tracking")
    said, carried = chronyc.tracking(line), chrony_wire.tracking(packet(version, "tracking"))

    assert said
    exact = ("reference_id", "address", "stratum", "leap", "reference_time")
    assert [getattr(said, name) for name in exact] == [getattr(carried, name) for name in exact]
    assert said.system_time == pytest.approx(carried.system_time, abs=10e-6)
    assert said.root_dispersion == pytest.approx(carried.root_dispersion, abs=10e-6)
    for name in ("last_offset", "rms_offset", "root_delay"):
        assert getattr(said, name) == pytest.approx(getattr(carried, name), abs=NANOSECOND)
    for name in ("frequency_ppm", "residual_frequency_ppm", "skew_ppm"):
        assert getattr(said, name) == pytest.approx(getattr(carried, name), abs=PPB)
    assert said.update_interval == pytest.approx(carried.update_interval, abs=0.051)


@pytest.mark.parametrize("version", PRINTED)
def test_sources_are_what_the_protocol_says(version: str) -> None:
    """Every field of those that were not measured anew between the two, an unresolved one is not printed."""
    carried = [chrony_wire.source_data(reply) for reply in packets(version, "source_data")]
    said = [chronyc.source_data(line) for line in printed(version, "sources")]
    pairs = [
        (named[1], other)
        for named, other in zip(said, [one for one in carried if not one.address.startswith(UNRESOLVED_PREFIX)])
        if named and abs(named[1].measured_offset - other.measured_offset) < NANOSECOND
    ]

    assert len(said) == len(carried) - 1
    assert len(pairs) > 3
    for one, other in pairs:
        for name in ("address", "poll", "stratum", "state", "mode", "reachability", "age"):
            assert getattr(one, name) == getattr(other, name)
        for name in ("offset", "error"):
            assert getattr(one, name) == pytest.approx(getattr(other, name), abs=NANOSECOND)


@pytest.mark.parametrize("version", PRINTED)
def test_sourcestats_are_what_the_protocol_says(version: str) -> None:
    """Every field of those that were not measured anew between the two; the offset moves with the clock."""
    carried = {stats.address: stats for stats in map(chrony_wire.sourcestats, packets(version, "sourcestats"))}
    said = [named for named in map(chronyc.sourcestats, printed(version, "sourcestats")) if named]
    same = [(stats, carried[stats.address]) for _, stats in said if carried[stats.address].samples == stats.samples]

    assert [name for name, _ in said] == ["PPSX", "127.0.0.1", "127.0.0.2", "::1", "127.0.0.9"]
    assert len(same) > 3
    for one, other in same:
        assert (one.runs, one.span) == (other.runs, other.span)
        assert one.offset == pytest.approx(other.offset, abs=10e-6)
        assert one.deviation == pytest.approx(other.deviation, abs=NANOSECOND)
        assert one.frequency_ppm == pytest.approx(other.frequency_ppm, abs=PPB)
        assert one.skew_ppm == pytest.approx(other.skew_ppm, abs=PPB)


def test_no_reference_yet() -> None:
    """The id is 0, the address empty, the leap status says so."""
    tracking = chronyc.tracking(
        "00000000,,0,0.000000000,0.000000000,0.000000000,0.000000000,-1.250,0.000,0.000,1.000000000,1.000000000,0.0,"
        "Not synchronised"
    )

    assert tracking
    assert (tracking.reference_id, tracking.address, tracking.leap, tracking.frequency_ppm) == (0, "", 3, -1.25)
    assert not tracking.remote


def test_a_reference_clock_has_the_address_that_the_protocol_gives_it() -> None:
    """Its series are the same whichever way chronyd is asked."""
    named = chronyc.source_data("#,*,PPS0,0,4,377,11,0.000000001,-0.000000002,0.000000100")

    assert named
    assert named[0] == "PPS0"
    assert (named[1].address, named[1].mode, named[1].measured_offset) == ("80.80.83.48", "reference clock", -2e-9)


@given(st.sampled_from(LINES), st.data())
def test_damaged_lines_are_refused_or_say_the_same(line: tuple[str, str], data: st.DataObject) -> None:
    """No line makes a parser raise; one cut short anywhere but in its last number is refused."""
    report, text = line
    cut = data.draw(st.integers(0, text.rindex(",")))
    inserted = data.draw(st.text(max_size=5))

    assert PARSERS[report](text[:cut]) is None
    PARSERS[report](text[:cut] + inserted + text[cut:])


@given(st.sampled_from(sorted(PARSERS)), st.text())
def test_any_text_is_refused(report: str, text: str) -> None:
    """What chronyc would never print is None."""
    assert PARSERS[report](text) is None


@pytest.mark.parametrize("bad", ["nan", "inf", "1e3", "1_0.0", "+1.0", "1", "", " 1.0", "\u0661.0"])
@pytest.mark.parametrize("line", LINES[:3], ids=str)
def test_only_plain_numbers_are_numbers(line: tuple[str, str], bad: str) -> None:
    """Python's float would take more."""
    report, text = line
    fields = text.split(",")

    fields[-2] = bad

    assert PARSERS[report](",".join(fields)) is None


def chronyc_that(does: str, folder: Path) -> Chronyc:
    """A chronyc that does this in Python."""
    return Chronyc(str(program(folder / "chronyc", does)))


PRINTS = f"say({ {report: chr(10).join(printed('4.3', report)) + chr(10) for report in PARSERS}!r}[sys.argv[3]])"


def test_it_is_started_once_a_question(tmp_path: Path) -> None:
    """Tracking takes one start, sources two, and each is asked for numbers and not for names."""
    way = chronyc_that(f"assert sys.argv[1:3] == ['-c', '-n']\n{PRINTS}", tmp_path)
    tracking = way.tracking()
    sources, refused = way.sources()

    assert tracking.address == "127.0.0.1"
    assert [report.data.address for report in sources] == ["80.80.83.88", "127.0.0.1", "127.0.0.2", "::1", "127.0.0.9"]
    assert all(report.stats and report.ntp is None for report in sources)
    assert refused == []
    assert len(started(tmp_path / "chronyc")) == 3


def test_what_it_says_when_it_fails_is_in_the_error(tmp_path: Path) -> None:
    """Without a chronyd it says so on stdout, and ends with status 1."""
    way = chronyc_that("say('506 Cannot talk to daemon\\n')\nsys.exit(1)", tmp_path)

    with pytest.raises(OSError, match="status 1: 506 Cannot talk to daemon"):
        way.tracking()


def test_a_line_that_is_none_is_refused_and_the_others_are_not(tmp_path: Path) -> None:
    """The error names the line."""
    way = chronyc_that(PRINTS + "\nsay('rubbish\\n')", tmp_path)
    sources, refused = way.sources()

    assert len(sources) == 5
    assert [error.errno for error in refused] == [errno.EBADMSG] * 2
    assert "not a line of sources: rubbish" in str(refused[0])
    with pytest.raises(OSError, match="tracking"):
        way.tracking()


def test_one_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is a time-out, and no process stays behind."""
    monkeypatch.setattr(chronyc, "PATIENCE", 0.5)
    way = chronyc_that("time.sleep(600)", tmp_path)

    with pytest.raises(TimeoutError, match=r"within 0.5 s"):
        way.tracking()

    assert all(map(is_reaped, started(tmp_path / "chronyc")))


def test_closing_ends_a_question(tmp_path: Path) -> None:
    """Whoever waits for an answer gets an error, and nothing is started any more."""
    way = chronyc_that("time.sleep(600)", tmp_path)
    raised: list[OSError] = []

    def ask() -> None:
        try:
            way.tracking()
        except OSError as error:
            raised.append(error)

    thread = threading.Thread(target=ask)
    thread.start()
    eventually("it runs", lambda: bool(started(tmp_path / "chronyc")))
    way.close()
    thread.join(LIMIT)

    assert "status -9" in str(raised[0])
    with pytest.raises(OSError, match="closed"):
        way.tracking()


def test_one_that_cannot_be_started_is_an_error(tmp_path: Path) -> None:
    """The error names the program."""
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Chronyc(str(tmp_path / "nowhere")).tracking()

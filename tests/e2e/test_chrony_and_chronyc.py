"""What the exporter says of a real chronyd is what chronyc prints of it, and what is known of its server's clock."""

from __future__ import annotations

import time
from contextlib import closing
from pathlib import Path

import pytest

from exporter.clocks.chrony_socket import ChronySocket
from tests import programs
from tests.lab.chrony import Chronyd, chronyd, ntp_server
from tests.lab.chrony_machine import Page, exporter, machine, read

pytestmark = pytest.mark.lab

PPM, OFFSET = 50, 3e-3
"""By how much the server's clock is faster than this machine's, and was ahead of it at first."""

NANOSECOND, PPB = 1.001e-9, 1.001e-3
"""To how much chronyc prints."""

SETTLED = 12
"""Seconds after which chronyd knows the rate to 2 ppm: it has asked once a second, and four times at first."""


def test_what_is_published_is_what_chronyc_prints(tmp_path: Path) -> None:
    """Tracking, sources and sourcestats of the same second, each number to what chronyc prints of it; and the signs."""
    quiet = "iburst minpoll 4 maxpoll 4"
    with (
        ntp_server(PPM, OFFSET * 1000) as fast,
        ntp_server(address="127.0.0.2") as right,
        chronyd(tmp_path, fast, f"{right} noselect", "server 127.0.0.9 port 9 " + quiet) as daemon,
    ):
        time.sleep(SETTLED)
        root = machine(tmp_path, daemon)
        with exporter(root, daemon.socket) as target:
            tracking, page = at_the_same_time(daemon, target)
            sources, stats = daemon.chronyc("sources"), daemon.chronyc("sourcestats")

    assert_tracking(page, tracking)
    assert page["chrony_tracking_frequency_ppms"] == pytest.approx(-PPM, abs=3)
    assert OFFSET < page["chrony_tracking_system_time_seconds"] < OFFSET + (SETTLED + 10) * (PPM + 5) * 1e-6
    labels = '{source_address="127.0.0.2",source_name="127.0.0.2"}'
    ahead = page[f"chrony_sources_last_sample_offset_seconds{labels}"]
    assert OFFSET < ahead < OFFSET + (SETTLED + 10) * (PPM + 5) * 1e-6
    assert page[f"chrony_sources_peer_offset_seconds{labels}"] == pytest.approx(-ahead, abs=1e-4)
    assert page[f"chrony_sourcestats_frequency_ppms{labels}"] == pytest.approx(PPM, abs=3)
    assert page[f"chrony_sourcestats_offset{labels}"] == pytest.approx(ahead, abs=1e-3)
    assert_sources(page, sources, stats)
    never = '{source_address="127.0.0.9",source_name="127.0.0.9"}'
    assert page[f"chrony_sourcestats_samples{never}"] == 0
    assert f"chrony_sources_last_sample_age_seconds{never}" not in page


def at_the_same_time(daemon: Chronyd, target: str) -> tuple[list[str], Page]:
    """What chronyc prints and the exporter says of one and the same measurement; tried until none came between."""
    for _ in range(20):
        page = read(target)
        (tracking,) = daemon.chronyc("tracking")
        if page.get("chrony_tracking_last_offset_seconds") == pytest.approx(float(tracking[5]), abs=NANOSECOND):
            return tracking, page
        time.sleep(0.21)
    pytest.fail("never read the same measurement")


def assert_tracking(page: Page, tracking: list[str]) -> None:
    """Each number of tracking; the clock moves by 50 us a second between the two."""
    name = f'tracking_address="{tracking[1]}",tracking_name="{tracking[1]}",tracking_refid="{tracking[0]}"'
    expected = [
        ("stratum", tracking[2], 0),
        ("reference_timestamp_seconds", tracking[3], 1e-6),
        ("system_time_seconds", tracking[4], 2e-4),
        ("last_offset_seconds", tracking[5], NANOSECOND),
        ("rms_offset_seconds", tracking[6], NANOSECOND),
        ("frequency_ppms", tracking[7], PPB),
        ("residual_frequency_ppms", tracking[8], PPB),
        ("skew_ppms", tracking[9], PPB),
        ("root_delay_seconds", tracking[10], NANOSECOND),
        ("root_dispersion_seconds", tracking[11], 2e-4),
        ("update_interval_seconds", tracking[12], 0.051),
    ]

    assert page[f"chrony_tracking_info{{{name}}}"] == 1
    assert tracking[13] == "Normal"
    assert page["chrony_tracking_leap_status"] == 0
    assert {name: page[f"chrony_tracking_{name}"] for name, _, _ in expected} == {
        name: pytest.approx(float(text), abs=bound) for name, text, bound in expected
    }


def assert_sources(page: Page, sources: list[list[str]], stats: list[list[str]]) -> None:
    """That all sources are there which chronyc prints, with what does not change from one second to the next."""
    for mode, _, name, stratum, poll, *_ in sources:
        labels = f'{{source_address="{name}",source_name="{name}"}}'
        assert mode == "^"
        assert page[f"chrony_sources_polling_interval_seconds{labels}"] == 2 ** int(poll)
        assert page.get(f"chrony_sources_stratum{labels}", 0) == int(stratum)
        assert f"chrony_sourcestats_samples{labels}" in page
    assert [line[2] for line in sources] == [line[0] for line in stats] == ["127.0.0.1", "127.0.0.2", "127.0.0.9"]


def test_each_source_is_what_chronyc_prints(tmp_path: Path) -> None:
    """Every field of ``sources`` and ``sourcestats``, read by one connection around chronyc's."""
    with (
        ntp_server(PPM, OFFSET * 1000) as fast,
        chronyd(tmp_path, fast.replace("minpoll 0 maxpoll 0", "minpoll 4 maxpoll 4")) as daemon,
        closing(ChronySocket(daemon.address)) as way,
    ):
        programs.eventually("it was measured", lambda: way.sources()[0][0].data.reachability == 0o17)
        time.sleep(0.5)
        ((report,), _) = way.sources()
        (source,), (stats,) = daemon.chronyc("sources"), daemon.chronyc("sourcestats")

    data, line = report.data, report.stats
    assert line
    assert [data.address, data.stratum, data.poll, f"{data.reachability:o}"] == [source[2], 1, 4, source[5]]
    assert data.age == pytest.approx(int(source[6]), abs=1)
    assert (data.offset, data.measured_offset) == pytest.approx((float(source[7]), float(source[8])), abs=NANOSECOND)
    assert data.error == pytest.approx(float(source[9]), abs=NANOSECOND)
    assert [line.samples, line.runs, line.span] == [int(text) for text in stats[1:4]]
    assert (line.frequency_ppm, line.skew_ppm) == pytest.approx((float(stats[4]), float(stats[5])), abs=PPB)
    assert line.offset == pytest.approx(float(stats[6]), abs=2e-6)
    assert line.deviation == pytest.approx(float(stats[7]), abs=NANOSECOND)

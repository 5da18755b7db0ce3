"""A real chronyd that dies, hangs, changes its reference, or can be asked by chronyc only, beside the exporter."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import programs
from tests.lab.chrony import chronyd, ntp_server
from tests.lab.chrony_machine import Page, exporter, machine, read, soon

pytestmark = pytest.mark.lab


def test_a_restart_is_an_event_and_all_comes_back(tmp_path: Path) -> None:
    """It is killed and started again: its series go, the restart is counted, and they are there anew."""
    with ntp_server() as server, chronyd(tmp_path, server) as daemon:
        root = machine(tmp_path, daemon)
        with exporter(root, f"127.0.0.1:{daemon.port}") as target:
            before = soon("it follows", target, lambda page: "chrony_tracking_stratum" in page)
            daemon.end(signal.SIGKILL)
            machine(tmp_path)
            dead = soon("it is gone", target, lambda page: "chrony_tracking_stratum" not in page)
            daemon.start()
            machine(tmp_path, daemon)
            restarted = 'clock_events_total{event="daemon_restart"}'
            event = soon("the restart is seen", target, lambda page: page[restarted] == 1)
            back = patiently("it is found again", target, lambda page: "chrony_tracking_stratum" in page)

    started = 'clock_daemon_start_timestamp_seconds{daemon="chronyd"}'
    assert before[restarted] == 0
    assert before[started] < event[started]
    assert event[started] == pytest.approx(event['clock_event_timestamp_seconds{event="daemon_restart"}'], abs=15)
    assert 'clock_daemon_info{daemon="none"}' in dead
    assert dead['driftscope_source_errors_total{error="ECONNREFUSED",source="chrony"}'] >= 1
    assert back["driftscope_ticks_missed_total"] == 0


def patiently(what: str, target: str, condition: Callable[[Page], bool]) -> Page:
    """As ``soon``, for what is looked for once a minute."""
    deadline = time.monotonic() + 90
    while not condition(page := read(target)):
        assert time.monotonic() < deadline, what
        time.sleep(0.5)
    return page


def test_another_reference_is_an_event(tmp_path: Path) -> None:
    """The reference is taken away, and chronyd follows the other source."""
    with (
        ntp_server() as first,
        ntp_server(address="127.0.0.2") as second,
        chronyd(tmp_path, f"{first} prefer", second) as daemon,
        exporter(machine(tmp_path, daemon), f"127.0.0.1:{daemon.port}") as target,
    ):
        before = soon("it follows the first", target, lambda page: follows("127.0.0.1", "7F000001") in page)
        daemon.chronyc("delete", "127.0.0.1")
        after = soon("it follows the second", target, lambda page: follows("127.0.0.2", "7F000002") in page)

    event = 'clock_events_total{event="reference_change"}'
    assert after[event] > before[event]
    assert follows("127.0.0.1", "7F000001") not in after
    assert after["chrony_tracking_remote_reference"] == 1


def follows(address: str, reference_id: str) -> str:
    """The series that says whom chronyd follows."""
    labels = f'tracking_address="{address}",tracking_name="{address}",tracking_refid="{reference_id}"'
    return f"chrony_tracking_info{{{labels}}}"


def test_a_stopped_chronyd_delays_nobody(tmp_path: Path) -> None:
    """It answers nothing for ten seconds: no tick is late or missed for it, its values are absent, and come back."""
    with (
        ntp_server() as server,
        chronyd(tmp_path, server) as daemon,
        exporter(machine(tmp_path, daemon), f"127.0.0.1:{daemon.port}") as target,
    ):
        soon("it follows", target, lambda page: "chrony_tracking_stratum" in page)
        daemon.signal(signal.SIGSTOP)
        soon("it is silent", target, lambda page: "chrony_tracking_stratum" not in page)
        during = [read(target) for _ in range(10) if not time.sleep(1)]
        daemon.signal(signal.SIGCONT)
        back = soon("it is back", target, lambda page: "chrony_tracking_stratum" in page)

    assert all("chrony_tracking_frequency_ppms" not in page for page in during)
    assert all(page['driftscope_source_up{source="chrony"}'] == 0 for page in during)
    assert all(page["driftscope_sample_duration_seconds"] < 0.25 for page in during)
    assert all(page["driftscope_tick_error_seconds"] < 0.1 for page in during)
    assert back['driftscope_source_errors_total{error="ETIMEDOUT",source="chrony"}'] >= 1
    assert back["driftscope_ticks_missed_total"] == 0
    assert 'driftscope_source_errors_total{error="Hung",source="chrony"}' not in back


def test_chronyc_is_asked_where_nothing_else_is_open(tmp_path: Path) -> None:
    """The port is closed and the socket is elsewhere, but a chronyc that knows where is installed."""
    with ntp_server(ppm=50) as server, chronyd(tmp_path, server) as daemon:
        wrapper = tmp_path / "bin" / "chronyc"
        wrapper.parent.mkdir()
        wrapper.write_text(f'#!/bin/sh\nexec {programs.find("chronyc", "chrony")} -h {daemon.socket} "$@"\n')
        wrapper.chmod(0o755)
        env = {**os.environ, "PATH": f"{wrapper.parent}:{os.environ['PATH']}"}
        with exporter(machine(tmp_path, daemon), f"127.0.0.1:{programs.free_port()}", env=env) as target:
            page = soon("it follows", target, lambda page: follows("127.0.0.1", "7F000001") in page)
            sources = soon(
                "its sources are there", target, lambda page: any("sourcestats_span" in name for name in page)
            )

    assert page["chrony_tracking_stratum"] == 2
    assert 0 < page['driftscope_source_age_seconds{source="chrony"}'] < 5
    assert 'chrony_sourcestats_frequency_ppms{source_address="127.0.0.1",source_name="127.0.0.1"}' in sources
    assert not [name for name in sources if "errors_total" in name and "chrony" in name]

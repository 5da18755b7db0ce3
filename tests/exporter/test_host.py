"""The machine as a source sees it."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from exporter import host
from exporter.clocks import timex
from exporter.host import SIZEOF_TIMEX, Host, adjtimex
from tests.exporter.made import LIMIT
from tests.exporter.programs import ROOT


def test_the_kernel_tells_its_clock_state() -> None:
    """A state from 0 to 5, and the whole of struct timex."""
    state, raw = adjtimex()

    assert 0 <= state <= 5
    assert len(raw) == SIZEOF_TIMEX == timex.LAYOUT.size


def test_asking_changes_nothing() -> None:
    """With ``modes = 0`` the kernel is only asked, so frequency and tick are the same before and after."""
    fields = [dict(zip(timex.FIELDS, timex.LAYOUT.unpack(adjtimex()[1]))) for _ in range(2)]

    assert fields[0]["modes"] == 0
    assert fields[0]["tick"] == fields[1]["tick"]


def test_no_privilege_is_needed() -> None:
    """A user who may do nothing may ask for the clock's state."""
    program = "import os; from exporter.host import adjtimex; os.getuid() or os.setuid(65534); print(adjtimex()[0])"

    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=True
    )

    assert 0 <= int(done.stdout) <= 5


def test_a_refusal_is_an_os_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel, or a container's filter, refuses is raised with its errno and name."""

    class Refusing:
        """A C library whose every adjtimex fails, as the one under a seccomp filter does."""

        def adjtimex(self, timex: object) -> int:
            ctypes.set_errno(1)
            return -1

    monkeypatch.setattr(host, "_libc", Refusing())

    with pytest.raises(PermissionError, match=r"\[Errno 1\] Operation not permitted: 'adjtimex'"):
        adjtimex()


def test_a_host_is_this_machine_unless_told_otherwise() -> None:
    """Its own /sys, /proc and clocks, and all sensors."""
    assert (Host().sysfs, Host().procfs, Host().root_sensors) == (Path("/sys"), Path("/proc"), True)
    assert Host().adjtimex is adjtimex
    assert Host().registry is REGISTRY

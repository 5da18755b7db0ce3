"""Clocks that are devices, as /sys shows them."""

from __future__ import annotations

from pathlib import Path

from tests.trees.files import write


def clocksource(root: Path, current: str, *others: str) -> Path:
    """The clocksources of the machine; its folder."""
    folder = root / "sys/devices/system/clocksource/clocksource0"
    write(folder, {"current_clocksource": current, "available_clocksource": " ".join([current, *others, ""])})
    return folder


def rtc(root: Path, number: int, seconds: int, offset: int | None = None) -> Path:
    """A clock on a battery; its folder. ``offset`` is its correction in ppb, if it has one."""
    folder = root / f"sys/class/rtc/rtc{number}"
    write(folder, {"name": "rtc_cmos rtc_cmos", "since_epoch": seconds, "hctosys": 1})
    if offset is not None:
        write(folder, {"offset": offset})
    return folder


def pps(root: Path, number: int, pulse: str) -> Path:
    """A source of pulses, the last of which was this; its folder."""
    folder = root / f"sys/class/pps/pps{number}"
    write(folder, {"name": "serial0", "path": "/dev/ttyS0", "assert": pulse, "clear": "0.000000000#0"})
    return folder


def ptp(root: Path, number: int, interface: str) -> Path:
    """A network card's clock, whose device is an empty file that can be opened; returns that."""
    write(root / f"sys/class/ptp/ptp{number}", {"clock_name": "00:11:22:33:44:55"})
    (root / f"sys/class/ptp/ptp{number}/device/net" / interface).mkdir(parents=True)
    write(root / "dev", {f"ptp{number}": ""})
    return root / f"dev/ptp{number}"

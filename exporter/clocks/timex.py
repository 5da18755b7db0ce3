"""What disciplines the system clock, as the kernel sees it: adjtimex(2), linux/timex.h.

Frequencies come in units of 2^-16 ppm (15 ppt), offset and jitter in ns or us as STA_NANO says, the rest in
us. Changed by whatever disciplines the clock; 1 us to read; no privilege needed, though a container's seccomp filter
may refuse. Sign: frequency > 1 makes the clock run faster, so it is about minus what chrony calls its frequency.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..host import SIZEOF_TIMEX, Host
from ..source import Absent, Family, Number, Reader, Value

STA_NANO = 0x2000
"""Status bit: offset, jitter and time are in ns instead of us."""

TIME_ERROR = 5
"""The state that adjtimex returns when the clock is not synchronised."""

SCALED_PPM = 1_000_000 * 65_536
MICRO, NANO = 1_000_000, 1_000_000_000
NOMINAL_TICK = MICRO // 100
"""Microseconds that a tick is worth when the clock runs at its oscillator's rate (USER_HZ is 100 on every Linux)."""

FIELDS = (
    *("modes", "offset", "freq", "maxerror", "esterror", "status", "constant", "precision", "tolerance"),
    *("time_sec", "time_usec", "tick", "ppsfreq", "jitter", "shift", "stabil", "jitcnt", "calcnt", "errcnt"),
    *("stbcnt", "tai"),
)
LAYOUT = struct.Struct("@I4x qqqq i4x qqq qq qqq i4x qqqqq i 44x")
"""``struct timex`` of a 64-bit machine, field by field."""


def _gauge(name: str, help: str) -> Family:
    return Family(f"node_timex_{name}", "gauge", help)


def _counter(name: str, help: str) -> Family:
    return Family(f"node_timex_{name}", "counter", help)


OFFSET = _gauge("offset_seconds", "Time offset in between local system and reference clock.")
FREQUENCY = _gauge("frequency_adjustment_ratio", "Local clock frequency adjustment.")
MAXERROR = _gauge("maxerror_seconds", "Maximum error in seconds.")
ESTERROR = _gauge("estimated_error_seconds", "Estimated error in seconds.")
STATUS = _gauge("status", "Value of the status array bits.")
CONSTANT = _gauge("loop_time_constant", "Phase-locked loop time constant.")
TICK = _gauge("tick_seconds", "Seconds between clock ticks.")
PPS_FREQUENCY = _gauge("pps_frequency_hertz", "Pulse per second frequency.")
PPS_JITTER = _gauge("pps_jitter_seconds", "Pulse per second jitter.")
PPS_SHIFT = _gauge("pps_shift_seconds", "Pulse per second interval duration.")
PPS_STABILITY = _gauge("pps_stability_hertz", "Pulse per second stability, average of recent frequency changes.")
PPS_JITTER_EXCEEDED = _counter("pps_jitter_total", "Pulse per second count of jitter limit exceeded events.")
PPS_CALIBRATIONS = _counter("pps_calibration_total", "Pulse per second count of calibration intervals.")
PPS_ERRORS = _counter("pps_error_total", "Pulse per second count of calibration errors.")
PPS_STABILITY_EXCEEDED = _counter(
    "pps_stability_exceeded_total", "Pulse per second count of stability limit exceeded events."
)
TAI_OFFSET = _gauge("tai_offset_seconds", "International Atomic Time (TAI) offset.")
SYNC_STATUS = _gauge("sync_status", "Is clock synchronized to a reliable server (1 = yes, 0 = no).")
KERNEL_FREQUENCY = Family(
    "clock_kernel_frequency_ratio",
    "gauge",
    "How much faster than its oscillator the kernel has the clock run, by tick and frequency; > 0: faster.",
)


def find(host: Host) -> Reader | Absent:
    """Every 64-bit Linux has it; a container's filter may refuse."""
    if struct.calcsize("@l") != 8 or LAYOUT.size != SIZEOF_TIMEX:
        return Absent("struct timex is known for 64-bit machines only")
    try:
        host.adjtimex()
    except OSError as error:
        return Absent(f"the kernel or a container's seccomp filter refuses adjtimex: {error.strerror}")
    return Timex(host, {"quantum_frequency_ratio": 1 / SCALED_PPM})


@dataclass
class Timex:
    """Asks the kernel."""

    host: Host
    found: Mapping[str, Any]
    cadence: int = 1
    beside = False

    def read(self) -> Iterable[Value]:
        """Eighteen values."""
        state, timex = self.host.adjtimex()
        return [(family.series(), number) for family, number in parse(state, timex).items()]

    def close(self) -> None:
        """Nothing is held open."""


def parse(state: int, timex: bytes) -> dict[Family, Number]:
    """``struct timex`` in base units; ``state`` is what adjtimex returned."""
    raw = dict(zip(FIELDS, LAYOUT.unpack(timex)))
    fraction = NANO if raw["status"] & STA_NANO else MICRO
    return {
        OFFSET: raw["offset"] / fraction,
        FREQUENCY: 1 + raw["freq"] / SCALED_PPM,
        MAXERROR: raw["maxerror"] / MICRO,
        ESTERROR: raw["esterror"] / MICRO,
        STATUS: raw["status"],
        CONSTANT: raw["constant"],
        TICK: raw["tick"] / MICRO,
        PPS_FREQUENCY: raw["ppsfreq"] / SCALED_PPM,
        PPS_JITTER: raw["jitter"] / fraction,
        PPS_SHIFT: raw["shift"],
        PPS_STABILITY: raw["stabil"] / SCALED_PPM,
        PPS_JITTER_EXCEEDED: raw["jitcnt"],
        PPS_CALIBRATIONS: raw["calcnt"],
        PPS_ERRORS: raw["errcnt"],
        PPS_STABILITY_EXCEEDED: raw["stbcnt"],
        TAI_OFFSET: raw["tai"],
        SYNC_STATUS: int(state != TIME_ERROR),
        KERNEL_FREQUENCY: ((raw["tick"] - NOMINAL_TICK) * (SCALED_PPM // NOMINAL_TICK) + raw["freq"]) / SCALED_PPM,
    }

"""How chronyd steers this clock: its report ``tracking`` (chronyc(1)), over its command protocol (chrony_wire.py).

Changed by chronyd at each measurement; ``system_time`` moves always. Frequencies are exactly as the protocol carries
them, to 1e-6 ppm; times are to 6e-8 of themselves. 0.1 ms a read; no privilege by UDP on this machine. Where neither
the port nor the socket is open but chronyc is installed, that is started beside the tick (chronyc.py). psutil knows
nothing of it. The frequency is what chronyd believes, apart from what it does to the kernel's meanwhile to correct an
offset: that is in ``node_timex_frequency_adjustment_ratio``. A change of the reference is noted as an event.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..host import Host
from ..source import Absent, Family, Reader, Value
from . import chrony_ways
from .chrony_reports import NO_REFERENCE, Tracking, Way, reference_name

SECOND = 1_000_000_000
OPTIONS = [chrony_ways.ADDRESS]


def _gauge(name: str, help: str) -> Family:
    return Family(f"chrony_tracking_{name}", "gauge", help)


INFO = _gauge("info", "Chrony tracking info: the reference's address, name and id.")
REMOTE = _gauge("remote_reference", "Chrony tracking is connected to a remote source.")
STRATUM = _gauge("stratum", "Chrony tracking client stratum.")
LEAP = _gauge("leap_status", "Leap status: 0 normal, 1 insert a second, 2 delete a second, 3 not synchronised.")
SYSTEM_TIME = _gauge("system_time_seconds", "Chrony tracking System time; > 0: this clock is behind NTP time (slow).")
FREQUENCY = _gauge(
    "frequency_ppms",
    "Rate by which the system's clock would be wrong if chronyd was not correcting it, in PPMs; > 0: it would be fast.",
)
REFERENCE_TIME = _gauge("reference_timestamp_seconds", "Chrony tracking Reference timestamp.")
LAST_OFFSET = _gauge("last_offset_seconds", "Chrony tracking last offset in seconds; > 0: this clock was ahead.")
RMS_OFFSET = _gauge("rms_offset_seconds", "Chrony tracking long-term average of the offset.")
RESIDUAL = _gauge(
    "residual_frequency_ppms",
    "For the currently selected reference source, the difference between the frequency it suggests "
    "and the one currently in use, in PPMs.",
)
SKEW = _gauge("skew_ppms", "The estimated error bound on the frequency, in PPMs.")
ROOT_DELAY = _gauge(
    "root_delay_seconds",
    "This is the total of the network path delays to the stratum-1 computer "
    "from which the computer is ultimately synchronised.",
)
ROOT_DISPERSION = _gauge("root_dispersion_seconds", "Chrony tracking total of all measurement errors to the NTP root.")
UPDATE_INTERVAL = _gauge(
    "update_interval_seconds",
    "The time elapsed since the last measurement from the reference source was processed, in seconds.",
)


def find(host: Host) -> Reader | Absent:
    """chronyd, if it can be asked."""
    way = chrony_ways.first_way(host)
    if isinstance(way, Absent):
        return way
    host.events.watch("reference_change")
    return Chrony(way, host)


@dataclass
class Chrony:
    """Asks how the clock is steered, and notes when it follows somebody else."""

    way: Way
    host: Host = field(repr=False)
    _reference: tuple[int, str] | None = field(default=None, compare=False)

    cadence = 1

    @property
    def beside(self) -> bool:
        """Whether asking takes long."""
        return self.way.beside

    @property
    def found(self) -> Mapping[str, Any]:
        """How chronyd is asked."""
        return self.way.found

    def read(self) -> Iterable[Value]:
        """What chronyd says now.

        Raises:
            OSError: it does not answer, or what it says cannot be.

        """
        tracking = self.way.tracking()
        before, self._reference = self._reference, (tracking.reference_id, tracking.address)
        if before not in (None, self._reference):
            self.host.events.note("reference_change", self.host.clock_ns(time.CLOCK_REALTIME))
        return values(tracking)

    def close(self) -> None:
        """Ask no more."""
        self.way.close()


def values(tracking: Tracking) -> list[Value]:
    """What follows a reference is left out without one: chronyd has 0 or 1 there then."""
    always = [
        (REMOTE.series(), int(tracking.remote)),
        (LEAP.series(), tracking.leap),
        (SYSTEM_TIME.series(), tracking.system_time),
        (FREQUENCY.series(), tracking.frequency_ppm),
    ]
    if tracking.reference_id == NO_REFERENCE:
        return always
    labels = {
        "tracking_address": tracking.address,
        "tracking_name": tracking.address or reference_name(tracking.reference_id),
        "tracking_refid": f"{tracking.reference_id:08X}",
    }
    referred: list[Value] = [
        (INFO.series(**labels), 1),
        (STRATUM.series(), tracking.stratum),
        (REFERENCE_TIME.series(), tracking.reference_time / SECOND),
        (ROOT_DELAY.series(), tracking.root_delay),
        (ROOT_DISPERSION.series(), tracking.root_dispersion),
    ]
    if not tracking.remote:
        return [*always, *referred]
    return [
        *always,
        *referred,
        (LAST_OFFSET.series(), tracking.last_offset),
        (RMS_OFFSET.series(), tracking.rms_offset),
        (RESIDUAL.series(), tracking.residual_frequency_ppm),
        (SKEW.series(), tracking.skew_ppm),
        (UPDATE_INTERVAL.series(), tracking.update_interval),
    ]

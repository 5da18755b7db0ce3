"""What chronyd measured of each source: ``sources``, ``sourcestats`` and, where permitted, ``ntpdata`` (chronyc(1)).

A source is measured once in 2^poll seconds, so they are read once in ten samples. 0.4 ms for each source. ``ntpdata``
is said only through the Unix socket, which takes root or chrony's group, or with chronyd's ``opencommands ntpdata``. A
source without a sample has no sample's values: its age would be 4294967295 s. Identity is the address; a reference
clock's is its id. No names are looked up, which would take packets. psutil knows nothing of it. Signs: offsets of
samples and ``sourcestats`` > 0: this clock is ahead of the source; ``peer_offset`` > 0: the source is ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ..host import Host
from ..source import Absent, Family, PartlyReadError, Reader, Value
from . import chrony_ways
from .chrony_fields import packed_address
from .chrony_reports import REFERENCE_CLOCK, NtpData, SourceData, SourceReport, SourceStats, Way, reference_name

CADENCE = 10
"""Read once in so many samples: by default a source is measured once in 64 s."""

LEFT_OUT = (
    f"ntpdata, unless chronyd has `opencommands ntpdata`: it is said through {chrony_ways.SOCKET} (root, or its group)"
)

REACHABILITY_BITS = 8
"""One for each of the last polls, the newest lowest."""


def _gauge(name: str, help: str) -> Family:
    return Family(f"chrony_{name}", "gauge", help)


STATE = _gauge("sources_state_info", "Chrony sources state info.")
POLL = _gauge("sources_polling_interval_seconds", "Chrony sources polling interval in seconds.")
REACH_RATIO = _gauge("sources_reachability_ratio", "Chrony sources ratio of packet reachability.")
REACH_SUCCESS = _gauge("sources_reachability_success", "Chrony sources last poll reachability success.")
AGE = _gauge("sources_last_sample_age_seconds", "Chrony sources last good sample age in seconds.")
OFFSET = _gauge(
    "sources_last_sample_offset_seconds",
    "Chrony sources last sample offset in seconds, adjusted for corrections since; > 0: this clock is ahead.",
)
MEASURED = _gauge(
    "sources_last_sample_measured_offset_seconds",
    "Chrony sources last sample offset in seconds, as it was measured; > 0: this clock was ahead.",
)
ERROR = _gauge("sources_last_sample_error_margin_seconds", "Chrony sources last sample margin of error in seconds.")
STRATUM = _gauge("sources_stratum", "Chrony sources stratum.")

SAMPLES = _gauge("sourcestats_samples", "The number of sample points currently being retained for the server. (NP)")
RUNS = _gauge(
    "sourcestats_runs", "The number of runs of residuals having the same sign following the last regression. (NR)"
)
SPAN = _gauge("sourcestats_span_seconds", "The interval between the oldest and newest samples in seconds.")
DEVIATION = _gauge("sourcestats_stddev", "The estimated sample standard deviation, in seconds.")
FREQUENCY = _gauge(
    "sourcestats_frequency_ppms",
    "The estimated residual frequency for the server, in parts per million; > 0: this clock runs fast against it.",
)
SKEW = _gauge("sourcestats_frequency_skew_ppms", "The estimated error bounds on Freq (again in parts per million).")
ESTIMATE = _gauge("sourcestats_offset", "The estimated offset of the source, in seconds; > 0: this clock is ahead.")
ESTIMATE_ERROR = _gauge(
    "sourcestats_offset_error", "The estimated error bound on the offset of the source, in seconds."
)

PEER = _gauge("sources_peer_info", "How the last exchange was made: modes, and by whom the time stamps were taken.")
PEER_OFFSET = _gauge("sources_peer_offset_seconds", "Offset of the last exchange; > 0: the source is ahead.")
PEER_DELAY = _gauge("sources_peer_delay_seconds", "Round trip of the last exchange, without the server's own time.")
PEER_DISPERSION = _gauge("sources_peer_dispersion_seconds", "Error bound of the last exchange, of precision and drift.")
PEER_RESPONSE = _gauge("sources_peer_response_time_seconds", "Time that the server took to answer the last exchange.")
PEER_ASYMMETRY = _gauge(
    "sources_peer_jitter_asymmetry_seconds",
    "Estimated share of the jitter that is on the way back, a number from -0.5 to 0.5; 0: symmetric, or unknown.",
)


def find(host: Host) -> Reader | Absent:
    """chronyd, if it can be asked."""
    way = chrony_ways.first_way(host, socket_first=True)
    return way if isinstance(way, Absent) else ChronySources(way)


@dataclass
class ChronySources:
    """Asks for all sources."""

    way: Way

    cadence = CADENCE

    @property
    def beside(self) -> bool:
        """Whether asking takes long."""
        return self.way.beside

    @property
    def found(self) -> Mapping[str, Any]:
        """How chronyd is asked, and what it does not say then."""
        found = self.way.found
        return found if found["asked"] == "unix socket" else {**found, "left_out": LEFT_OUT}

    def read(self) -> Iterable[Value]:
        """What chronyd says now.

        Raises:
            PartlyReadError: some of what it says cannot be.
            OSError: it does not answer.

        """
        reports, refused = self.way.sources()
        read = [value for report in reports for value in values(report)]
        if refused:
            raise PartlyReadError(read, refused, vanished=False)
        return read

    def close(self) -> None:
        """Ask no more."""
        self.way.close()


def values(report: SourceReport) -> Iterable[Value]:
    """All that is known of one source."""
    labels = names(report.data)
    yield from of_data(report.data, labels)
    if report.stats:
        yield from of_stats(report.stats, labels)
    if report.ntp and report.ntp.receive_stamp:
        yield from of_exchange(report.ntp, labels)


def names(data: SourceData) -> dict[str, str]:
    """The labels of a source."""
    name = data.address
    if data.mode == REFERENCE_CLOCK and "." in data.address:
        name = reference_name(int.from_bytes(packed_address(data.address)[:4], "big"))
    return {"source_address": data.address, "source_name": name}


def of_data(data: SourceData, labels: Mapping[str, str]) -> Iterable[Value]:
    """What ``sources`` says; of a source without a sample, only that it is there."""
    yield STATE.series(**labels, source_state=data.state, source_mode=data.mode), 1
    yield POLL.series(**labels), 2.0**data.poll
    yield REACH_RATIO.series(**labels), bin(data.reachability).count("1") / REACHABILITY_BITS
    yield REACH_SUCCESS.series(**labels), data.reachability & 1
    if data.age is not None:
        yield AGE.series(**labels), data.age
        yield OFFSET.series(**labels), data.offset
        yield MEASURED.series(**labels), data.measured_offset
        yield ERROR.series(**labels), data.error
        yield STRATUM.series(**labels), data.stratum


def of_stats(stats: SourceStats, labels: Mapping[str, str]) -> Iterable[Value]:
    """What ``sourcestats`` says; without a sample, only that there is none."""
    yield SAMPLES.series(**labels), stats.samples
    if not stats.samples:
        return
    yield RUNS.series(**labels), stats.runs
    yield SPAN.series(**labels), stats.span
    yield DEVIATION.series(**labels), stats.deviation
    yield FREQUENCY.series(**labels), stats.frequency_ppm
    yield SKEW.series(**labels), stats.skew_ppm
    yield ESTIMATE.series(**labels), stats.offset
    if stats.offset_error is not None:
        yield ESTIMATE_ERROR.series(**labels), stats.offset_error


def of_exchange(ntp: NtpData, labels: Mapping[str, str]) -> Iterable[Value]:
    """What ``ntpdata`` says."""
    how = {
        "interleaved": str(ntp.interleaved).lower(),
        "authenticated": str(ntp.authenticated).lower(),
        "transmit_stamp": ntp.transmit_stamp,
        "receive_stamp": ntp.receive_stamp,
    }
    yield PEER.series(**labels, **how), 1
    yield PEER_OFFSET.series(**labels), ntp.offset
    yield PEER_DELAY.series(**labels), ntp.delay
    yield PEER_DISPERSION.series(**labels), ntp.dispersion
    yield PEER_RESPONSE.series(**labels), ntp.response_time
    yield PEER_ASYMMETRY.series(**labels), ntp.jitter_asymmetry

"""What is known of a peer as series: absent as soon as it is not known any more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..peers.estimate import Estimate
from ..peers.service import Asked
from ..peers.watch import Exchanged, Watch
from ..source import Family, Value

SECOND = 1_000_000_000

SILENT = 5 * SECOND
"""Nanoseconds after which a peer that does not answer is down."""


def _gauge(name: str, help: str) -> Family:
    return Family(f"peer_{name}", "gauge", help)


UP = _gauge("up", "Whether the peer has answered within 5 s (1) or not (0).")
INFO = Family("peer_info", "info", "Where the peer is, whom it follows, and who stamped the last exchange.")
OFFSET = _gauge("clock_offset_seconds", "Offset of the peer's clock by the last exchange; > 0: the peer is ahead.")
BOUND = _gauge("clock_offset_bound_seconds", "The true offset lies within the offset plus or minus this, on any path.")
DELAY = _gauge("clock_delay_seconds", "Round trip of the last exchange, without the peer's own time.")
FORWARD = _gauge("forward_seconds", "T2 - T1: the way to the peer, and by how much its clock is ahead.")
BACKWARD = _gauge("backward_seconds", "T4 - T3: the way back, less by how much the peer's clock is ahead.")
AGE = _gauge("exchange_age_seconds", "Time since the last exchange that measured something.")
STRATUM = _gauge("stratum", "Stratum that the peer says it has.")
SENT = Family("peer_probes_sent_total", "counter", "Questions sent to the peer.")
LOST = Family("peer_probes_lost_total", "counter", "Questions that were not answered in time, or could not be sent.")
REJECTED = Family("peer_answers_rejected_total", "counter", "Answers that count for nothing, by reason.")
ESTIMATE = _gauge("estimate_offset_seconds", "Offset by a line through a minute of exchanges; > 0: the peer is ahead.")
ESTIMATE_ERROR = _gauge("estimate_offset_error_seconds", "Standard error of the estimated offset.")
DRIFT = _gauge("drift_ratio", "Rate of the peer's clock against this one by that line; > 0: the peer runs faster.")
DRIFT_ERROR = _gauge("drift_error_ratio", "Standard error of the drift.")
QUESTIONS = Family("peer_questions_total", "counter", "NTP questions of others, by what became of them.")


def is_up(watch: Watch, now: int) -> bool:
    """Whether a peer has answered lately; ``now`` on CLOCK_MONOTONIC_RAW."""
    return watch.best is not None and now - watch.best.at <= SILENT


def of_peer(each: Asked, now: int) -> Iterable[Value]:
    """All about one peer."""
    watch, labels = each.watch, {"peer": each.watch.name}
    yield UP.series(**labels), int(is_up(watch, now))
    yield SENT.series(**labels), watch.sent
    yield LOST.series(**labels), watch.lost
    for reason, count in watch.rejected.items():
        yield REJECTED.series(**labels, reason=reason), count
    if watch.best and is_up(watch, now):
        yield from of_exchange(watch.best, labels, now)
        yield INFO.series(**labels, **described(each, watch.best)), 1
        if watch.estimate:
            yield from of_estimate(watch.estimate, labels)


def of_exchange(best: Exchanged, labels: Mapping[str, str], now: int) -> Iterable[Value]:
    """What the last exchange measured."""
    exchange = best.result.exchange
    yield OFFSET.series(**labels), exchange.offset / SECOND
    yield BOUND.series(**labels), exchange.bound / SECOND
    yield DELAY.series(**labels), exchange.delay / SECOND
    yield FORWARD.series(**labels), exchange.forward / SECOND
    yield BACKWARD.series(**labels), exchange.backward / SECOND
    yield AGE.series(**labels), (now - best.at) / SECOND
    yield STRATUM.series(**labels), best.result.answer.stratum


def of_estimate(estimate: Estimate, labels: Mapping[str, str]) -> Iterable[Value]:
    """What a minute of them says."""
    yield ESTIMATE.series(**labels), estimate.offset / SECOND
    yield ESTIMATE_ERROR.series(**labels), estimate.offset_error / SECOND
    yield DRIFT.series(**labels), estimate.rate
    yield DRIFT_ERROR.series(**labels), estimate.rate_error


def described(each: Asked, best: Exchanged) -> Mapping[str, str]:
    """The labels of a peer's info."""
    return {
        "address": f"{each.place.host}:{each.place.port}",
        "refid": best.result.answer.refid.hex(),
        "stamps": best.result.stamps,
        "interleaved": str(best.result.interleaved).lower(),
    }

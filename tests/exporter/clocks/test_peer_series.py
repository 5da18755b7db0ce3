"""What is known of a peer as series."""

from __future__ import annotations

from exporter.clocks.peer_series import SILENT, is_up, of_peer
from exporter.peers.association import Association
from exporter.peers.estimate import Estimate
from exporter.peers.resolving import Resolver
from exporter.peers.service import Asked
from exporter.peers.watch import Watch
from tests.exporter.peers.test_watch import exchanged
from tests.exporter.reading import by_series

AT = 7_000_000_000


def asked() -> Asked:
    """A peer that is 3 ms ahead, drifting by 50 ppm."""
    watch = Watch("ares", Association(), sent=9, lost=1)
    watch.best = exchanged(AT, 3_000_000, delay=1000)
    watch.estimate = Estimate(3_000_100.0, 25.0, 50e-6, 1e-9)
    watch.rejected["late"] = 2
    return Asked(watch, Resolver("10.0.0.2", 19777))


def test_signs_and_units() -> None:
    """> 0: the peer is ahead, and runs faster."""
    values = by_series(of_peer(asked(), AT + 500_000_000))

    assert values['peer_clock_offset_seconds{peer="ares"}'] == 0.003
    assert values['peer_forward_seconds{peer="ares"}'] == 0.0030005
    assert values['peer_backward_seconds{peer="ares"}'] == -0.0029995
    assert values['peer_clock_delay_seconds{peer="ares"}'] == 1e-6
    assert values['peer_exchange_age_seconds{peer="ares"}'] == 0.5
    assert values['peer_estimate_offset_seconds{peer="ares"}'] == 0.0030001
    assert values['peer_drift_ratio{peer="ares"}'] == 50e-6
    assert values['peer_answers_rejected_total{peer="ares",reason="late"}'] == 2
    assert values['peer_probes_lost_total{peer="ares"}'] == 1


def test_what_is_old_is_absent() -> None:
    """Only counts are left."""
    each = asked()

    values = by_series(of_peer(each, AT + SILENT + 1))

    assert not is_up(each.watch, AT + SILENT + 1)
    assert {series.split("{")[0] for series in values} == {
        "peer_up",
        "peer_probes_sent_total",
        "peer_probes_lost_total",
        "peer_answers_rejected_total",
    }

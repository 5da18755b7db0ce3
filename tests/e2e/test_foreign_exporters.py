"""Any Prometheus exporter can be recorded: a Prometheus server itself, and node_exporter."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from recorder.parse import Parser
from tests import programs

pytestmark = pytest.mark.lab


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return tmp_path / "run"


def test_prometheus_itself_is_recorded(tmp_path: Path, dataset: Path) -> None:
    """A Prometheus server's own metrics become columns, histograms and summaries among them."""
    with programs.prometheus(tmp_path, "scrape_configs: []\n") as address:
        programs.recorder("record", "--target", f"prom={address}", "-o", str(dataset), "--duration", "5s")

    frame = programs.frame(dataset / "node=prom")
    assert frame["present"].sum() >= 3
    assert frame['prometheus_http_request_duration_seconds_bucket{handler="/metrics",le="+Inf"}'].max() >= 3
    assert frame['go_gc_duration_seconds{quantile="0.5"}'].notna().any()
    assert frame["sequence"].isna().all()
    programs.recorder("verify", str(dataset))


def test_node_exporter_is_recorded_as_it_says(dataset: Path) -> None:
    """Every series of node_exporter's page is a column."""
    with programs.node_exporter() as address:
        programs.recorder("record", "--target", f"ne={address}", "-o", str(dataset), "--duration", "4s")
        page = Parser().parse(requests.get(f"http://{address}/metrics", timeout=5).text)

    missing = {series.name for series in page.layout.series} - set(programs.frame(dataset / "node=ne").columns)
    # Its own scrapes become series once they have been counted.
    assert {name for name in missing if not name.startswith(("promhttp_", "go_", "node_scrape_"))} == set()
    programs.recorder("verify", str(dataset))


def test_a_clock_offset_is_known_from_any_web_server(dataset: Path) -> None:
    """The Date header bounds a foreign node's clock to a second, and a node on this machine is within it."""
    with programs.node_exporter() as address:
        programs.recorder("record", "--target", f"ne={address}", "-o", str(dataset), "--duration", "3s")

    frame = programs.frame(dataset / "node=ne")
    assert (frame["offset_ns"].abs() <= frame["offset_bound_ns"]).all()
    assert frame["offset_bound_ns"].between(400_000_000, 1_500_000_000).all()


def test_one_configuration_serves_prometheus_and_the_recorder(tmp_path: Path, dataset: Path) -> None:
    """The same prometheus.yml makes Prometheus scrape our exporter and the recorder record it."""
    with programs.exporter() as ours:
        config = (
            "scrape_configs:\n"
            "- job_name: driftscope\n"
            "  scrape_interval: 1s\n"
            "  static_configs:\n"
            f"  - targets: ['{ours}']\n"
            "    labels: {node: here}\n"
        )
        with programs.prometheus(tmp_path, config) as server:

            def scraped() -> bool:
                query = {"query": 'driftscope_sample_sequence{node="here"}'}
                answer = requests.get(f"http://{server}/api/v1/query", params=query, timeout=5).json()
                return bool(answer["data"]["result"])

            programs.eventually("Prometheus has our series", scraped)
            programs.recorder(
                "record", "--config", str(tmp_path / "prometheus.yml"), "-o", str(dataset), "--duration", "3s"
            )

    assert programs.frame(dataset / "node=here")["present"].any()

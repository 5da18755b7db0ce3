"""Memory errors."""

from __future__ import annotations

from pathlib import Path

from exporter.sensors import edac
from tests.exporter.reading import absent, values_by_series


def test_errors_of_a_controller_and_of_its_rows(tree: Path) -> None:
    """Those of no known row are the row "unknown"."""
    assert values_by_series(edac, tree) == {
        'node_edac_correctable_errors_total{controller="0"}': 3,
        'node_edac_csrow_correctable_errors_total{controller="0",csrow="unknown"}': 1,
        'node_edac_csrow_correctable_errors_total{controller="0",csrow="0"}': 0,
        'node_edac_uncorrectable_errors_total{controller="0"}': 0,
        'node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"}': 0,
        'node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="0"}': 0,
    }


def test_a_machine_without_ecc_says_so(tmp_path: Path) -> None:
    """The reason names what was looked for."""
    assert "edac/mc/mcN" in absent(edac, tmp_path)

"""What several of these tests need, and takes long to make."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.programs import ROOT


@pytest.fixture(scope="session")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundle, built as README says."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(["make", "--directory", ROOT, "bundle", f"DIST={folder}"], check=True, capture_output=True)
    return folder / "driftscope-exporter.pyz"

"""What tests of several packages share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.trees import machines

settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")

os.environ["DRIFTSCOPE_HISTORY_MEMORY"] = "1"
"""Exporters of tests run beside each other, and this machine's own history is not theirs."""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The files of a tiny machine: ``tree/"sys"`` and ``tree/"proc"``."""
    return machines.small(tmp_path / "small")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a machine of 64 CPUs, which no test may change."""
    return machines.server(tmp_path_factory.mktemp("server"))

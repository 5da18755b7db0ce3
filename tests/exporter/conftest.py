"""What the exporter's tests share."""

from __future__ import annotations

import pytest

from exporter import sampler


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine makes no source look hung; a test of hanging sets its own patience."""
    monkeypatch.setattr(sampler, "PATIENCE", 60)
    monkeypatch.setattr(sampler, "PATIENCE_LOOKING", 60)

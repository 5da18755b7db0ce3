"""Real exporters whose clocks are off and are set, recorded: rows stay on the grid by the recorder's clock."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest

from recorder import hour_file
from recorder.dataset import Dataset
from tests import programs
from tests.skewclock.oscillator import Oscillator

pytestmark = pytest.mark.lab

SECOND = 1_000_000_000


@pytest.mark.parametrize("step", [3600.0, -3600.0])
def test_a_node_that_is_set_by_an_hour_stays_on_the_grid(tmp_path: Path, step: float) -> None:
    """Before and after the step each row is within a second of when it was read, by the recorder's clock."""
    oscillator = Oscillator(tmp_path)
    oscillator.step(600)
    run = tmp_path / "run"
    with programs.exporter(env=oscillator.environment(), before=oscillator.command) as address:
        begin = time.time()
        setting = threading.Timer(6, oscillator.step, (step,))
        setting.start()
        programs.recorder("record", "-o", str(run), "--target", f"a={address}", "--duration", "14s")
        end = time.time()
        setting.join()

    rows = [row for file in Dataset.read(run).files() for row in hour_file.read(file.path).to_pylist()]
    seconds = [row["time"].value // SECOND for row in rows]
    ahead = {round(row["offset_ns"] / SECOND) for row in rows}
    assert begin - 1 <= seconds[0] <= seconds[-1] <= end + 1
    assert len(rows) >= 12
    assert ahead == {600, 600 + int(step)}
    assert all(
        abs(row["realtime_ns"] - row["offset_ns"] - second * SECOND) < SECOND
        for row, second in zip(rows, seconds, strict=True)
    )

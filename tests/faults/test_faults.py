"""The fault bench in its short form."""

from __future__ import annotations

from pathlib import Path

from tests.faults.bench import run

SECONDS = 35


def test_no_fault_loses_or_doubles_a_sample(tmp_path: Path) -> None:
    """Whatever is killed, stopped, cut off or damaged: what the nodes' histories hold is in the dataset, once."""
    outcome = run(tmp_path, SECONDS, seed=1)

    assert outcome.good, f"{outcome}\n{outcome.__dict__}\n{(tmp_path / 'recorder.log').read_text()[-4000:]}"
    assert outcome.faults.total() >= 10
    assert outcome.taken > SECONDS

"""The real turbostat: in a virtual machine it does no more than refuse to run, but takes our flags and says why."""

from __future__ import annotations

import time
from contextlib import closing

import pytest

from exporter.sensors.turbostat import FLAGS
from exporter.sensors.turbostat_output import header
from exporter.stream import EndedError, Stream
from tests.programs import PATIENCE, find

pytestmark = pytest.mark.lab


def said(*flags: str) -> str:
    """What turbostat says to these flags: its header, or how it ended."""
    with closing(Stream([find("turbostat", "linux-cpupower"), *flags], time.monotonic_ns, PATIENCE)) as stream:
        try:
            while line := stream.next(PATIENCE):
                if header(line.text):
                    return line.text.decode()
        except EndedError as error:
            return str(error)
    pytest.fail(f"turbostat said nothing within {PATIENCE} s")


def test_our_flags_are_known() -> None:
    """It prints its header, or refuses the machine but not the flags."""
    answer = said(*FLAGS)

    assert "Usage" not in answer
    assert "TSC_MHz" in answer or "turbostat: " in answer


@pytest.mark.parametrize(("flags", "why"), [(["--nonsense"], "--nonsense"), (["--num_iterations", "0"], "positive")])
def test_a_wrong_flag_is_said(flags: list[str], why: str) -> None:
    """What it says on stderr of a flag is in the error, which the earlier collector threw away for a day."""
    answer = said("--quiet", *flags)

    assert "ended with status" in answer
    assert why in answer

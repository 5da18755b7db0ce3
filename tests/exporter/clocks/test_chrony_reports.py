"""What chronyd's reports mean, whichever way they came."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exporter.clocks import chrony_wire
from exporter.clocks.chrony_reports import LOCAL_REFERENCE, NO_REFERENCE, reference_name
from tests.lab.chrony_captures import packet

TRACKING = chrony_wire.tracking(packet("4.3", "tracking"))


@pytest.mark.parametrize(
    ("reference_id", "remote"),
    [(NO_REFERENCE, False), (LOCAL_REFERENCE, False), (0x7F000001, True), (0x50505330, True)],
)
def test_a_remote_reference_is_somebody_else(reference_id: int, remote: bool) -> None:
    """Neither nobody nor the clock itself; a reference clock is."""
    assert replace(TRACKING, reference_id=reference_id).remote is remote


@pytest.mark.parametrize(
    ("reference_id", "name"),
    [
        (0x50505330, "PPS0"),
        (0x47505300, "GPS"),
        (0x7F7F0101, "7F7F0101"),
        (0x50205053, "50205053"),
        (0, ""),
    ],
)
def test_an_id_is_text_if_it_can_be(reference_id: int, name: str) -> None:
    """Otherwise it is written in hexadecimal, as an address that was hashed would look strange."""
    assert reference_name(reference_id) == name


@given(st.integers(0, 0xFFFF_FFFF))
def test_every_id_has_a_printable_name(reference_id: int) -> None:
    """It becomes a label."""
    name = reference_name(reference_id)

    assert name.isascii()
    assert name.isprintable()
    assert name.strip() == name

"""A node's clock against ours: an offset whose bound holds whatever the network does."""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder.node_clock import SECOND, STEPPED, Exchange, Offset, from_headers, offset

NOW = 1_785_000_123_987_654_321
DELAYS = st.integers(0, 3600 * SECOND)
OFFSETS = st.integers(-(10**18), 10**18)


def exchange(there: int, back: int, stepped: int = 0) -> Exchange:
    """A question that took so long on its way there, and its answer so long on its way back."""
    return Exchange(NOW, NOW + there + back + stepped, there + back)


@given(OFFSETS, DELAYS, DELAYS)
def test_the_true_offset_is_always_within_the_bound(true: int, there: int, back: int) -> None:
    """However unequal the two ways are, the clocks' difference lies within the offset plus or minus its bound."""
    node = NOW + there + true

    found = offset(exchange(there, back), node)

    assert found is not None
    assert abs(found.ns - true) <= found.bound
    assert found.bound <= (there + back + 1) // 2 + 1


@given(OFFSETS, DELAYS, DELAYS, st.integers(0, SECOND), st.integers(0, SECOND))
def test_an_uncertain_reading_widens_the_bound_and_keeps_the_promise(
    true: int, there: int, back: int, uncertainty: int, late: int
) -> None:
    """A reading that may have been later by some time leaves the true offset within the bound."""
    read = NOW + there + true - min(late, uncertainty)

    found = offset(exchange(there, back), read, uncertainty)

    assert found is not None
    assert abs(found.ns - true) <= found.bound


@pytest.mark.parametrize("stepped", [STEPPED + 1, -STEPPED - 1, 3600 * SECOND])
def test_a_step_of_our_own_clock_meanwhile_leaves_no_offset(stepped: int) -> None:
    """If our clock was set during the exchange, it says nothing about the node's."""
    assert offset(exchange(1000, 1000, stepped), NOW) is None


def test_our_own_header_is_read_to_the_nanosecond() -> None:
    """The bound is half of the time that the exchange took, and nothing more."""
    assert from_headers(exchange(600, 400), str(NOW + 500), None) == Offset(0, 500)


@given(st.integers(-86400, 86400), st.integers(0, SECOND), st.integers(0, SECOND))
def test_any_web_server_says_its_time_to_a_second(ahead: int, there: int, back: int) -> None:
    """The Date header, which is cut to whole seconds, gives an offset that is right within its bound."""
    node = NOW + there + ahead * SECOND
    date = format_datetime(datetime.fromtimestamp(node // SECOND, timezone.utc), usegmt=True)

    found = from_headers(exchange(there, back), None, date)

    assert found is not None
    assert abs(found.ns - ahead * SECOND) <= found.bound <= (SECOND + there + back) // 2 + 1


@pytest.mark.parametrize("date", ["00:00:01 GMT", "00:00:01 +0000", "00:00:01 -0000", "02:00:01 +0200"])
def test_a_date_has_its_own_zone_or_utc(date: str) -> None:
    """The zone of this machine has no say in it."""
    found = from_headers(Exchange(0, 0, 0), None, f"Thu, 01 Jan 1970 {date}")

    assert found == Offset(3 * SECOND // 2, SECOND // 2)


@pytest.mark.parametrize("header", ["", "x", "-5", "1.5", "1_0", "²", "١٢", "9" * 20, "9" * 5000])
def test_a_header_that_is_no_reading_is_as_if_it_were_not_there(header: str) -> None:
    """Whatever our header holds that is not nanoseconds, the Date is taken instead, if there is one."""
    assert from_headers(exchange(1, 1), header, None) is None


@pytest.mark.parametrize(
    "date",
    [
        *("", "x", "yesterday", "1", "," * 1000, "Thu, 99 Jan 1970 00:00:01 GMT"),
        *("Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 1900 00:00:00 GMT"),
    ],
)
def test_a_date_that_is_none_gives_no_offset(date: str) -> None:
    """A date that cannot be read, or lies beyond what 64 bits of nanoseconds hold, is none."""
    assert from_headers(exchange(1, 1), None, date) is None

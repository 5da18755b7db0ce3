"""When a sample out of a history was read: on the grid by our clock, with a bound that always holds."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import example, given
from hypothesis import strategies as st

from recorder.grid import SECOND, round_to_second
from recorder.node_clock import Offset
from recorder.past import SPACING, Past, Placed, anchor

BEGIN = 1_785_000_000 * SECOND
RATES = st.integers(-400, 400)
SET_BY = st.integers(-3600 * SECOND, 3600 * SECOND)
NUMBERS = st.integers(0, 20_000)


@dataclass
class Simulated:
    """A node that takes sample n at n true seconds after BEGIN, with a crystal that is off and a clock that is set."""

    off_ppm: int = 0
    ahead: int = 0
    set_at: int = 10**9
    set_by: int = 0

    def true(self, number: int) -> int:
        """When the sample was read, on our clock."""
        return BEGIN + number * SECOND

    def raw(self, number: int) -> int:
        """Its CLOCK_MONOTONIC_RAW."""
        return number * SECOND + number * SECOND * self.off_ppm // 1_000_000

    def realtime(self, number: int) -> int:
        """Its CLOCK_REALTIME, which nothing but the step disciplines."""
        return BEGIN + self.ahead + self.raw(number) + (self.set_by if number >= self.set_at else 0)

    def exchange(self, past: Past, number: int, error: int = 0, bound: int = 1_000_000) -> None:
        """Measure the node's clock, wrong by no more than the bound, as sample ``number`` comes live."""
        offset = Offset(self.realtime(number) - self.true(number) + error, bound)
        second = round_to_second(self.true(number) - error)
        past.add("e1", anchor(number, second, self.raw(number), self.realtime(number), offset))

    def placed(self, past: Past, number: int) -> Placed:
        """Where it is put when it comes out of the history."""
        placed = past.place("e1", number, self.raw(number), self.realtime(number))
        assert placed is not None
        return placed


@given(
    st.builds(Simulated, RATES, st.integers(-600 * SECOND, 600 * SECOND), NUMBERS, SET_BY),
    st.lists(NUMBERS, min_size=1),
    NUMBERS,
)
@example(Simulated(50, 0, 5000, 3600 * SECOND), [0, 10_000], 5001)
@example(Simulated(50, 600 * SECOND, 5000, -3600 * SECOND), [0, 10_000], 4999)
def test_the_true_time_is_within_the_bound_whatever_is_set(node: Simulated, measured: list[int], asked: int) -> None:
    """A node minutes off, set by up to an hour mid-way, with a crystal that is off: our time is within the bound."""
    past = Past()
    for number in sorted(measured):
        node.exchange(past, number, error=500_000)

    placed = node.placed(past, asked)

    assert placed.offset is not None
    ours = node.realtime(asked) - placed.offset.ns
    assert abs(ours - node.true(asked)) <= placed.offset.bound


@given(RATES, SET_BY, st.integers(0, 3600))
def test_between_two_exchanges_a_sample_has_its_own_second(off: int, set_by: int, set_at: int) -> None:
    """After an hour's absence, whatever the node's clock did, each sample is where it would have been live."""
    node, past = Simulated(off, 0, set_at, set_by), Past()
    node.exchange(past, 0)
    node.exchange(past, 3600)

    placed = [node.placed(past, number).second for number in range(0, 3600, 97)]

    assert placed == [BEGIN // SECOND + number for number in range(0, 3600, 97)]


def test_an_exchange_is_carried_no_worse_than_clocks_drift() -> None:
    """The bound is the exchange's own near by, and grows by RATE away from it."""
    node, past = Simulated(), Past()
    node.exchange(past, 1000)

    bounds = [offset.bound for number in (1000, 1001, 2000) if (offset := node.placed(past, number).offset)]

    assert bounds == [1_000_001, 1_500_001, 501_000_001]


def test_the_nodes_own_clock_carries_where_only_one_exchange_is_known() -> None:
    """A disciplined clock is right where the raw one is off: after an hour the sample is still in its second."""
    past = Past()
    node = Simulated(off_ppm=400)
    past.add("e1", anchor(3600, BEGIN // SECOND + 3600, node.raw(3600), node.true(3600), Offset(0, 1000)))

    placed = past.place("e1", 0, node.raw(0), node.true(0))

    assert placed is not None
    assert placed.second == BEGIN // SECOND
    assert placed.offset is not None
    assert placed.offset.ns == 0


def test_a_node_that_was_started_anew_has_no_bound() -> None:
    """Its raw clock began at 0 again, so nothing carries our time over; its own clock says where the sample is."""
    node, past = Simulated(), Past()
    past.add("e1", anchor(2000, BEGIN // SECOND + 2000, 5 * SECOND, node.true(2000), Offset(0, 1000)))

    placed = past.place("e1", 1000, 900_000 * SECOND, node.true(1000))

    assert placed == Placed(BEGIN // SECOND + 1000, None)


def test_exchanges_that_contradict_each_other_are_not_mixed() -> None:
    """If our own clock was another one before, the nearer exchange counts."""
    node, past = Simulated(), Past()
    node.exchange(past, 0)
    node.exchange(past, 1000, error=-50 * SECOND)

    near_the_first, near_the_second = node.placed(past, 100), node.placed(past, 900)

    assert near_the_first.second == BEGIN // SECOND + 100
    assert near_the_second.offset is not None
    assert abs(near_the_second.offset.ns + 50 * SECOND) <= near_the_second.offset.bound


def test_of_a_days_exchanges_few_are_kept() -> None:
    """The first, the last, one every ten minutes, and the last before a step."""
    node, past = Simulated(set_at=40_000, set_by=10 * SECOND), Past()
    for number in range(86_400):
        node.exchange(past, number)

    kept = [one.sequence for one in past._anchors["e1"]]
    assert len(kept) <= 86_400 / SPACING + 5
    assert {0, 39_999, 86_399} <= set(kept)


def test_a_clock_that_contradicts_itself_is_no_exchange() -> None:
    """An offset that puts the sample far from its second says nothing."""
    past = Past()
    past.add("e1", anchor(1, BEGIN // SECOND, 5, 5, Offset(0, 0)))

    assert past.place("e1", 1, 5, 5) is None


def test_another_epochs_exchanges_say_nothing() -> None:
    """Their raw clock may be another machine's."""
    node, past = Simulated(), Past()
    node.exchange(past, 5)

    assert past.place("e2", 5, node.raw(5), node.realtime(5)) is None

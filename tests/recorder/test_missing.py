"""What is missing is asked for until it has come or is known to be gone, and nothing is asked for twice."""

from __future__ import annotations

from array import array

from hypothesis import given
from hypothesis import strategies as st

from recorder.history import Answer
from recorder.missing import Missing
from recorder.parse import Page
from tests.recorder.samples import layout

PAGE = Page(layout("a"), array("d", [1]))


def answer_of(held: set[int], after: int, limit: int, epoch: str = "e1") -> Answer:
    """What a node that holds these samples says."""
    told = [number for number in sorted(held) if number > after][:limit]
    return Answer(epoch, min(held, default=None), max(held, default=None), dict.fromkeys(told, PAGE))


def heal(missing: Missing, held: set[int], limit: int) -> list[int]:
    """Ask until nothing is missing; the samples that came, in order of coming."""
    came: list[int] = []
    for _ in range(500):
        question = missing.next(limit)
        if question is None:
            return came
        new = missing.answered(question[0], answer_of(held, *question))
        for number in new:
            missing.add("e1", number)
        came += new
    raise AssertionError("it asks for ever")


@given(st.sets(st.integers(1, 80)), st.sets(st.integers(1, 80), min_size=1), st.integers(1, 20))
def test_all_that_the_history_holds_comes_once(held: set[int], live: set[int], limit: int) -> None:
    """Of the numbers since the first that was seen, those held come once, and for the others there is a reason."""
    missing = Missing()
    held = held | {max(live)}
    for number in sorted(live):
        missing.seen("e1", number)
        missing.add("e1", number)

    came = heal(missing, held, limit)

    concerned = set(range(min(live), max(live) + 1))
    assert sorted(came) == sorted((held - live) & concerned)
    lost = {n for there in missing.lost().get("e1", {}).values() for one in there for n in range(one[0], one[1] + 1)}
    assert lost == concerned - live - held
    assert missing.open == 0


def test_reasons_are_told_apart() -> None:
    """What is older than the oldest held has expired; what lies between two held ones was never taken."""
    missing = Missing()
    for number in (1, 20):
        missing.seen("e1", number)
        missing.add("e1", number)

    heal(missing, {*range(8, 12), *range(15, 21)}, 100)

    assert {reason: [*there] for reason, there in missing.lost()["e1"].items()} == {
        "history expired": [(2, 7)],
        "never sampled": [(12, 14)],
    }


def test_the_oldest_and_the_newest_are_asked_for_in_turn() -> None:
    """Neither does a long hole keep the newest away, nor the newest the oldest."""
    missing = Missing()
    for number in (1, 1000):
        missing.seen("e1", number)
        missing.add("e1", number)
    held = set(range(1, 1001))

    questions: list[tuple[int, int]] = []
    for _ in range(4):
        question = missing.next(60)
        assert question is not None
        questions.append(question)
        missing.answered(question[0], answer_of(held, *question))

    assert questions == [(1, 60), (939, 60), (61, 60), (879, 60)]


def test_what_could_not_be_kept_is_asked_for_again() -> None:
    """A sample on its way that the journal did not take is missing as before."""
    missing = Missing()
    for number in (1, 5):
        missing.seen("e1", number)
        missing.add("e1", number)
    missing.answered(1, answer_of({1, 2, 3, 4, 5}, 1, 3))
    on_their_way = missing.open

    missing.ask_again()

    assert (on_their_way, missing.open) == (0, 3)


def test_a_sample_that_is_not_in_the_history_yet_stays_missing() -> None:
    """A history may be some samples behind the page."""
    missing = Missing()
    for number in (1, 5):
        missing.seen("e1", number)
        missing.add("e1", number)

    missing.answered(1, answer_of({1, 2, 3}, 1, 3))

    assert (missing.open, missing.next(9)) == (1, (3, 1))


def test_a_new_numbering_begins_at_its_first_sample() -> None:
    """All of it was taken after what we had, so it is asked for; what was missing before is lost with the history."""
    missing = Missing()
    for epoch, number in (("e1", 4), ("e1", 6), ("e2", 3)):
        missing.seen(epoch, number)
        missing.add(epoch, number)

    assert {epoch: {reason: [*there] for reason, there in of.items()} for epoch, of in missing.lost().items()} == {
        "e1": {"history lost": [(5, 5)]}
    }
    assert (missing.open, missing.next(60)) == (2, (0, 2))


def test_a_node_that_comes_back_under_its_name_is_asked_again() -> None:
    """Its history has what was given up when another node answered."""
    missing = Missing()
    for epoch, number in (("e1", 4), ("e1", 6), ("e2", 1), ("e1", 9)):
        missing.seen(epoch, number)
        missing.add(epoch, number)

    heal(missing, set(range(1, 10)), 60)

    assert [*missing.received["e1"]] == [(1, 9)]


def test_an_answer_of_another_numbering_changes_nothing() -> None:
    """The page will tell of the new numbering; until then nothing is known of it."""
    missing = Missing()
    for number in (1, 5):
        missing.seen("e1", number)
        missing.add("e1", number)

    assert missing.answered(1, answer_of({1, 2, 3, 4, 5}, 1, 3, "e2")) == []
    assert missing.open == 3


def test_an_absurd_number_costs_one_question_at_a_time() -> None:
    """A node may claim any number; nothing grows with it."""
    missing = Missing()
    for number in (1, (1 << 63) - 1):
        missing.seen("e1", number)
        missing.add("e1", number)

    missing.answered(1, answer_of({(1 << 63) - 1}, 1, 600))

    assert missing.open == 0

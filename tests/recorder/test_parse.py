"""Exposition text becomes series and numbers, exactly as prometheus-client reads them, and fast the second time."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recorder.parse import Parser
from tests.recorder.pages import Written, ours, pages, same, theirs
from tests.recorder.samples import parsed

ALPHABET = st.characters(codec="utf-8") | st.sampled_from('\n\n \t#{}",=\\0123456789eE+-._NaInf')
ANY_TEXT = st.text(ALPHABET)


def agree(parser: Parser, text: str, openmetrics: bool) -> bool:
    """Whether both parsers read the same on a page, of which nothing is to be complained about."""
    page = parser.parse(text, openmetrics)
    expected = list(theirs(text, openmetrics))
    found = list(ours(page))
    return not page.complaints and len(found) == len(expected) and all(map(same, found, expected))


@settings(deadline=None, max_examples=150)
@given(pages().flatmap(lambda page: st.tuples(st.just(page), page.numbers(), page.numbers())))
def test_a_page_is_read_as_prometheus_client_reads_it(drawn: tuple[Written, list[list[str]], list[list[str]]]) -> None:
    """Names, labels, exact values, timestamps, types and help agree, the first time and with other numbers after."""
    page, first, second = drawn
    parser = Parser()

    assert agree(parser, page.text(first), page.openmetrics)
    assert agree(parser, page.text(second), page.openmetrics)


@settings(deadline=None)
@given(st.tuples(pages(), pages()).flatmap(lambda two: st.tuples(*map(st.just, two), *(p.numbers() for p in two * 2))))
def test_a_page_in_between_does_not_disturb_the_one_before(drawn: tuple[Written, Written, list, list, list]) -> None:
    """Pages of two layouts by turns are each read as if they came alone, apart from complaints of changed types."""
    one, other, *numbers = drawn
    parser = Parser()
    for at, page in enumerate((one, other, one, other)):
        text = page.text(numbers[at])
        alone = Parser().parse(text, page.openmetrics)

        together = parser.parse(text, page.openmetrics)

        assert all(map(same, ours(together), ours(alone)))
        assert together.layout.series == alone.layout.series
        assert set(together.complaints) <= {"type changed"}


@settings(max_examples=150)
@given(st.lists(ANY_TEXT, max_size=3), st.booleans())
def test_no_text_makes_it_raise(texts: list[str], openmetrics: bool) -> None:
    """Whatever comes is a page, if need be an empty one, and the second time it is the same page."""
    parser = Parser()
    for text in texts:
        first = parser.parse(text, openmetrics)
        again = parser.parse(text, openmetrics)

        assert len(first.values) == len(first.layout.series)
        assert all(map(same, ours(again), ours(first)))
        assert again.layout is first.layout


@settings(deadline=None, max_examples=150)
@given(pages().flatmap(lambda page: st.tuples(st.just(page), page.numbers())), st.data())
def test_no_damage_to_a_page_makes_it_raise(drawn: tuple[Written, list[list[str]]], data: st.DataObject) -> None:
    """After a good page, the same with some bytes replaced is read as a parser reads it that never saw the good one."""
    page, numbers = drawn
    good = page.text(numbers)
    at = data.draw(st.integers(0, len(good)))
    damaged = good[:at] + data.draw(st.text(ALPHABET, max_size=3)) + good[at + data.draw(st.integers(0, 3)) :]
    parser = Parser()
    parser.parse(good, page.openmetrics)

    after = parser.parse(damaged, page.openmetrics)

    alone = Parser().parse(damaged, page.openmetrics)
    assert all(map(same, ours(after), ours(alone)))
    assert after.layout.series == alone.layout.series
    assert after.complaints - alone.complaints == {"type changed": 1} or after.complaints == alone.complaints


@pytest.mark.parametrize("word", ["", "1_000", "_1", "x", "1,5", "0x10", "--1", "#", "1e", "1#"])
def test_what_is_no_number_costs_its_line_alone(word: str) -> None:
    """A value that is not a number is counted and left out, on a new page and on one that was right before."""
    parser = Parser()
    parser.parse("a 1\nb 2\n")

    for page in (parser.parse(f"a {word}\nb 2\n"), parsed(f"a {word}\nb 2\n")):
        assert [series.name for series in page.layout.series] == ["b"]
        assert page.complaints.total() == 1


@pytest.mark.parametrize(
    "line", ["a", "1", "a{ 1", 'a{b="c} 1', "a{b=c} 1", 'a{b="c",b="d"} 1', 'a{"b"="c"} 1', "a-b 1", "a 1 2 3", "é 1"]
)
def test_what_is_no_sample_costs_its_line_alone(line: str) -> None:
    """A line outside the grammar is counted and left out."""
    page = parsed(f"{line}\nb 2\n")

    assert [series.name for series in page.layout.series] == ["b"]
    assert page.complaints == {"not a sample": 1}


def test_of_a_series_that_is_there_twice_the_first_is_kept() -> None:
    """The second of two samples of one series is counted and left out, however its labels are ordered."""
    page = parsed('a{b="c",d="e"} 1\na{d="e",b="c"} 2\n')

    assert list(page.values) == [1.0]
    assert page.complaints == {"series twice": 1}


def test_the_layout_is_the_same_object_while_the_series_are_the_same() -> None:
    """Other numbers, timestamps and refused lines make no new layout."""
    parser = Parser()
    pages = [parser.parse(text) for text in ("a 1\nb 1\n", "a 2\nb 2\n", "a 3 5\nb 3 5\n", "a 4 6\nb 4\nb 5\n")]

    assert all(page.layout is pages[0].layout for page in pages)


def test_a_series_more_is_another_layout() -> None:
    """A series that comes, goes or moves makes a new layout."""
    parser = Parser()
    layouts = [parser.parse(text).layout for text in ("a 1\n", "a 1\nb 1\n", "b 1\na 1\n", "b 1\n")]

    assert len(set(layouts)) == 4


@pytest.mark.parametrize("order", ["# TYPE a {}\na 1\n", "a 1\n# TYPE a {}\n"])
def test_a_type_that_changes_is_noticed_and_counted_once(order: str) -> None:
    """Though every line but the comment stays as it was, the series has its new type and the change is counted."""
    parser = Parser()
    parser.parse(order.format("gauge"))

    changed, after = parser.parse(order.format("counter")), parser.parse(order.format("counter"))

    assert changed.layout.series[0].type == "counter"
    assert changed.complaints == {"type changed": 1}
    assert after.layout is changed.layout
    assert not after.complaints


@pytest.mark.parametrize("value", [2**53, 2**53 + 1, -(2**63), 2**64 + 1, 10**400])
def test_integers_beyond_float64_are_exact_every_time(value: int) -> None:
    """An integer of any length is kept exactly by the first and by every later parse, whatever ends the line."""
    for end in ("\n", "\r\n"):
        parser = Parser()
        for page in (parser.parse(f"a {value}{end}b 1{end}") for _ in range(3)):
            assert page.number(0) == value
            assert isinstance(page.number(0), int)
            assert page.number(1) == 1


def test_an_integer_that_python_refuses_to_read_is_infinite() -> None:
    """Ten thousand digits are read as float64 reads them."""
    parser = Parser()

    assert [parser.parse(f"a {'9' * 10_000}\n").number(0) for _ in range(2)] == [float("inf")] * 2


@pytest.mark.parametrize("stamp", ["NaN", "Inf", "1e999999", "1e99999999999", "-1e30", "1_0", "x"])
def test_a_timestamp_that_is_none_is_counted_and_the_value_kept(stamp: str) -> None:
    """A time that is no time is counted; the number is good all the same."""
    page = parsed(f"a 1 {stamp}\n")

    assert list(page.values) == [1.0]
    assert page.timestamps == {}
    assert page.complaints == {"timestamp": 1}


@pytest.mark.parametrize("separator", [" ", "\t", "  ", " \t "])
def test_a_line_is_read_the_same_every_time_whatever_separates_its_parts(separator: str) -> None:
    """Blanks and tabs separate a number from its timestamp, also when the series is known already."""
    parser = Parser()
    parser.parse("a 1\n")
    for page in (parser.parse(f"a{separator}2{separator}3000\n") for _ in range(3)):
        assert list(page.values) == [2.0]
        assert page.timestamps == {0: 3_000_000_000}
        assert not page.complaints


def test_the_unit_is_what_the_page_says_or_the_name() -> None:
    """UNIT is taken where it stands, else the last word of the name if it is a unit."""
    page = parsed("# UNIT a_volts kilovolts\na_volts 1\nb_seconds_total 1\nc 1\n# EOF\n", openmetrics=True)

    assert [series.unit for series in page.layout.series] == ["kilovolts", "seconds", ""]


def test_series_that_have_gone_are_forgotten() -> None:
    """A target whose labels change all the time costs no more memory than its page."""
    parser = Parser()
    for number in range(100):
        parser.parse(f'a{{id="{number}"}} 1\n')

    assert len(parser._known) <= 4


@pytest.mark.parametrize(
    "build", [lambda n: "\n" * n, lambda n: "{" * n, lambda n: 'a{b="' + "\\" * n, lambda n: "a " * n]
)
def test_a_hostile_page_is_read_in_time_that_grows_with_its_length(build: Callable[[int], str]) -> None:
    """A megabyte of what a grammar may stumble over is over as soon as a megabyte of anything."""
    page = parsed(build(500_000))

    assert len(page.values) == 0

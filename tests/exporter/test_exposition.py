"""Samples as text, read back by prometheus-client."""

from __future__ import annotations

import gzip
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter import exposition
from exporter.exposition import LAYOUTS, OPENMETRICS, TEXT, Pages, negotiate
from exporter.sample import Sample
from exporter.source import Family, Number, Series, Value

PARSERS: dict[str, Callable[[str], Iterable[Any]]] = {TEXT: parse_text, OPENMETRICS: parse_openmetrics}

LABELS = st.dictionaries(
    st.sampled_from(["chip", "sensor", "le", "_x", "A9"]),
    st.text(st.characters(exclude_categories=["Cs"])) | st.text('"\\\n%sd{}=,# é\u2028'),
    max_size=3,
)
NUMBERS = st.one_of(st.integers(-(2**200), 2**200), st.floats(), st.sampled_from([2**53 + 1, 2**64 - 1, 1e22, 5e-324]))
HELP = st.text('"\\\n%s é', max_size=10)


@st.composite
def samples(draw: st.DrawFn) -> list[Value]:
    """Values of a few families of every type, whose series are interleaved as they may be."""
    names = ["a_celsius", "b_seconds", "c", "d_ratio"]
    families = [Family(name, draw(st.sampled_from(["gauge", "unknown"])), draw(HELP)) for name in names]
    series = st.builds(lambda family, labels: family.series(**labels), st.sampled_from(families), LABELS)
    return draw(st.lists(st.tuples(series, NUMBERS), unique_by=lambda value: value[0], max_size=12))


def shown(values: Sequence[Value]) -> Pages:
    """Pages of a sample of these values."""
    pages = Pages()
    pages.show(sample(values))
    return pages


def sample(values: Sequence[Value]) -> Sample:
    return Sample(1, 0, tuple(series for series, _ in values), tuple(number for _, number in values))


def page(values: Sequence[Value], content_type: str = TEXT) -> str:
    """One page of these values."""
    made = shown(values).page(content_type)
    assert made is not None
    return made.decode()


def read_back(text: str, content_type: str) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    """Every series and value that prometheus-client finds on a page."""
    found = [sample for family in PARSERS[content_type](text) for sample in family.samples]
    values = {(one.name, frozenset(one.labels.items())): one.value for one in found}
    assert len(values) == len(found)
    return values


def expected(values: Iterable[Value]) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    return {(series.family.name, frozenset(series.labels)): number for series, number in values}


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


@pytest.mark.parametrize("content_type", PARSERS)
@given(values=samples())
def test_what_was_written_is_read_back(content_type: str, values: list[Value]) -> None:
    """prometheus-client finds exactly the series and values that were shown, whatever their labels hold."""
    back, wanted = read_back(page(values, content_type), content_type), expected(values)

    assert back.keys() == wanted.keys()
    assert all(same(back[series], wanted[series]) for series in wanted)


@given(samples())
def test_families_are_contiguous(values: list[Value]) -> None:
    """Each family's heading is there once, followed by all of its series, in the order of the sample."""
    lines = page(values).splitlines()
    headings = [line for line in lines if line.startswith("# TYPE ")]

    assert len(headings) == len({series.family.name for series, _ in values})


def test_series_that_interleave_are_put_together() -> None:
    """The recorder and Prometheus may rely on one block a family."""
    a, b = Family("a", "gauge", "A."), Family("b", "gauge", "B.")
    values: list[Value] = [(a.series(n="1"), 1), (b.series(n="2"), 2), (a.series(n="3"), 3)]

    assert page(values) == (
        '# HELP a A.\n# TYPE a gauge\na{n="1"} 1\na{n="3"} 3\n# HELP b B.\n# TYPE b gauge\nb{n="2"} 2\n'
    )


@given(st.integers(-(2**70), 2**70))
def test_an_integer_keeps_every_digit(number: int) -> None:
    """An int is written without a point or an exponent, also beyond what a float64 holds."""
    assert page([(Family("a", "gauge", "A.").series(), number)]).endswith(f"\na {number}\n")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_comes_back_equal(number: float) -> None:
    """A float is written so that reading it gives the same 64 bits."""
    written = page([(Family("a", "gauge", "A.").series(), number)]).split()[-1]

    assert float(written) == number
    assert math.copysign(1, float(written)) == math.copysign(1, number)


@pytest.mark.parametrize(
    ("number", "spelt"), [(math.nan, "NaN"), (math.inf, "+Inf"), (-math.inf, "-Inf"), (0.1, "0.1"), (1e-09, "1e-09")]
)
def test_numbers_are_spelt_as_both_formats_ask(number: float, spelt: str) -> None:
    """Not-a-number and the infinities have names of their own, and spoil no other value."""
    values: list[Value] = [(Family("a", "gauge", "A.").series(), number), (Family("b", "gauge", "B.").series(), 1.5)]

    text = page(values)

    assert f"\na {spelt}\n" in text
    assert text.endswith("\nb 1.5\n")


@pytest.mark.parametrize(
    ("family", "text", "openmetrics"),
    [
        (Family("a_total", "counter", "A."), "# TYPE a_total counter", "# TYPE a counter"),
        (Family("a_info", "info", "A."), "# TYPE a_info gauge", "# TYPE a info"),
        (Family("a", "gauge", "A."), "# TYPE a gauge", "# TYPE a gauge"),
        (Family("a", "unknown", "A."), "# TYPE a untyped", "# TYPE a unknown"),
        (Family("a", "counter", "A."), "# TYPE a counter", "# TYPE a unknown"),
        (Family("a_seconds_total", "counter", "A."), "# TYPE a_seconds_total counter", "# UNIT a_seconds seconds"),
        (Family("a_info", "gauge", "A."), "# TYPE a_info gauge", "# TYPE a_info gauge"),
    ],
)
def test_each_format_has_its_own_types(family: Family, text: str, openmetrics: str) -> None:
    """OpenMetrics names counters and infos without their suffix, and states units; the text format knows no info."""
    values: list[Value] = [(family.series(), 1)]

    assert text in page(values).splitlines()
    assert openmetrics in page(values, OPENMETRICS).splitlines()
    assert read_back(page(values, OPENMETRICS), OPENMETRICS) == {(family.name, frozenset()): 1}


def test_help_is_escaped() -> None:
    """A line break or percent sign in a help text stays within its line."""
    text = page([(Family("a", "gauge", 'Two\nlines, 100 %s, \\ and "quotes".').series(), 1)])

    assert text.splitlines()[0] == '# HELP a Two\\nlines, 100 %s, \\\\ and "quotes".'


def test_a_name_that_is_no_text_costs_only_its_own_series() -> None:
    """What cannot be written as UTF-8 is replaced; the page is there all the same."""
    family = Family("a", "gauge", "A.")

    assert page([(family.series(file="s\udcff"), 1), (family.series(file="t"), 2)]).endswith(
        'a{file="s?"} 1\na{file="t"} 2\n'
    )


def test_openmetrics_ends_in_eof() -> None:
    """So that a page that was cut off is known to be; an empty one has nothing else."""
    assert page([], OPENMETRICS) == "# EOF\n"
    assert page([]) == ""


def test_before_the_first_sample_there_is_no_page() -> None:
    """None, rather than an empty page that would look like a machine without sensors."""
    pages = Pages()

    assert pages.page(TEXT) is None
    assert pages.page(OPENMETRICS, compressed=True) is None
    assert pages.sample is None


@pytest.mark.parametrize("content_type", PARSERS)
def test_the_compressed_page_is_the_same_page(content_type: str) -> None:
    """Gzip gives back what was not compressed, byte for byte, whichever was asked for first."""
    pages = shown([(Family("a", "gauge", "A.").series(n=str(n)), n) for n in range(100)])

    compressed = pages.page(content_type, compressed=True)

    assert compressed is not None
    assert gzip.decompress(compressed) == pages.page(content_type)
    assert len(compressed) < 1000


@pytest.mark.parametrize("content_type", PARSERS)
@pytest.mark.parametrize("compressed", [False, True])
def test_a_page_is_made_once_a_sample(content_type: str, compressed: bool) -> None:
    """Any number of scrapers get the same bytes object, until the next sample is shown."""
    values: list[Value] = [(Family("a", "gauge", "A.").series(), 1)]
    pages = shown(values)

    first = pages.page(content_type, compressed)

    assert pages.page(content_type, compressed) is first
    pages.show(sample([(values[0][0], 2)]))
    assert pages.page(content_type, compressed) != first


def test_layouts_are_kept_for_series_that_come_and_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """Going back to a set of series that was there lately makes no new layout; there are never more than a few."""
    made: list[Sequence[Series]] = []
    layout_of = exposition.Layout.of
    monkeypatch.setattr(exposition.Layout, "of", lambda series: made.append(series) or layout_of(series))
    sets: list[list[Value]] = [[(Family("a", "gauge", "A.").series(n=str(n)), n)] for n in range(LAYOUTS + 1)]
    pages = Pages()

    def show(values: list[Value]) -> None:
        pages.show(sample(values))
        pages.page(TEXT)

    show(sets[0])
    show(sets[1])
    show(sets[0])
    assert len(made) == 2
    for values in sets:
        show(values)
    assert len(made) == LAYOUTS + 1
    show(sets[1])
    assert len(pages._layouts) == LAYOUTS


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("", TEXT),
        ("*/*", TEXT),
        ("text/plain;version=0.0.4;q=0.5,*/*;q=0.1", TEXT),
        ("application/openmetrics-text", OPENMETRICS),
        ("application/openmetrics-text;version=1.0.0;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1", OPENMETRICS),
        ("text/plain, application/openmetrics-text; version=1.0.0", OPENMETRICS),
    ],
)
def test_openmetrics_is_for_those_who_accept_it(accept: str, content_type: str) -> None:
    """Prometheus lists it among others; a browser or curl gets the plain text format."""
    assert negotiate(accept) == content_type


def test_numbers_are_in_the_order_of_the_page() -> None:
    """Every value stands behind its own series, also after reordering."""
    families = [Family(name, "gauge", name) for name in "abc"]
    values: list[Value] = [(families[n % 3].series(n=str(n)), n) for n in range(30)]

    for line in page(values).splitlines():
        if not line.startswith("#"):
            series, _, number = line.rpartition(" ")
            assert f'n="{number}"' in series


def test_numbers_of_all_kinds_fit_one_page() -> None:
    """Ints that no float64 holds and floats near its end are on one page together."""
    numbers: list[Number] = [2**64, -(2**64), 1.7e308, 1.7e308, math.nan]

    text = page([(Family("a", "gauge", "A.").series(n=str(n)), number) for n, number in enumerate(numbers)])

    assert [line.split()[-1] for line in text.splitlines()[2:]] == [
        "18446744073709551616", "-18446744073709551616", "1.7e+308", "1.7e+308", "NaN",
    ]  # fmt: skip

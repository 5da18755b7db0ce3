"""The grammar of exposition text, a line at a time."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recorder import grammar


@given(st.text())
def test_unescaping_undoes_escaping(text: str) -> None:
    """A label value of any characters comes back as it was."""
    assert grammar.unescape(grammar.escape(text)) == text


@given(st.dictionaries(st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]*", fullmatch=True), st.text(), max_size=4))
def test_labels_are_read_as_they_were_written(labels: dict[str, str]) -> None:
    """Labels with any values come back, sorted by name."""
    text = ",".join(f'{name}="{grammar.escape(value)}"' for name, value in labels.items())

    assert grammar.labels(text) == tuple(sorted(labels.items()))


@pytest.mark.parametrize("text", ["", "  ", 'a="1",', ' a = "1" , b="2" '])
def test_blanks_and_a_last_comma_mean_nothing(text: str) -> None:
    """Labels may be spaced, and end in a comma, as Prometheus allows."""
    assert grammar.labels(text) is not None


@pytest.mark.parametrize("text", [",", "a", "a=", "a=1", 'a="1', 'a="1"b="2"', '1a="1"', 'a="1",a="1"', 'é="1"'])
def test_what_are_no_labels_are_none(text: str) -> None:
    """Anything but pairs of a name and a quoted text, each name once, is refused."""
    assert grammar.labels(text) is None


def test_a_family_is_what_its_comments_say_in_any_order() -> None:
    """TYPE, HELP and UNIT belong together by name; other comments to nobody."""
    lines = [
        "# HELP a Line\\nbreak \\\\ slash",
        "#TYPE c gauge",
        "# TYPE b counter",
        "# UNIT a volts",
        "# TYPE a gauge",
    ]

    assert grammar.families(lines) == {"a": ("gauge", "volts", "Line\nbreak \\ slash"), "b": ("counter", "", "")}


@pytest.mark.parametrize(("text", "number"), [("5", 5), ("-0", 0), ("+3", 3), ("9007199254740993", 2**53 + 1)])
def test_an_integer_is_exact(text: str, number: int) -> None:
    """What is written as an integer is one, of any length."""
    assert grammar.number(text) == number
    assert isinstance(grammar.number(text), int)


@pytest.mark.parametrize("text", ["", "_", "1_0", "1,0", "0x1", "one"])
def test_what_is_no_number_is_none(text: str) -> None:
    """Python's own liberties are not taken."""
    assert grammar.number(text) is None

"""What the exporter says over HTTP of a frozen machine, compared with what it said when it was last reviewed."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse_openmetrics
from prometheus_client.parser import text_string_to_metric_families as parse_text

from exporter.exposition import OPENMETRICS, TEXT
from tests import frozen
from tests.exporter.asking import get, serving
from tests.golden import CONTRACT, pages


@pytest.mark.parametrize("content_type", CONTRACT)
def test_the_answer_is_the_contract(tree: Path, content_type: str) -> None:
    """Every byte is as committed: names, labels, their order, and how each number is written."""
    with serving(pages(tree)) as server:
        reply = get(server.address, Accept=content_type)

    assert reply.headers["content-type"] == content_type
    expected = CONTRACT[content_type].read_bytes()
    assert reply.body.decode().splitlines() == expected.decode().splitlines(), "make golden, and read the diff"
    assert reply.body == expected, "make golden, and read the diff"


def test_both_pages_say_the_same() -> None:
    """prometheus-client finds the same series and values on the text page and on the OpenMetrics page."""
    text, openmetrics = (CONTRACT[content_type].read_text() for content_type in (TEXT, OPENMETRICS))

    series = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse_text(text)
        for sample in family.samples
    }
    assert series == {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parse_openmetrics(openmetrics)
        for sample in family.samples
    }


def test_every_family_has_help_and_type() -> None:
    """Whoever meets a series for the first time is told what it is, in which unit and with which sign."""
    families = list(parse_text(CONTRACT[TEXT].read_text()))

    assert [family.name for family in families if not family.documentation] == []
    assert {family.type for family in families} == {"gauge", "counter", "unknown"}


def test_every_source_is_in_the_contract() -> None:
    """A new source comes with its part of the frozen machine."""
    page = CONTRACT[TEXT].read_text()

    assert [name for name in frozen.SOURCES if f'driftscope_source_up{{source="{name}"}} 1\n' not in page] == []

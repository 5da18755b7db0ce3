"""CPU per series of parsing a page: the recorder's parser, beside prometheus-client's, on the same page."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

from recorder.parse import Parser

PAGE = Path(__file__).parents[1] / "contract" / "node.prom"
ROUNDS = 50


def rows() -> Iterator[tuple[str, ...]]:
    """A row a parser: microseconds of CPU per series, median of ROUNDS, and how many times ours."""
    text = PAGE.read_text()
    parser = Parser()
    count = len(parser.parse(text).values)

    def theirs(page: str) -> None:
        for _ in text_string_to_metric_families(page):
            pass

    ours = _median(lambda: parser.parse(text)) / count
    first = _median(lambda: Parser().parse(text)) / count
    other = _median(lambda: theirs(text)) / count
    yield "driftscope, steady state", f"{ours:.2f}", "1"
    yield "driftscope, a page never seen", f"{first:.2f}", f"{first / ours:.1f}"
    yield "prometheus-client", f"{other:.2f}", f"{other / ours:.1f}"


def _median(call: Callable[[], object]) -> float:
    """Microseconds of CPU."""
    call()
    took: list[float] = []
    for _ in range(ROUNDS):
        began = time.process_time_ns()
        call()
        took.append((time.process_time_ns() - began) / 1000)
    return sorted(took)[ROUNDS // 2]

"""Generates valid pages of every kind, and says what prometheus-client reads on them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from prometheus_client import parser as classic
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.samples import Timestamp

from recorder.parse import Page

CLASSIC_TYPES = ("counter", "gauge", "untyped", "summary", "histogram")
OPENMETRICS_TYPES = ("counter", "gauge", "unknown", "info", "stateset", "summary", "histogram", "gaugehistogram")

TRICKY = '\\"\n{}=,# _é漢\U0001f552\t'
VALUES = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=6) | st.text(TRICKY, max_size=8)
NAMES = st.from_regex(r"[a-zA-Z_][a-zA-Z0-9_]{0,5}", fullmatch=True).filter(lambda name: not name.startswith("__"))
LABELS = st.dictionaries(NAMES.filter(lambda name: name not in ("le", "quantile")), VALUES, max_size=3)
HELPS = VALUES.map(str.strip).filter(bool)

COUNTS = st.integers(0, 1 << 70).map(str)
WRITTEN = st.sampled_from(("NaN", "+Inf", "-Inf", "1e3", "-1E-5", ".5", "5.", "+3", "007", "-0", "-0.0", "1e400"))
ANY = st.integers(-(1 << 70), 1 << 70).map(str) | st.floats().map(repr) | WRITTEN


class Sample(NamedTuple):
    """One sample, as either parser gives it. ``timestamp`` in nanoseconds."""

    metric: str
    labels: dict[str, str]
    value: float
    timestamp: int | None
    type: str
    help: str


@dataclass(frozen=True)
class Family:
    """Comments, and sample lines without their numbers, for which there is a strategy."""

    comments: Sequence[str]
    heads: Sequence[str]
    tails: Sequence[str]
    numbers: SearchStrategy[Sequence[str]]


@dataclass(frozen=True)
class Written:
    """A page that may be written with any numbers."""

    families: Sequence[Family]
    openmetrics: bool

    def numbers(self) -> SearchStrategy[Sequence[Sequence[str]]]:
        """Numbers for all of its families."""
        return st.tuples(*(family.numbers for family in self.families))

    def text(self, numbers: Sequence[Sequence[str]]) -> str:
        """The page with these numbers."""
        lines: list[str] = []
        for family, some in zip(self.families, numbers, strict=True):
            parts = zip(family.heads, some, family.tails, strict=True)
            lines += [*family.comments, *(f"{head} {number}{tail}" for head, number, tail in parts)]
        return "".join(f"{line}\n" for line in lines) + ("# EOF\n" if self.openmetrics else "")


def escaped(text: str) -> str:
    """As between quotes."""
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def head(metric: str, **labels: str) -> str:
    """A sample line up to its number."""
    inside = ",".join(f'{name}="{escaped(value)}"' for name, value in labels.items())
    return f"{metric}{{{inside}}}" if inside else metric


@st.composite
def families(draw: st.DrawFn, number: int, is_openmetrics: bool) -> Family:
    """A family whose name nothing else on the page begins with."""
    type = draw(st.sampled_from(OPENMETRICS_TYPES if is_openmetrics else CLASSIC_TYPES))
    name = f"m{number}_{draw(NAMES)}x"
    if type == "counter" and not is_openmetrics and draw(st.booleans()):
        name += "_total"
    help = draw(HELPS)
    help = escaped(help) if is_openmetrics else help.replace("\\", r"\\").replace("\n", r"\n")
    comments = draw(st.permutations([f"# TYPE {name} {type}", f"# HELP {name} {help}"]))
    if draw(st.booleans()) and not is_openmetrics:
        comments = [*comments, "# a remark", ""]
    stamp = draw(_stamps(is_openmetrics))
    if type in ("histogram", "gaugehistogram", "summary"):
        return _distribution(draw, name, type, comments, stamp)
    ending = {"counter": "_total", "info": "_info"}.get(type, "") if is_openmetrics else ""
    labels = draw(st.lists(LABELS, min_size=1, max_size=4, unique_by=lambda one: tuple(sorted(one.items()))))
    if type == "stateset":
        labels = [{name: "on"}, {name: "off"}]
    heads = [head(name + ending, **some) for some in labels]
    tail = st.just(stamp)
    numbers = ANY
    if is_openmetrics and type == "counter":
        numbers = COUNTS | st.floats(0, allow_nan=False).map(repr)
        tail = st.just(stamp) | _exemplars().map(lambda exemplar: stamp + exemplar)
    elif is_openmetrics and type in ("info", "stateset"):
        numbers = st.just("1")
    tails = [draw(tail) for _ in heads]
    return Family(comments, heads, tails, st.tuples(*(numbers for _ in heads)))


def _distribution(draw: st.DrawFn, name: str, type: str, comments: Sequence[str], stamp: str) -> Family:
    """Buckets or quantiles, with count and sum."""
    if type == "summary":
        heads = [head(name, quantile=quantile) for quantile in ("0.5", "0.99")] + [f"{name}_sum", f"{name}_count"]
        return Family(comments, heads, [stamp] * 4, st.tuples(*[st.floats(0, 1e9).map(repr)] * 3, COUNTS))
    ends = ("_gsum", "_gcount") if type == "gaugehistogram" else ("_sum", "_count")
    heads = [head(f"{name}_bucket", le=bound) for bound in ("0.1", "1.0", "+Inf")] + [name + end for end in ends]
    exemplar = draw(_exemplars()) if stamp == "" and type != "histogram" else ""
    steps = st.lists(st.integers(0, 1 << 60), min_size=3, max_size=3).map(sorted)
    numbers = steps.map(lambda counts: [*map(str, counts), "12.5", str(counts[-1])])
    return Family(comments, heads, [stamp + exemplar, *[stamp] * 4], numbers)


def _stamps(is_openmetrics: bool) -> SearchStrategy[str]:
    if is_openmetrics:
        stated = st.from_regex(r"[0-8]?[0-9]{1,9}(\.[0-9]{1,9})?", fullmatch=True)
    else:
        stated = st.integers(0, 1 << 42).map(str)
    return st.just("") | stated.map(lambda text: f" {text}")


def _exemplars() -> SearchStrategy[str]:
    ids = st.text("abc123,#{}", max_size=6)
    return st.builds(lambda trace, value: f' # {{trace_id="{trace}"}} {value}', ids, st.floats(0, 1e9).map(repr))


@st.composite
def pages(draw: st.DrawFn) -> Written:
    """A valid page of one to five families."""
    is_openmetrics = draw(st.booleans())
    count = draw(st.integers(1, 5))
    return Written([draw(families(number, is_openmetrics)) for number in range(count)], is_openmetrics)


def theirs(text: str, is_openmetrics: bool) -> Iterator[Sample]:
    """What prometheus-client reads; a counter keeps the name that it has on the page."""
    parse = (openmetrics if is_openmetrics else classic).text_string_to_metric_families
    for family in parse(text):
        renamed = family.type == "counter" and f"{family.name}_total" not in text
        for sample in family.samples:
            name = sample.name.removesuffix("_total") if renamed else sample.name
            stamp = nanoseconds(sample.timestamp)
            yield Sample(name, dict(sample.labels), sample.value, stamp, family.type, family.documentation)


def ours(page: Page) -> Iterator[Sample]:
    """What we read."""
    for index, series in enumerate(page.layout.series):
        stamp = page.timestamps.get(index)
        yield Sample(series.metric, dict(series.labels), page.number(index), stamp, series.type, series.help)


def nanoseconds(timestamp: Any) -> int | None:
    """prometheus-client's timestamps: exact in OpenMetrics, else a float of whole milliseconds."""
    if isinstance(timestamp, Timestamp):
        return timestamp.sec * 1_000_000_000 + timestamp.nsec
    return None if timestamp is None else round(timestamp * 1000) * 1_000_000


def same(one: Sample, other: Sample) -> bool:
    """Whether they are equal, NaN being equal to itself, and minus zero not to zero."""
    if math.isnan(one.value) or math.isnan(other.value):
        return math.isnan(one.value) and math.isnan(other.value) and one[:2] + one[3:] == other[:2] + other[3:]
    return one == other

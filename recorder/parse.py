"""Exposition text to series and numbers: Prometheus 0.0.4 and OpenMetrics 1.0.

One target's page is the same from second to second but for the numbers. So a parser belongs to one target and
remembers the text around every number; as long as that has not changed, parsing is comparing it and converting
the numbers. Only what is new goes through the grammar.

The result is what prometheus-client's parser gives, thirty times as fast, with two differences: a line that is wrong
costs that line, and a counter keeps the name that it has on the wire.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from operator import itemgetter

from . import grammar

EXACT = 1 << 53
"""From here on a float64 does not hold every integer."""

MILLI, NANO = 1_000_000, 1_000_000_000

LONGEST = (1 << 63) - 1
"""Nanoseconds since 1970 that an int64 holds: until the year 2262."""

UNITS = frozenset(
    (
        *("seconds", "nanoseconds", "celsius", "hertz", "volts", "volt", "amperes", "amps", "joules", "joule"),
        *("watts", "watt", "bytes", "ratio", "rpm", "meters", "grams"),
    )
)
"""Last words of a name that are taken for its unit where the page does not say it."""

SUFFIXES = ("_total", "_info", "_bucket", "_sum", "_count", "_created", "_gsum", "_gcount")
"""What OpenMetrics, and classic histograms and summaries, append to a family's name."""


@dataclass(frozen=True)
class Series:
    """One number over time.

    ``name`` is the series as it is written, with its labels sorted: ``node_load1`` or ``up{job="a",node="b"}``. It is
    the column's name in the dataset.
    """

    name: str
    metric: str
    labels: tuple[tuple[str, str], ...]
    type: str = "unknown"
    unit: str = ""
    help: str = ""


@dataclass(frozen=True, eq=False)
class Layout:
    """The series of a page, in its order. The same object for as long as they stay the same."""

    series: tuple[Series, ...]


@dataclass(frozen=True)
class Page:
    """One page's numbers: ``values[i]`` belongs to ``layout.series[i]``.

    ``exact`` has the integers that float64 does not hold, by index; ``timestamps`` those that the page states, in
    integer nanoseconds since 1970, by index; ``complaints`` counts what was wrong with it, by reason: lines that were
    left out, and series whose type changed.
    """

    layout: Layout
    values: array[float]
    exact: dict[int, int] = field(default_factory=dict)
    timestamps: dict[int, int] = field(default_factory=dict)
    complaints: Counter[str] = field(default_factory=Counter)

    def number(self, index: int) -> int | float:
        """The value at ``index``, exactly."""
        return self.exact.get(index, self.values[index])


@dataclass(frozen=True)
class _Remembered:
    """A page without timestamps that had nothing wrong.

    What stood before each line's last space, which lines are no samples and how they end, and which are samples.
    """

    heads: tuple[str, ...]
    others: tuple[int, ...]
    other_tails: tuple[str, ...]
    numbers: tuple[int, ...]
    layout: Layout


class Parser:
    """Parses one target's pages. Not for use by several threads."""

    def __init__(self) -> None:
        self._known: dict[str, Series | None] = {}
        self._families: dict[str, tuple[str, str, str]] = {}
        self._types: dict[str, str] = {}
        self._layout = Layout(())
        self._remembered: _Remembered | None = None

    def parse(self, text: str, openmetrics: bool = False) -> Page:
        """The page's series and numbers. Nothing in ``text`` makes it raise.

        ``openmetrics`` only decides what a timestamp's unit is: seconds there, milliseconds otherwise.
        """
        lines = text.split("\n")
        heads, _, tails = zip(*(line.rpartition(" ") for line in lines), strict=True)
        return self._again(heads, tails) or self._anew(lines, heads, tails, openmetrics)

    def _again(self, heads: tuple[str, ...], tails: tuple[str, ...]) -> Page | None:
        """The page, if it is the one before with other numbers."""
        known = self._remembered
        if known is None or heads != known.heads or _pick(known.others, tails) != known.other_tails:
            return None
        words = _pick(known.numbers, tails)
        try:
            values = array("d", map(float, words))
        except ValueError:
            return None
        digits = "".join(words)
        if "_" in digits or not _is_word(digits):  # what float() would pass over, and the grammar would not
            return None
        if max(map(abs, values), default=0) < EXACT:
            return Page(known.layout, values)
        exact = {
            index: number
            for index, value in enumerate(values)
            if abs(value) >= EXACT and isinstance(number := grammar.number(words[index]), int)
        }
        return Page(known.layout, values, exact)

    def _anew(self, lines: Sequence[str], heads: tuple[str, ...], tails: tuple[str, ...], openmetrics: bool) -> Page:
        """The page by the grammar, line by line; remembered if it can be."""
        families = grammar.families(lines)
        page = Page(Layout(()), array("d"))
        if families != self._families:
            self._families, self._known = families, {}
            page.complaints.update(self._changed_types())
        found: dict[Series, int] = {}
        numbers: list[int] = []
        for at, line in enumerate(lines):
            if not line.strip() or line.lstrip().startswith("#"):
                continue
            series, value, timestamp = self._line(line)
            number = grammar.number(value)
            if series is None or number is None:
                page.complaints["not a number" if series else "not a sample"] += 1
            elif series in found:
                page.complaints["series twice"] += 1
            else:
                index = found[series] = len(found)
                numbers.append(at)
                page.values.append(float(value))  # of an integer too long for float64: infinite
                if isinstance(number, int) and abs(number) >= EXACT:
                    page.exact[index] = number
                if timestamp:
                    self._stamp(page, index, timestamp, openmetrics)
        if self._layout.series != tuple(found):
            self._layout = Layout(tuple(found))
        layout = self._layout
        if len(self._known) > 2 * len(lines):  # series that have gone
            self._known = {head: self._known[head] for head in heads if head in self._known}
        others = tuple(sorted(set(range(len(lines))) - set(numbers)))
        plain = not page.complaints and not page.timestamps and all(heads[at] in self._known for at in numbers)
        self._remembered = _Remembered(heads, others, _pick(others, tails), tuple(numbers), layout) if plain else None
        return Page(layout, page.values, page.exact, page.timestamps, page.complaints)

    def _changed_types(self) -> Iterator[str]:
        """A complaint for each family whose type is not what it was."""
        for family, (type, _, _) in self._families.items():
            if self._types.setdefault(family, type) != type:
                yield "type changed"
            self._types[family] = type

    def _line(self, line: str) -> tuple[Series | None, str, str]:
        """A line's series, the text of its number, and that of its timestamp."""
        head, _, value = line.rpartition(" ")
        if head in self._known and _is_word(value):
            return self._known[head], value, ""
        head, _, earlier = head.rpartition(" ")
        if head in self._known and _is_word(earlier + value):
            return self._known[head], earlier, value
        match = grammar.SAMPLE.fullmatch(line.strip())
        if match is None:
            return None, "", ""
        series = self._series(match["metric"], match["labels"] or "")
        if line.startswith(match["head"] + " "):
            self._known[match["head"]] = series
        return series, match["value"], match["timestamp"] or ""

    def _series(self, metric: str, labels_text: str) -> Series | None:
        labels = grammar.labels(labels_text)
        if labels is None:
            return None
        inside = ",".join(f'{name}="{grammar.escape(value)}"' for name, value in labels)
        type, unit, help = self._family(metric)
        return Series(f"{metric}{{{inside}}}" if inside else metric, metric, labels, type, unit, help)

    def _family(self, metric: str) -> tuple[str, str, str]:
        """Type, unit and help of the family that a sample of this name belongs to."""
        stems = (metric[: -len(suffix)] for suffix in SUFFIXES if metric.endswith(suffix))
        name = next((name for name in (metric, *stems) if name in self._families), metric)
        type, unit, help = self._families.get(name, ("unknown", "", ""))
        last = metric.removesuffix("_total").rpartition("_")[2]
        return type, unit or (last if last in UNITS else ""), help

    def _stamp(self, page: Page, index: int, timestamp: str, openmetrics: bool) -> None:
        try:
            nanoseconds = Decimal(timestamp) * (NANO if openmetrics else MILLI)
            if "_" in timestamp or abs(nanoseconds) > LONGEST:
                raise ValueError(timestamp)
            page.timestamps[index] = int(nanoseconds)
        except (ArithmeticError, ValueError):
            page.complaints["timestamp"] += 1


def _is_word(text: str) -> bool:
    """Whether the grammar would take this for one word too, and not for two or the beginning of an exemplar."""
    return "#" not in text and text.split() == [text]


def _pick(indices: tuple[int, ...], words: tuple[str, ...]) -> tuple[str, ...]:
    """The words at these indices."""
    if len(indices) < 2:
        return tuple(words[index] for index in indices)
    return itemgetter(*indices)(words)

"""The grammar of Prometheus 0.0.4 and OpenMetrics 1.0, a line at a time.

https://prometheus.io/docs/instrumenting/exposition_formats/ and https://prometheus.io/docs/specs/om/open_metrics_spec/
"""

from __future__ import annotations

import re
from collections.abc import Sequence

_STRING = r'"(?:[^"\\]|\\.)*"'
SAMPLE = re.compile(
    r"(?P<head>(?P<metric>[a-zA-Z_:][a-zA-Z0-9_:]*)"
    rf'(?:[ \t]*\{{(?P<labels>(?:[^"}}]|{_STRING})*)\}}|(?=[ \t])))'
    r"[ \t]*(?P<value>[^\s#]+)(?:[ \t]+(?P<timestamp>[^\s#]+))?(?:[ \t]+#.*)?",
    re.ASCII,
)
"""A sample with its exemplar, which is not recorded."""

_LABEL = re.compile(rf"[ \t]*([a-zA-Z_][a-zA-Z0-9_]*)[ \t]*=[ \t]*({_STRING})[ \t]*(,|$)", re.ASCII)
_COMMENT = re.compile(r"#[ \t]+(TYPE|HELP|UNIT)[ \t]+(\S+)(?:[ \t]+(.*))?")
_TYPES = {"": "unknown", "untyped": "unknown"}
_ESCAPE = re.compile(r'\\([\\n"])')


def families(lines: Sequence[str]) -> dict[str, tuple[str, str, str]]:
    """Type, unit and help by family name, as the page's comments state them."""
    stated: dict[str, dict[str, str]] = {}
    for line in lines:
        if line.startswith("#") and (match := _COMMENT.match(line)):
            stated.setdefault(match[2], {})[match[1]] = (match[3] or "").strip()
    return {
        name: (_TYPES.get(type := said.get("TYPE", ""), type), said.get("UNIT", ""), unescape(said.get("HELP", "")))
        for name, said in stated.items()
    }


def labels(text: str) -> tuple[tuple[str, str], ...] | None:
    """``a="b",c="d"`` -> pairs sorted by name; None if it does not look like that or names one twice."""
    found: dict[str, str] = {}
    position = 0
    text = text.strip()
    while position < len(text):
        match = _LABEL.match(text, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = unescape(match[2][1:-1])
        position = match.end()
    return tuple(sorted(found.items()))


def number(text: str) -> int | float | None:
    """An integer exactly, anything else as float64; None if it is no number."""
    if "_" in text:
        return None
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return None


def unescape(text: str) -> str:
    """The text that a label value or a help means."""
    return _ESCAPE.sub(lambda match: "\n" if match[1] == "n" else match[1], text) if "\\" in text else text


def escape(text: str) -> str:
    """A label value as it is written between quotes."""
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")

"""Asks one node for samples that it took before: GET /history?after=SEQ&limit=N.

The answer is OpenMetrics text in which all points of one series follow one another. Every line of one sample has the
same timestamp, so by that the samples are put together again, each as the page that it once was; what a page means is
for parse.py. An answer that does not end in ``# EOF`` was cut off and counts for nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import requests

from . import connection, wire
from .connection import Refused
from .parse import Page, Parser
from .targets import Target

TIMEOUT = 10.0
"""Seconds that an answer may take at least: hundreds of samples take longer than one page."""

BODY_SIZE_LIMIT = 64 << 20
"""Bytes. A node stops at some 4 MB, but gives one sample whole however large it is."""


class NoHistoryError(Exception):
    """The node keeps no history, as no exporter but ours does."""


@dataclass(frozen=True)
class Answer:
    """Samples by sequence, in order, all of one epoch; and which sequences the node holds in all, None if nothing."""

    epoch: str
    oldest: int | None
    newest: int | None
    samples: dict[int, Page]


class History:
    """One node's history. Not for use by several threads."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._session: requests.Session | None = None
        self._parser = Parser()

    def close(self) -> None:
        """Keep no connection; the next question makes one."""
        if self._session:
            self._session.close()
        self._session = None

    def ask(self, after: int, limit: int) -> Answer:
        """At most ``limit`` samples with sequences beyond ``after``.

        Raises NoHistoryError, Refused, or one of connection.NOT_HTTP.
        """
        self._session = self._session or connection.session(self._target)
        timeout = max(TIMEOUT, self._target.timeout)
        deadline = time.monotonic() + timeout
        with self._session.get(
            f"{self._target.base}/history",
            params={"after": after, "limit": limit},
            timeout=timeout,
            stream=True,
            allow_redirects=False,
        ) as answer:
            epoch = answer.headers.get(wire.EPOCH_HEADER)
            if answer.status_code == 404 or (answer.status_code == 200 and epoch is None):
                raise NoHistoryError(self._target.node)
            if answer.status_code != 200 or epoch is None:
                raise Refused("status", f"HTTP status {answer.status_code}")
            body = connection.body(answer, BODY_SIZE_LIMIT, deadline)
            oldest, newest = _held(answer.headers)
        if not body.endswith(b"# EOF\n"):
            raise Refused("cut off", f"{len(body)} bytes of history that do not end in # EOF")
        return Answer(epoch, oldest, newest, self._samples(body, epoch, after))

    def _samples(self, body: bytes, epoch: str, after: int) -> dict[int, Page]:
        """The samples of an answer; refused if one has no number, or another one than it can have."""
        try:
            text = body.decode()
        except UnicodeDecodeError as error:
            raise Refused("not metrics", f"not UTF-8 at byte {error.start}") from None
        samples: dict[int, Page] = {}
        for one in pages(text):
            page = self._parser.parse(one, openmetrics=True)
            if len(page.values) > self._target.sample_limit:
                raise Refused("too many series", f"{len(page.values)}, more than {self._target.sample_limit}")
            epoch_said, sequence = wire.meaning(page.layout).sample(page) or ("", after)
            if epoch_said != epoch or sequence <= after or sequence in samples:
                raise Refused("not a history", f"sample {sequence} of {epoch_said!r} after {after} of {epoch!r}")
            samples[sequence] = page
        return dict(sorted(samples.items()))


def pages(text: str) -> Iterator[str]:
    """Each sample in an answer as a page of its own, without timestamps, in the order in which they are met."""
    comments: list[str] = []
    samples: dict[str, list[str]] = {}
    for line in text.split("\n"):
        if line.startswith("#"):
            comments.append(line)
        elif line:
            sample, _, timestamp = line.rpartition(" ")
            samples.setdefault(timestamp, []).append(sample)
    if comments and comments[-1] == "# EOF":
        del comments[-1]
    for lines in samples.values():
        yield "\n".join((*comments, *lines, ""))


def _held(headers: Mapping[str, str]) -> tuple[int | None, int | None]:
    """The oldest and the newest sequence that the node holds."""
    said = [headers.get(name, "") for name in (wire.OLDEST_HEADER, wire.NEWEST_HEADER)]
    oldest, newest = (int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None for text in said)
    return (oldest, newest) if oldest is not None and newest is not None else (None, None)

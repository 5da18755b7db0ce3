"""What the exporter answers: /metrics, /history, /inventory, /-/healthy, /-/ready and a landing page."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from gzip import compress
from http import HTTPStatus
from typing import Any

from .exposition import GZIP_LEVEL, OPENMETRICS, Pages, negotiate
from .history import page
from .history.keeper import BusyError, Keeper
from .server import Answer, Request

CLOCK_HEADER = "Driftscope-Realtime-Nanoseconds"
"""Header of /metrics: this node's CLOCK_REALTIME while it answers. With the times of the request and the reply on the
asker's clock, it bounds the offset between the two clocks rigorously."""

EPOCH_HEADER, OLDEST_HEADER, NEWEST_HEADER = (f"Driftscope-Sample-{name}" for name in ("Epoch", "Oldest", "Newest"))
"""Headers of /history: which numbering of samples it is of, and what is held now."""

LONGEST = 18
"""Digits of a number in a query."""

LANDING = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>driftscope exporter</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>body {{ font: 16px/1.5 system-ui, sans-serif; margin: 3em auto; max-width: 40em; padding: 0 1em }}</style>
</head><body><h1>driftscope exporter</h1>
<p>{state}</p>
<ul>
<li><a href="/metrics">/metrics</a>: the last sample, for Prometheus</li>
{history}<li><a href="/inventory">/inventory</a>: what was found on this machine, what was left out and why</li>
<li><a href="/-/healthy">/-/healthy</a>, <a href="/-/ready">/-/ready</a>: is it running, has it a sample</li>
</ul></body></html>
"""

HISTORY = """\
<li><a href="/history">/history?after=SEQUENCE&amp;limit=60</a>: samples that were taken before, as OpenMetrics</li>
"""


@dataclass(frozen=True)
class Site:
    """Everything there is to ask for. ``inventory`` is called when somebody asks for it."""

    pages: Pages
    inventory: Callable[[], dict[str, Any]]
    history: Keeper | None = None

    def answer(self, request: Request) -> Answer:
        """What there is at the request's path."""
        if request.path == "/metrics":
            return self._metrics(negotiate(request.accept), request.gzip)
        if request.path == "/history" and self.history:
            return self._history(self.history, request.query, request.gzip)
        pages = {"/": self._landing, "/inventory": self._inventory, "/-/healthy": _healthy, "/-/ready": self._ready}
        return pages.get(request.path, _not_found)()

    def _metrics(self, content_type: str, gzip: bool) -> Answer:
        body = self.pages.page(content_type, compressed=gzip)
        if body is None:
            return self._ready()
        headers = [("Vary", "Accept, Accept-Encoding")]
        if gzip:
            headers.append(("Content-Encoding", "gzip"))
        headers.append((CLOCK_HEADER, str(time.time_ns())))
        return Answer(HTTPStatus.OK, content_type, body, tuple(headers))

    def _history(self, history: Keeper, query: Mapping[str, str], gzip: bool) -> Answer:
        try:
            after, limit = number(query, "after", 0), number(query, "limit", page.DEFAULT)
            held, samples = history.after(after, min(limit, page.MOST))
        except ValueError as error:
            return Answer(HTTPStatus.BAD_REQUEST, "text/plain", f"{error}\n".encode())
        except BusyError:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"the history is busy\n")
        headers = [("Vary", "Accept-Encoding"), (EPOCH_HEADER, history.numbering.epoch)]
        if held:
            headers += [(OLDEST_HEADER, str(held.oldest)), (NEWEST_HEADER, str(held.newest))]
        body = page.page(page.in_order(samples)).encode(errors="replace")
        if gzip:
            body = compress(body, GZIP_LEVEL)
            headers.append(("Content-Encoding", "gzip"))
        return Answer(HTTPStatus.OK, OPENMETRICS, body, tuple(headers))

    def _landing(self) -> Answer:
        sample = self.pages.sample
        state = f"Sample {sample.sequence}, {len(sample.values)} series." if sample else "No sample yet."
        return Answer(
            HTTPStatus.OK,
            "text/html; charset=utf-8",
            LANDING.format(state=state, history=HISTORY if self.history else "").encode(),
        )

    def _inventory(self) -> Answer:
        return Answer(HTTPStatus.OK, "application/json", json.dumps(self.inventory(), indent=2).encode())

    def _ready(self) -> Answer:
        if self.pages.sample is None:
            return Answer(HTTPStatus.SERVICE_UNAVAILABLE, "text/plain", b"no sample yet\n")
        return Answer(HTTPStatus.OK, "text/plain", b"ready\n")


def number(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from a query. Raises ValueError, which says what would be one."""
    text = query.get(name, str(default))
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST:
        raise ValueError(f"{name}={text!r} is not a whole number, such as {name}={default}")
    return int(text)


def _healthy() -> Answer:
    return Answer(HTTPStatus.OK, "text/plain", b"healthy\n")


def _not_found() -> Answer:
    return Answer(HTTPStatus.NOT_FOUND, "text/plain", b"not here; / lists what is\n")
